"""Messages that show a job no more: each leads to the one that does, or goes. They say nothing that is not so."""

from __future__ import annotations

import logging
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

from cogs.delivery.attempts import RefusedError
from cogs.delivery.discord_errors import DiscordRefusal
from cogs.delivery.fallbacks import means
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
        """Have the messages that others have replaced lead there, or go; the ids of those that need nothing more."""
        left = job.replaced
        return frozenset([old.id for old in left if await self._cleared(job, old, _successor(job, old))])

    async def remove(self, job: Job, *, but: int | None) -> None:
        """Take the job's messages away (all `but` one that is gone already), as far as Discord allows."""
        for message in (*job.messages, *job.replaced):
            if message.id != but:
                await self._cleared(job, message, None)

    async def _cleared(self, job: Job, old: PostedMessage, new: PostedMessage | None) -> bool:
        """Whether an old message leads to a new one by now, is gone, or can't be changed by anything any more."""
        transports = MessageTransport(self._client, self._pictures, job, RenderOptions())
        delete, point = partial(transports.delete, old), [partial(transports.point, old, new)] if new else []
        calls = [delete, *point] if new and new.ephemeral else [*point, delete]  # to others it would lead nowhere
        open_to = means(job, old, self._clock())
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
        """What becomes of a call about a message, which is not tried again here; None where it is carried out."""
        try:
            await call()
        except (RefusedError, DeliveryDelayedError) as error:
            log.info("job %s: message %d is left as it is: %s", job.id, message.id, error)
            return error.refusal if isinstance(error, RefusedError) else DiscordRefusal.LATER
        return None


def _successor(job: Job, old: PostedMessage) -> PostedMessage | None:
    """The message that shows what an old one did; None where nothing is shown any more."""
    if job.deleted_at is not None or not job.messages:
        return None
    return job.messages[min(old.page, len(job.messages) - 1)]
