"""The Presenter: projects job rows onto Discord messages, and has a next way when Discord says no.

By the interaction's token while it lives, then as the bot, then as a new message in the channel, then as a DM.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.places import DM_UPLOAD_BYTES
from cogs.sources import pictures_in
from cogs.ui.job_card import Manner, draw
from cogs.ui.layers import shown_images
from cogs.ways import QUIET, NoWayError, TooLargeError, Ways, nonce_of
from studio.errors import DeliveryDelayedError, UndeliverableError
from studio.events import Shown
from studio.jobs import Attachment, PostedMessage
from studio.layers import DESCRIPTION_FILE, description, file_names
from studio.links import same_file
from studio.pictures import PictureUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    from cogs.ui.job_card import Page
    from studio.jobs import Job, Source
    from studio.pictures import Bundle, Picture
    from studio.ports import Clock, PictureFiles

log = logging.getLogger(__name__)

TOKEN_MARGIN_SECONDS = 5.0
_INVALID_FORM = 50035  # Discord's


class Presenter:
    def __init__(self, client: discord.Client, pictures: PictureFiles, clock: Clock) -> None:
        self._client = client
        self._pictures = pictures
        self._clock = clock

    async def post(self, interaction: discord.Interaction, job: Job) -> PostedMessage:
        """Answer an interaction with the job's first drawing.

        Raises what discord.py raises, and DeliveryDelayedError where nobody knows whether it is there.
        """
        page = draw(job)[0]
        private = job.origin.private
        try:
            answer = await interaction.response.send_message(view=page.view, ephemeral=private, allowed_mentions=QUIET)
            message_id, ephemeral = answer.message_id, answer.is_ephemeral()
        except (discord.DiscordServerError, aiohttp.ClientError, OSError):
            message = await self._posted_all_the_same(interaction)
            if message is None:
                raise
            message_id, ephemeral = message.id, message.flags.ephemeral
        if message_id is None:
            raise UndeliverableError("Discord's answer names no message")
        return PostedMessage(
            id=message_id,
            channel_id=job.origin.channel_id,
            by_token=True,
            drawing=page.digest,
            ephemeral=ephemeral,
        )

    async def _posted_all_the_same(self, interaction: discord.Interaction) -> discord.InteractionMessage | None:
        """The response whose own answer was lost, if it has arrived. Raises: DeliveryDelayedError."""
        try:
            return await interaction.original_response()
        except (discord.NotFound, discord.ClientException):
            return None
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            raise DeliveryDelayedError(f"whether it was posted is not known: {error}") from error

    async def post_reply(self, message: discord.Message, job: Job) -> PostedMessage:
        """Answer a message with the job's first drawing.

        Raises as `post` does, and UndeliverableError if the message that asks was taken back.
        """
        page = draw(job)[0]
        nonce = nonce_of(job, page.number)
        send = partial(message.reply, view=page.view, mention_author=False, allowed_mentions=QUIET, nonce=nonce)
        try:
            try:
                answer = await send()
            except (discord.DiscordServerError, aiohttp.ClientError, OSError):
                answer = await send()  # if only the answer was lost, its nonce brings back what was posted
        except (discord.DiscordServerError, aiohttp.ClientError, OSError) as error:
            raise DeliveryDelayedError(f"whether it was posted is not known: {error}") from error
        except discord.HTTPException as error:
            if error.code == _INVALID_FORM and "message_reference" in error.text:
                raise UndeliverableError("the message that asks is gone") from error
            raise
        return _posted(answer, by_token=False, page=page)

    async def find(self, job: Job) -> PostedMessage | None:
        """The placeholder of a job whose process died before it wrote down that it was posted.

        None if there is none. Raises: DeliveryDelayedError, and UndeliverableError where nobody can tell any more.
        """
        ways = Ways(self._client, self._pictures, job, Manner())
        by_interaction = bool(job.origin.token_expires)
        if by_interaction and not self._token_lives(job):
            raise UndeliverableError("the interaction's token is dead")
        try:
            if by_interaction:
                answer, by_token = await ways.first_response(), True
            else:  # the nonce brings back what was posted
                answer, by_token = await ways.continuation(draw(job)[0]), False
        except NoWayError as error:
            raise UndeliverableError(str(error)) from error
        if answer is None:
            return None
        return PostedMessage(
            id=answer.id,
            channel_id=job.origin.channel_id,
            by_token=by_token,
            drawing="",
            ephemeral=answer.flags.ephemeral,
        )

    async def fresh_link(self, source: Source, url: str) -> str | None:
        """A living link to the same file, from the message that it lies in; None where that is out of reach.

        Raises: DeliveryDelayedError where Discord can't be asked just now.
        """
        channel = self._client.get_partial_messageable(source.channel_id)
        try:
            message = await channel.fetch_message(source.message_id)
        except (discord.DiscordServerError, aiohttp.ClientError, OSError) as error:
            raise DeliveryDelayedError(f"message {source.message_id} could not be read: {error}") from error
        except discord.HTTPException as error:
            log.info("message %d could not be read for a fresh link: %s", source.message_id, error)
            return None
        return next((one.url for one in pictures_in(message) if same_file(one.url, url)), None)

    async def show(self, job: Job) -> Shown:
        """Bring every message of the job up to its row; one that is so already is left alone.

        Raises: UndeliverableError, DeliveryDelayedError.
        """
        for most in self._limits(job):
            try:
                fitted = await self._fitted(job, most)
                return await self._show(job, Manner(fitted=fitted, bundle=await self._bundle(job, most)))
            except (TooLargeError, PictureUnavailable) as error:
                log.info("job %s: its pictures don't fit into %d bytes: %s", job.id, most, error)
        try:
            return await self._show(job, Manner(as_links=True))
        except TooLargeError as error:
            raise UndeliverableError("even without pictures it is too large") from error

    async def remove(self, job: Job, *, but: int | None = None) -> None:
        """Take the job's messages away (all `but` one that is gone already), as far as Discord allows."""
        ways = Ways(self._client, self._pictures, job, Manner())
        for message in job.messages:
            if message.id == but:
                continue
            for by_token in (True, False) if message.by_token and self._token_lives(job) else (False,):
                try:
                    await ways.delete(message, by_token=by_token)
                    break
                except (NoWayError, DeliveryDelayedError) as error:
                    log.info("job %s: message %d could not be deleted: %s", job.id, message.id, error)

    def _limits(self, job: Job) -> Iterable[int]:
        """Bytes a picture may have, tried in turn: the place's limit, the one that always holds, then ever less."""
        largest = max((image.picture.size for image in job.images if image.picture), default=0)
        limit = job.origin.upload_limit
        start = min(limit, largest)
        return dict.fromkeys((limit, min(limit, DM_UPLOAD_BYTES), start // 2, start // 4))

    async def _fitted(self, job: Job, limit: int) -> dict[int, Picture]:
        """Every picture within `limit` bytes: a new message takes them all again."""
        pictures = [(image.index, image.picture) for image in job.images if image.picture]
        return {index: await self._pictures.shrink(picture, limit) for index, picture in pictures}

    async def _bundle(self, job: Job, limit: int) -> Bundle | None:
        """A ZIP of the layers, beside which the pictures are shown all the same where it can't be had."""
        if not job.request.layer_decomposition or not job.state.final or not shown_images(job):
            return None
        names = file_names(job)
        pictures = {names[image.index]: image.picture for image in job.images if image.picture}
        texts = {DESCRIPTION_FILE: description(job)}
        try:
            return await self._pictures.bundle(job.id, pictures, texts, limit=limit)
        except PictureUnavailable as error:
            log.warning("job %s: its layers come without a ZIP: %s", job.id, error)
            return None

    async def _show(self, job: Job, manner: Manner) -> Shown:
        ways = Ways(self._client, self._pictures, job, manner)
        messages: list[PostedMessage] = []
        attachments: dict[int, Attachment] = {}
        for page in draw(job, manner):
            old = job.messages[page.number] if page.number < len(job.messages) else None
            if old and old.drawing == page.digest:
                messages.append(old)
                continue
            message, by_token = await self._deliver(job, page, old, ways)
            messages.append(_posted(message, by_token=by_token, page=page))
            attachments |= _attachments(message, page)
        return Shown(job.version, tuple(messages), attachments)

    async def _deliver(
        self, job: Job, page: Page, old: PostedMessage | None, ways: Ways
    ) -> tuple[discord.Message, bool]:
        """The page by the first way that is open, and whether the interaction's token may edit it."""
        refusals = []
        for by_token, way in self._open_ways(job, page, old, ways):
            try:
                return await way(), by_token
            except NoWayError as closed:
                refusals.append(str(closed))
        raise UndeliverableError("; ".join(refusals) or "no way is left to reach the member")

    def _open_ways(
        self, job: Job, page: Page, old: PostedMessage | None, ways: Ways
    ) -> Iterator[tuple[bool, Callable[[], Awaitable[discord.Message]]]]:
        """Best first. A private result is seen by its member alone: never in a channel."""
        private = job.origin.private
        lives = self._token_lives(job)
        if old is None and not private:
            yield False, partial(ways.continuation, page)
        if old and old.by_token and lives:
            yield True, partial(ways.edit_by_token, page, old)
        if old and not (private and old.by_token):
            yield False, partial(ways.edit_as_bot, page, old)
        if lives and (old is None or private):
            yield True, partial(ways.follow_up, page)
        if not private:
            yield False, partial(ways.new_message, page)
            if lives and old is not None:
                yield True, partial(ways.follow_up, page)
        yield False, partial(ways.direct_message, page)

    def _token_lives(self, job: Job) -> bool:
        return self._clock() < job.origin.token_expires - TOKEN_MARGIN_SECONDS


def _posted(message: discord.Message, *, by_token: bool, page: Page) -> PostedMessage:
    """Discord keeps the order in which files were named: the archive comes after the pictures."""
    files = message.attachments[len(page.images) :] if page.archive else []
    archive = next((_held(file, message) for file in files), None)
    return PostedMessage(
        id=message.id, channel_id=message.channel.id, by_token=by_token, drawing=page.digest, archive=archive
    )


def _attachments(message: discord.Message, page: Page) -> dict[int, Attachment]:
    return {image.index: _held(file, message) for image, file in zip(page.images, message.attachments, strict=False)}


def _held(file: discord.Attachment, message: discord.Message) -> Attachment:
    return Attachment(id=file.id, message_id=message.id, filename=file.filename, size=file.size, url=file.url)
