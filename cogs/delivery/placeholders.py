"""A job's first message: the answer to the interaction, or the reply to the message, that asked for the job.

Another program may run with the same token, and its database knows nothing of this one's jobs. Discord takes one answer
to an interaction, and of the replies that carry the nonce made of a message's id it posts one. So whoever was slower
finds a message that does not have its job's mark (`mark_of`), and gives its job up: what is asked once is made once.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from cogs.delivery.attempts import RefusedError, attempt
from cogs.delivery.discord_errors import ALREADY_ANSWERED, INVALID_FORM, UNKNOWN_INTERACTION, UNKNOWN_MESSAGE
from cogs.delivery.fallbacks import token_lives
from cogs.delivery.job_message import mark_of, render
from cogs.delivery.log_throttle import OncePerHour
from cogs.delivery.posted_files import mark_in
from cogs.delivery.render_options import WHOLE
from cogs.delivery.transports import QUIET, MessageTransport, reply_nonce
from studio.jobs.errors import AnsweredElsewhereError, DeliveryDelayedError, UndeliverableError
from studio.jobs.messages import PostedMessage

if TYPE_CHECKING:
    from studio.clock import Clock
    from studio.jobs.job import Job
    from studio.jobs.ports import PictureFiles

log = logging.getLogger(__name__)

MOST_READ = 100  # messages, in one call
NONCE_SECONDS = 60.0  # so long Discord certainly remembers a nonce: it says "the past few minutes"
# How Discord refuses an answer where it has one. Source: Discord API reference, JSON error codes; JDA #2687: the
# second comes in place of the first now and then.
_PERHAPS_ANSWERED = {ALREADY_ANSWERED, UNKNOWN_INTERACTION}
_OUT_OF_ORDER = (discord.DiscordServerError, aiohttp.ClientError, OSError)


class Placeholders:
    def __init__(self, client: discord.Client, pictures: PictureFiles, clock: Clock) -> None:
        self._client = client
        self._pictures = pictures
        self._clock = clock
        self._warnings = OncePerHour(clock)

    async def answer(self, interaction: discord.Interaction, job: Job, *, in_place: bool) -> PostedMessage:
        """Answer an interaction: by a new message, or `in_place` of the one that was pressed.

        Raises what discord.py raises, DeliveryDelayedError where nobody knows whether it is there, and
        AnsweredElsewhereError.
        """
        page = render(job)[0]
        response: Any = interaction.response
        send = response.edit_message if in_place else partial(response.send_message, ephemeral=job.origin.private)
        try:
            answer = await send(view=page.view, allowed_mentions=QUIET)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            found = await self._answered_all_the_same(job) if _may_be_answered(error) else None
            if found is None:
                raise
            return replace(found, drawing=page.digest)
        if answer.message_id is None:
            raise UndeliverableError("Discord's answer names no message")
        return PostedMessage(
            id=answer.message_id,
            channel_id=job.origin.channel_id,
            by_token=True,
            drawing=page.digest,
            ephemeral=answer.is_ephemeral(),
        )

    async def _answered_all_the_same(self, job: Job) -> PostedMessage | None:
        """Where Discord's own answer was lost, discord.py sends again, and that is refused."""
        with suppress(RefusedError):
            return await self._answered(job)
        return None

    async def reply(self, job: Job) -> PostedMessage:
        """Reply to the message that asked.

        Raises as `answer` does, and UndeliverableError if that message, or the reply that it had, was deleted.
        """
        page, asking = render(job)[0], self._asking(job)
        if self._clock() - asking.created_at.timestamp() > NONCE_SECONDS and (found := await self._replied(job)):
            return found
        nonce = reply_nonce(asking.id)
        send = partial(asking.reply, view=page.view, mention_author=False, allowed_mentions=QUIET, nonce=nonce)
        try:
            try:
                message = await send()
            except _OUT_OF_ORDER:
                message = await send()  # if only the answer was lost, its nonce brings back what was posted
        except _OUT_OF_ORDER as error:
            raise DeliveryDelayedError(f"whether it was posted is not known: {error}") from error
        except discord.HTTPException as error:
            if _is_gone(error):
                raise UndeliverableError("the message that asks, or its answer, is gone") from error
            raise
        return replace(self._own(message, job, by_token=False), drawing=page.digest)

    async def find(self, job: Job) -> PostedMessage | None:
        """The placeholder of a job whose process died before it wrote down that it was posted.

        None if there is none: nothing was answered, or another program has answered. Raises: DeliveryDelayedError, and
        UndeliverableError where nobody can tell any more.
        """
        try:
            if job.origin.reply_to is not None:
                return await self._replied(job) or replace(await self.reply(job), drawing="")
            if token_lives(job, self._clock()):
                return await self._answered(job)
        except UndeliverableError:  # another has answered, or the message that asks was taken back
            return None
        except (RefusedError, discord.HTTPException) as error:
            raise UndeliverableError(str(error)) from error
        raise UndeliverableError("the interaction's token is dead")

    async def _answered(self, job: Job) -> PostedMessage | None:
        """Raises: AnsweredElsewhereError, DeliveryDelayedError, RefusedError."""
        message = await MessageTransport(self._client, self._pictures, job, WHOLE).first_response()
        return self._own(message, job, by_token=True) if message else None

    async def _replied(self, job: Job) -> PostedMessage | None:
        """The bot's reply among the messages that follow the one that asked.

        Raises: AnsweredElsewhereError, DeliveryDelayedError.
        """
        asking, me = self._asking(job), self._client.user
        with suppress(RefusedError):
            async with attempt():
                async for message in asking.channel.history(after=asking, limit=MOST_READ):
                    replied = message.reference.message_id if message.reference else None
                    ours = me is not None and message.author.id == me.id and mark_in(message) is not None
                    if ours and replied == asking.id:
                        return self._own(message, job, by_token=False)
        return None

    def _own(self, message: discord.Message, job: Job, *, by_token: bool) -> PostedMessage:
        """The message as the job's. Raises: AnsweredElsewhereError where it isn't."""
        if (mark := mark_in(message)) != mark_of(job.id):
            if mark is not None:  # what has none is no job's: a question that its press has not changed
                self._warn(job)
            raise AnsweredElsewhereError(f"message {message.id} is not the job's")
        return PostedMessage(
            id=message.id,
            channel_id=job.origin.channel_id,
            by_token=by_token,
            drawing="",
            ephemeral=message.flags.ephemeral,
        )

    def _warn(self, job: Job) -> None:
        if self._warnings.is_news("token"):
            log.warning(
                "another program is answering with this token: it was faster with job %s, of which nothing is made or "
                "charged here. Stop the other program, or give each shard to one process (SHARD_IDS). If you know of "
                "none, reset the token at https://discord.com/developers/applications, page Bot.",
                job.id,
            )

    def _asking(self, job: Job) -> discord.PartialMessage:
        assert job.origin.reply_to is not None  # noqa: S101 - the caller knows that a message asked
        channel = self._client.get_partial_messageable(job.origin.channel_id, guild_id=job.origin.guild_id)
        return channel.get_partial_message(job.origin.reply_to)


def _may_be_answered(error: Exception) -> bool:
    """Whether the interaction may have an answer although Discord did not say that it took ours."""
    if isinstance(error, discord.HTTPException):
        return isinstance(error, discord.DiscordServerError) or error.code in _PERHAPS_ANSWERED
    return True


def _is_gone(error: discord.HTTPException) -> bool:
    """Whether a message can't be replied to any more, or was, and the reply was deleted since."""
    return error.code == UNKNOWN_MESSAGE or (error.code == INVALID_FORM and "message_reference" in error.text)
