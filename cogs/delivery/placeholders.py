"""Posts a job's first message: the answer to the interaction, or the reply to the message, that requested the job.

Another program may run with the same token and a different database. Discord accepts one answer to an interaction, and
posts only one of the replies that have the same nonce, which is made from the message's id. So the slower program finds
a message without its job's mark (`mark_of`) and gives its job up: one request makes one job. The credits of that job
are refunded, its member notices nothing, and the operator gets one warning an hour.

- Error 40060 (already answered) alone proves nothing, because discord.py may have sent the same answer twice. So the
  answer is fetched and its mark is compared.
- Discord remembers nonces for some minutes. So after a crash, and for a message that arrives more than a minute late,
  the replies to it are read before another one is posted.
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
NONCE_SECONDS = 60.0  # Discord remembers nonces of "the past few minutes"
# Discord's errors for an interaction that is answered already. Source: Discord API reference, JSON error codes; the
# second is sometimes sent instead of the first (JDA #2687).
_PERHAPS_ANSWERED = {ALREADY_ANSWERED, UNKNOWN_INTERACTION}
_NO_ANSWER = (discord.DiscordServerError, aiohttp.ClientError, OSError)


class Placeholders:
    def __init__(self, client: discord.Client, pictures: PictureFiles, clock: Clock) -> None:
        self._client = client
        self._pictures = pictures
        self._clock = clock
        self._warnings = OncePerHour(clock)

    async def answer(self, interaction: discord.Interaction, job: Job, *, in_place: bool) -> PostedMessage:
        """Answer an interaction with the job's message; `in_place`: the message of the pressed button becomes it.

        Raises: what discord.py raises, DeliveryDelayedError if it is unknown whether the message was posted, and
        AnsweredElsewhereError.
        """
        page = render(job)[0]
        response: Any = interaction.response
        in_its_place = partial(response.edit_message, content=None)  # a refusal's text goes
        send = in_its_place if in_place else partial(response.send_message, ephemeral=job.origin.private)
        try:
            answer = await send(view=page.view, allowed_mentions=QUIET)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            posted = await self._posted_after_all(job) if _may_be_answered(error) else None
            if posted is None:
                raise
            return replace(posted, drawing=page.digest)
        if answer.message_id is None:
            raise UndeliverableError("Discord's answer has no message id")
        return PostedMessage(
            id=answer.message_id,
            channel_id=job.origin.channel_id,
            by_token=True,
            drawing=page.digest,
            ephemeral=answer.is_ephemeral(),
        )

    async def _posted_after_all(self, job: Job) -> PostedMessage | None:
        """Find the message if Discord refused only discord.py's second try, because the first answer was lost."""
        with suppress(RefusedError):
            return await self._answered(job)
        return None

    async def reply(self, job: Job) -> PostedMessage:
        """Reply to the message that requested the job.

        Raises: what `answer` raises, and UndeliverableError if that message, or the reply to it, was deleted.
        """
        page, request = render(job)[0], self._request_message(job)
        if self._clock() - request.created_at.timestamp() > NONCE_SECONDS and (posted := await self._replied(job)):
            return posted
        nonce = reply_nonce(request.id)
        send = partial(request.reply, view=page.view, mention_author=False, allowed_mentions=QUIET, nonce=nonce)
        try:
            try:
                message = await send()
            except _NO_ANSWER:
                message = await send()  # if only the answer was lost, the nonce returns the posted message
        except _NO_ANSWER as error:
            raise DeliveryDelayedError(f"it is unknown whether the reply was posted: {error}") from error
        except discord.HTTPException as error:
            if _is_gone(error):
                raise UndeliverableError("the message or the reply to it was deleted") from error
            raise
        return replace(self._own(message, job, by_token=False), drawing=page.digest)

    async def find(self, job: Job) -> PostedMessage | None:
        """Find the placeholder of a job whose process died before it recorded the message.

        None if there is none: nothing was posted, or another program has answered. Raises: DeliveryDelayedError, and
        UndeliverableError if it can't be found out any more.
        """
        try:
            if job.origin.reply_to is not None:
                return await self._replied(job) or replace(await self.reply(job), drawing="")
            if token_lives(job, self._clock()):
                return await self._answered(job)
        except UndeliverableError:  # another program has answered, or the message was deleted
            return None
        except (RefusedError, discord.HTTPException) as error:
            raise UndeliverableError(str(error)) from error
        raise UndeliverableError("the interaction's token is dead")

    async def _answered(self, job: Job) -> PostedMessage | None:
        """Fetch the interaction's answer, if it is the job's message.

        Raises: AnsweredElsewhereError, DeliveryDelayedError, RefusedError.
        """
        message = await MessageTransport(self._client, self._pictures, job, WHOLE).first_response()
        return self._own(message, job, by_token=True) if message else None

    async def _replied(self, job: Job) -> PostedMessage | None:
        """Find the bot's reply among the messages after the one that requested the job.

        Raises: AnsweredElsewhereError, DeliveryDelayedError.
        """
        request, me = self._request_message(job), self._client.user
        with suppress(RefusedError):
            async with attempt():
                async for message in request.channel.history(after=request, limit=MOST_READ):
                    replied = message.reference.message_id if message.reference else None
                    ours = me is not None and message.author.id == me.id and mark_in(message) is not None
                    if ours and replied == request.id:
                        return self._own(message, job, by_token=False)
        return None

    def _own(self, message: discord.Message, job: Job, *, by_token: bool) -> PostedMessage:
        """Record the message as the job's. Raises: AnsweredElsewhereError if it isn't."""
        if (mark := mark_in(message)) != mark_of(job.id):
            if mark is not None:  # a message without one is a question whose button was pressed
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
                "another program is answering with this token: it was faster with job %s, so nothing is made or "
                "charged for it here. Stop the other program, or give each shard to one process (SHARD_IDS). If you "
                "know of none, reset the token at https://discord.com/developers/applications, page Bot.",
                job.id,
            )

    def _request_message(self, job: Job) -> discord.PartialMessage:
        assert job.origin.reply_to is not None  # noqa: S101 - callers have jobs that a message requested
        channel = self._client.get_partial_messageable(job.origin.channel_id, guild_id=job.origin.guild_id)
        return channel.get_partial_message(job.origin.reply_to)


def _may_be_answered(error: Exception) -> bool:
    """Return whether the interaction may be answered although the call failed."""
    if isinstance(error, discord.HTTPException):
        return isinstance(error, discord.DiscordServerError) or error.code in _PERHAPS_ANSWERED
    return True


def _is_gone(error: discord.HTTPException) -> bool:
    """Return whether the message was deleted, or the reply to it that has the same nonce."""
    return error.code == UNKNOWN_MESSAGE or (error.code == INVALID_FORM and "message_reference" in error.text)
