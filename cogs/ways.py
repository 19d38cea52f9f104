"""The ways a page can reach a member, each one call to Discord, with Discord's refusals told apart."""

from __future__ import annotations

import asyncio
import hashlib
import io
import logging
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from cogs.ui.job_card import draw, filename
from cogs.ui.layers import alt_text
from studio.errors import DeliveryDelayedError
from studio.jobs import PostedMessage
from studio.pictures import PictureUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cogs.ui.job_card import Manner, Page
    from studio.jobs import Attachment, Job, JobImage
    from studio.pictures import Bundle, Picture
    from studio.ports import PictureFiles

log = logging.getLogger(__name__)

QUIET = discord.AllowedMentions.none()
_PAYLOAD_TOO_LARGE = 413  # HTTP's
_LATER = {408, 429}  # no refusal: the same will be taken another time
_FILE_TOO_LARGE = 40005  # Discord's
_ERRORS_OF_TRANSPORT = (aiohttp.ClientError, OSError)


class TooLargeError(Exception):
    """Discord takes no file of this size here."""


class NoWayError(Exception):
    """This way is closed; another may be open."""


class Ways:
    """The ways for one job, drawn in one manner. Each raises NoWayError, TooLargeError or DeliveryDelayedError."""

    def __init__(self, client: discord.Client, pictures: PictureFiles, job: Job, manner: Manner) -> None:
        self._client = client
        self._pictures = pictures
        self._job = job
        self._manner = manner

    async def edit_by_token(self, page: Page, old: PostedMessage) -> discord.Message:
        attachments = await self._attachments(page, old)
        with _refusals():
            return await self._webhook.edit_message(
                old.id, view=page.view, attachments=attachments, allowed_mentions=QUIET
            )

    async def edit_as_bot(self, page: Page, old: PostedMessage) -> discord.Message:
        attachments = await self._attachments(page, old)
        with _refusals():
            message = self._channel(old.channel_id).get_partial_message(old.id)
            return await message.edit(view=page.view, attachments=attachments, allowed_mentions=QUIET)

    async def continuation(self, page: Page) -> discord.Message:
        """The next message of a result, as the bot: unlike a follow-up, it can be sent again without being doubled."""
        return await self._send(self._channel(self._job.origin.channel_id), page, mention=False)

    async def first_response(self) -> discord.Message | None:
        """What the interaction was answered with; None if it was not."""
        with _refusals():
            try:
                return await self._webhook.fetch_message("@original")  # type: ignore[arg-type]  # Discord's own name
            except discord.NotFound:  # of an interaction that was never answered Discord knows no webhook
                return None

    async def follow_up(self, page: Page) -> discord.Message:
        page = self._anew(page, mention=False)
        files = await self._files(page)
        with _refusals():
            return await self._webhook.send(
                view=page.view, files=files, ephemeral=self._job.origin.private, allowed_mentions=QUIET, wait=True
            )

    async def new_message(self, page: Page) -> discord.Message:
        return await self._send(self._channel(self._job.origin.channel_id), page, mention=True)

    async def direct_message(self, page: Page) -> discord.Message:
        with _refusals():
            channel = await self._client.create_dm(discord.Object(self._job.origin.user_id))
        return await self._send(channel, page, mention=True)

    async def delete(self, message: PostedMessage, *, by_token: bool) -> None:
        with _refusals():
            if by_token:
                await self._webhook.delete_message(message.id)
            else:
                await self._channel(message.channel_id).get_partial_message(message.id).delete()

    async def _send(self, channel: discord.abc.Messageable, page: Page, *, mention: bool) -> discord.Message:
        """A new message. Its nonce keeps a send that is tried again from being posted twice."""
        page = self._anew(page, mention=mention)
        files = await self._files(page)
        allowed = QUIET
        if mention:
            member = discord.Object(self._job.origin.user_id)
            allowed = discord.AllowedMentions(everyone=False, roles=False, users=[member])
        with _refusals():
            nonce = nonce_of(self._job, page.number)
            message = await channel.send(view=page.view, files=files, allowed_mentions=allowed, nonce=nonce)
        if len(message.attachments) == len(files):
            return message
        # Discord has given back what an earlier try had posted: it is brought up to what is to be shown now.
        posted = PostedMessage(id=message.id, channel_id=message.channel.id, by_token=False, drawing="")
        return await self.edit_as_bot(page, posted)

    def _anew(self, page: Page, *, mention: bool) -> Page:
        """The page for a message that holds nothing yet."""
        pages = draw(self._job, replace(self._manner, anew=True, mention=mention))
        return pages[min(page.number, len(pages) - 1)]

    @property
    def _webhook(self) -> discord.Webhook:
        """The interaction's; discord.py sends ephemeral messages only by one that is an application's."""
        origin = self._job.origin
        data: Any = {"id": origin.application_id, "type": discord.WebhookType.application.value, "token": origin.token}
        return discord.Webhook.from_state(data=data, state=self._client._connection)  # noqa: SLF001 - what it needs

    def _channel(self, channel_id: int) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id, guild_id=self._job.origin.guild_id)

    async def _attachments(self, page: Page, old: PostedMessage) -> list[discord.Attachment | discord.File]:
        """What the message holds already is kept by its id and never uploaded again; the archive comes last."""
        pictures = [self._kept(image, old) or await self._file(image) for image in page.images]
        if page.archive is None:
            return pictures
        kept = self._as_attachment(old.archive) if old.archive else await self._archive(page.archive)
        return [*pictures, kept]

    async def _files(self, page: Page) -> list[discord.File]:
        pictures = [await self._file(image) for image in page.images]
        return [*pictures, await self._archive(page.archive)] if page.archive else pictures

    def _kept(self, image: JobImage, old: PostedMessage) -> discord.Attachment | None:
        held = image.attachment
        return self._as_attachment(held) if held and held.message_id in {0, old.id} else None

    def _as_attachment(self, held: Attachment) -> discord.Attachment:
        data: Any = {
            "id": held.id,
            "filename": held.filename,
            "size": held.size,
            "url": held.url,
            "proxy_url": held.url,
        }
        return discord.Attachment(data=data, state=self._client._connection)  # noqa: SLF001 - what makes one

    async def _file(self, image: JobImage) -> discord.File:
        picture = self._manner.fitted.get(image.index, image.picture)
        assert picture is not None  # noqa: S101 - only images with a picture are drawn
        content = await self._content(picture)
        name = filename(self._job, image, self._manner)
        return discord.File(content, filename=name, description=alt_text(self._job, image))

    async def _archive(self, name: str) -> discord.File:
        assert self._manner.bundle is not None  # noqa: S101 - it is drawn only where it is at hand, or held already
        return discord.File(await self._content(self._manner.bundle), filename=name)

    async def _content(self, file: Picture | Bundle) -> io.BytesIO:
        try:
            return io.BytesIO(await asyncio.to_thread(self._pictures.path(file).read_bytes))
        except OSError as error:
            raise PictureUnavailable(f"{file.path} is gone: {error.strerror}") from error


def nonce_of(job: Job, number: int) -> str:
    """The same for every try of the same message, and another once that one is gone."""
    old = job.messages[number].id if number < len(job.messages) else 0
    return hashlib.blake2s(f"{job.id}:{number}:{old}".encode(), digest_size=12).hexdigest()


@contextmanager
def _refusals() -> Iterator[None]:
    """Discord's answers, as what follows from them."""
    try:
        yield
    except discord.DiscordServerError as error:
        raise DeliveryDelayedError(f"Discord answers {error.status}") from error
    except discord.HTTPException as error:
        if error.status in _LATER:
            raise DeliveryDelayedError(f"Discord answers {error.status}") from error
        if error.status == _PAYLOAD_TOO_LARGE or error.code == _FILE_TOO_LARGE:
            raise TooLargeError from error
        if error.status not in {401, 403, 404}:
            log.exception("Discord refuses what was sent")
        raise NoWayError(f"{error.status} {error.code}: {error.text}") from error
    except _ERRORS_OF_TRANSPORT as error:
        raise DeliveryDelayedError(f"Discord is not reached: {error or type(error).__name__}") from error
