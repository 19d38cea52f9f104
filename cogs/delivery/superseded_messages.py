"""Tidies messages that no longer show a job: each gets a link to the message that does, or is deleted.

In an archived thread, Discord allows deleting messages, and posting opens the thread. In a locked thread, messages can
be deleted. In one that is both, nothing is possible without Manage Threads. So what is left to tidy is in the row:
`replaced` is written before a message is touched, and `retry_at` says when to try again.
"""

from __future__ import annotations

import logging
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

from cogs.delivery.attempts import RefusedError
from cogs.delivery.discord_errors import DiscordRefusal
from cogs.delivery.fallbacks import edit_means
from cogs.delivery.mentions import mention_beside
from cogs.delivery.render_options import RenderOptions
from cogs.delivery.transports import MessageTransport
from studio.jobs.errors import DeliveryDelayedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import discord

    from studio.clock import Clock
    from studio.jobs.job import Job
    from studio.jobs.messages import PostedMessage
    from studio.jobs.ports import PictureFiles

log = logging.getLogger(__name__)


class SupersededMessages:
    def __init__(self, client: discord.Client, pictures: PictureFiles, clock: Clock) -> None:
        self._client = client
        self._pictures = pictures
        self._clock = clock

    async def tidy(self, job: Job) -> frozenset[int]:
        """Link or delete messages that others have replaced. Returns the ids of those that are done."""
        replaced = job.replaced
        return frozenset([old.id for old in replaced if await self._cleared(job, old, _successor(job, old))])

    async def remove(self, job: Job, *, but: int | None) -> None:
        """Delete the job's messages as far as Discord allows, except `but`, which is deleted already.

        What has mentioned the member beside them goes with them.
        """
        messages = (*job.messages, *job.replaced)
        for message in (*messages, *filter(None, (mention_beside(job, message) for message in messages))):
            if message.id != but:
                await self._cleared(job, message, None)

    async def _cleared(self, job: Job, old: PostedMessage, new: PostedMessage | None) -> bool:
        """Return whether an old message is done: it links to the new one, is deleted, or can't be changed any more."""
        methods = MessageTransport(self._client, self._pictures, job, RenderOptions())
        delete = partial(methods.delete, old)
        link = [partial(methods.link_to_successor, old, new)] if new else []
        # To others, a link to an ephemeral message would lead nowhere.
        calls = [delete, *link] if new and new.ephemeral else [*link, delete]
        open_to = edit_means(job, old, self._clock())
        gone = False
        for call, by_token in product(calls, list(open_to)):
            if by_token not in open_to:
                continue
            refusal = await self._refusal(job, old, partial(call, by_token=by_token))
            if refusal is None:
                return True
            gone = gone or refusal is DiscordRefusal.GONE
            if by_token and refusal is DiscordRefusal.TOKEN:
                open_to.remove(by_token)
        return gone or not open_to

    async def _refusal(
        self, job: Job, message: PostedMessage, call: Callable[[], Awaitable[object]]
    ) -> DiscordRefusal | None:
        """Try a call once; None if it succeeds, otherwise how Discord refused it."""
        try:
            await call()
        except (RefusedError, DeliveryDelayedError) as error:
            log.debug("job %s: message %d can't be changed: %s", job.id, message.id, error)
            return error.refusal if isinstance(error, RefusedError) else DiscordRefusal.LATER
        return None


def _successor(job: Job, old: PostedMessage) -> PostedMessage | None:
    """Return the message that now shows an old one's page; None if the job isn't shown any more."""
    if job.deleted_at is not None or not job.messages:
        return None
    return job.messages[min(old.page, len(job.messages) - 1)]
