"""Reads what a message asks for: its words, and the pictures that it points at, wherever those are."""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.delivery.channels import PATIENCE_SECONDS
from cogs.delivery.message_images import is_thread_starter, pictures_in
from cogs.i18n.translate import _, sentences
from cogs.messages.addressing import address_of, is_hidden, is_mentioned, is_reply
from cogs.requests.job_images import images_here, job_id_in, numbered_images
from cogs.requests.no_picture import no_picture
from cogs.texts.refusal import RefusalError
from seedream.limits import MAX_PROMPT_LENGTH
from studio.jobs.errors import JobNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cogs.delivery.message_images import FoundImage
    from cogs.messages.addressing import Address
    from cogs.requests.image_checks import ImageChecks
    from studio.jobs.job import Job
    from studio.jobs.service import ImageService

log = logging.getLogger(__name__)

UNFURL_SECONDS = 2.0
_LONGEST_TEXT_BYTES = 4 * MAX_PROMPT_LENGTH + 3  # in UTF-8, with a byte order mark
_LINK = re.compile(r"(?<!<)https?://\S+")
_MESSAGE_TEXT = "message.txt"  # the file that Discord's client makes of a text that is too long
_FAILED = (discord.HTTPException, aiohttp.ClientError, OSError)  # a TimeoutError is an OSError


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePictures:
    """The pictures to choose from, by their numbers; the first is the default.

    all: of a set, those of all its messages. here: those that the message itself shows. refusal: the sentence that
    names a file that was no picture, "" if there is none.
    """

    all: Mapping[int, FoundImage] = field(default_factory=dict)
    here: Mapping[int, FoundImage] = field(default_factory=dict)
    refusal: str = ""

    def __bool__(self) -> bool:
        return bool(self.all)


def _by_number(images: Iterable[FoundImage]) -> dict[int, FoundImage]:
    return {image.number: image for image in images}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMessage:
    """The content of a message that addresses the bot.

    text: as it was written, with mentions. replied: the message that it replies to. pictures: those to edit.
    source: the message that holds them. files: the message's own pictures, as further references.
    """

    address: Address
    text: str
    replied: discord.Message | None
    source: discord.Message
    pictures: MessagePictures
    files: Sequence[discord.Attachment]


class MessageReader:
    def __init__(self, client: discord.Client, service: ImageService, images: ImageChecks) -> None:
        self._client = client
        self._service = service
        self._images = images

    @property
    def _bot(self) -> discord.ClientUser:
        assert self._client.user is not None  # noqa: S101 - messages come to a bot that is logged in
        return self._client.user

    async def address(self, message: discord.Message) -> Address:
        """Tell how the message addresses the bot. Fetches the replied message only if that decides it."""
        replied: discord.Message | None = None
        if is_reply(message) and message.reference is not None:
            resolved = message.reference.resolved
            if isinstance(resolved, discord.Message):
                replied = resolved
            elif resolved is None and message.guild is not None and not is_mentioned(message, self._bot):
                with suppress(RefusalError):
                    replied = await self._referred(message)
        return address_of(message, self._bot, replied)

    async def read(self, message: discord.Message, address: Address) -> ReadMessage:
        """Read a message and find the pictures it is about. Raises: RefusalError."""
        long_text = next(filter(_is_message_text, message.attachments), None)
        text = message.content
        if long_text is not None:
            text = f"{text}\n{await _text_of(long_text)}"
        replied = await self.replied_to(message) if address.reply else None
        pictures = await self.pictures_of(replied) if replied else MessagePictures()
        files = [attachment for attachment in message.attachments if attachment is not long_text]
        source = replied if replied and pictures else message
        if not pictures:
            message = await self._unfurled(message) if _waits_for_embed(message) else message
            found = [
                image for image in pictures_in(message, emoji=False) if not long_text or image.url != long_text.url
            ]
            own = await self._checked(found)
            text = _without_links(text, message) if own else text
            if not (own or address.reply) and (files or message.poll or message.stickers):
                raise self.without_picture(message, own)
            pictures, files = (own, []) if own else (replace(pictures, refusal=own.refusal or pictures.refusal), files)
        return ReadMessage(address=address, text=text, replied=replied, source=source, pictures=pictures, files=files)

    async def _unfurled(self, message: discord.Message) -> discord.Message:
        """Return the message with the embeds of its links, which Discord adds a moment later."""

        def is_it(event: discord.RawMessageUpdateEvent) -> bool:
            return event.message_id == message.id and bool(event.message.embeds)

        try:
            event = await self._client.wait_for("raw_message_edit", check=is_it, timeout=UNFURL_SECONDS)
        except TimeoutError:  # the event may have come before the wait began
            with suppress(*_FAILED):
                return await message.channel.fetch_message(message.id)
            return message
        unfurled: discord.Message = event.message
        return unfurled

    async def pictures_of(self, message: discord.Message) -> MessagePictures:
        """Find the pictures of a message; of a job's message, those of the whole set, by the numbers members see."""
        if job := await self.job_of(message):
            pictures = _by_number(numbered_images(job, message))
            here = {number: pictures[number] for number in images_here(job, message)}
            return MessagePictures(all=pictures, here=here)
        return await self._checked(pictures_in(message))

    async def _checked(self, found: Sequence[FoundImage]) -> MessagePictures:
        checked = await self._images.check(found)
        images = {number: replace(image, number=number) for number, image in enumerate(checked.images, start=1)}
        return MessagePictures(all=images, here=images, refusal=checked.refusal)

    async def job_of(self, message: discord.Message) -> Job | None:
        """Find the job that a message shows, by its buttons' custom ids or by its id. None if it is unknown."""
        if message.author.id != self._bot.id:
            return None
        job_id = job_id_in(message)
        if job_id is None:
            return await self._service.shown_in(message.id)
        try:
            return await self._service.job(job_id)
        except JobNotFoundError:
            return None

    async def replied_to(self, message: discord.Message) -> discord.Message:
        """Fetch the replied message; of a thread's starter message, a crosspost or a forward, the original.

        Raises: RefusalError.
        """
        replied = await self._referred(message)
        starter = is_thread_starter(replied)
        points_on = starter or replied.flags.is_crossposted or bool(replied.message_snapshots)
        if not points_on or replied.reference is None or pictures_in(replied):
            return replied
        try:
            return await self._referred(replied)
        except RefusalError as error:
            if not starter:
                return replied
            text = _("I can't read the message this thread was started from. Use Edit image on the original message.")
            raise RefusalError(text) from error

    def without_picture(
        self, replied: discord.Message, pictures: MessagePictures, job: Job | None = None
    ) -> RefusalError:
        """Explain why that message has no picture to edit, and what to do."""
        if pictures.refusal:
            return RefusalError(pictures.refusal)
        if _is_kept_from(self._bot, replied):
            # Translators: Apps is what Discord calls it in its own menu; {entry} is our entry in it.
            text = _(
                "Discord doesn't show me other people's messages here. Right-click the message (on a phone: press "
                "and hold), choose Apps, then {entry}.",
                entry=_("Edit image"),
            )
            return RefusalError(text)
        if job is not None and not job.state.final:
            return RefusalError(_("There's no picture in that message yet. Reply again when it's ready."))
        return RefusalError(sentences(no_picture(replied), _("Reply to a message with a picture, or use /edit.")))

    async def _referred(self, message: discord.Message) -> discord.Message:
        reference = message.reference
        if reference is None or reference.message_id is None:
            raise RefusalError(_("The message you replied to was deleted. Reply to another one, or use /edit."))
        if isinstance(reference.resolved, discord.Message):
            return reference.resolved
        if isinstance(reference.resolved, discord.DeletedReferencedMessage):
            raise RefusalError(_("The message you replied to was deleted. Reply to another one, or use /edit."))
        channel = self._client.get_partial_messageable(reference.channel_id, guild_id=reference.guild_id)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await channel.fetch_message(reference.message_id)
        except _FAILED as error:
            text = _("The message you replied to was deleted, or I can't read it. Reply to another one, or use /edit.")
            raise RefusalError(text) from error


def _is_kept_from(bot: discord.abc.User, message: discord.Message) -> bool:
    """Return whether Discord withheld the content of another person's message."""
    others = message.guild is not None and message.author.id != bot.id and not message.is_system()
    return others and is_hidden(message)


def _waits_for_embed(message: discord.Message) -> bool:
    """Return whether it has a link that Discord will add an embed for; links in angle brackets get none."""
    return not message.embeds and not message.attachments and _LINK.search(message.content) is not None


def _without_links(text: str, message: discord.Message) -> str:
    """Return the text without the links to the pictures it is about."""
    for url in filter(None, (embed.url for embed in message.embeds)):
        text = text.replace(url, " ")
    return text


def _is_message_text(attachment: discord.Attachment) -> bool:
    kind = attachment.content_type or "text/plain"
    return attachment.filename == _MESSAGE_TEXT and kind.startswith("text/plain")


async def _text_of(attachment: discord.Attachment) -> str:
    """Read a long message that Discord's client has turned into a file. Raises: RefusalError."""
    too_long = _("message.txt is longer than {most} characters, the limit for a prompt. Shorten it.", most="4,000")
    if attachment.size > _LONGEST_TEXT_BYTES:
        raise RefusalError(too_long)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            text = (await attachment.read()).decode("utf-8-sig").strip()
    except _FAILED as error:
        raise RefusalError(_("I couldn't read message.txt. Send it again.")) from error
    except UnicodeDecodeError as error:
        raise RefusalError(_("I can't read message.txt as text. Send your prompt as a message.")) from error
    if len(text) > MAX_PROMPT_LENGTH:
        raise RefusalError(too_long)
    return text
