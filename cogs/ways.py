"""The ways a page can reach a member, each one call to Discord, with Discord's refusals told apart."""

from __future__ import annotations

import io
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from cogs.ui.job_card import alt_text, draw, filename
from studio.errors import DeliveryDelayedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cogs.ui.job_card import Manner, Page
    from studio.jobs import Job, PostedMessage
    from studio.ports import PictureFiles

log = logging.getLogger(__name__)

QUIET = discord.AllowedMentions.none()
_PAYLOAD_TOO_LARGE = 413  # HTTP's
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
        with _refusals():
            return await self._webhook.edit_message(
                old.id, view=page.view, attachments=self._attachments(page), allowed_mentions=QUIET
            )

    async def edit_as_bot(self, page: Page, old: PostedMessage) -> discord.Message:
        with _refusals():
            message = self._channel(old.channel_id).get_partial_message(old.id)
            return await message.edit(view=page.view, attachments=self._attachments(page), allowed_mentions=QUIET)

    async def follow_up(self, page: Page) -> discord.Message:
        with _refusals():
            return await self._webhook.send(
                view=page.view,
                files=self._files(page),
                ephemeral=self._job.origin.private,
                allowed_mentions=QUIET,
                wait=True,
            )

    async def new_message(self, page: Page) -> discord.Message:
        with _refusals():
            return await self._send(self._channel(self._job.origin.channel_id), page)

    async def direct_message(self, page: Page) -> discord.Message:
        with _refusals():
            channel = await self._client.create_dm(discord.Object(self._job.origin.user_id))
            return await self._send(channel, page)

    async def delete(self, message: PostedMessage, *, by_token: bool) -> None:
        with _refusals():
            if by_token:
                await self._webhook.delete_message(message.id)
            else:
                await self._channel(message.channel_id).get_partial_message(message.id).delete()

    async def _send(self, channel: discord.abc.Messageable, page: Page) -> discord.Message:
        """A new message. Its nonce keeps a send that is tried again from being posted twice."""
        member = discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(self._job.origin.user_id)])
        greeting = draw(self._job, _with_mention(self._manner))[page.number]
        return await channel.send(
            view=greeting.view,
            files=self._files(page),
            allowed_mentions=member,
            nonce=f"{self._job.id}:{page.number}:{self._job.version}"[:25],
        )

    @property
    def _webhook(self) -> discord.Webhook:
        origin = self._job.origin
        return discord.Webhook.partial(origin.application_id, origin.token, client=self._client)

    def _channel(self, channel_id: int) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id, guild_id=self._job.origin.guild_id)

    def _attachments(self, page: Page) -> list[discord.Attachment | discord.File]:
        """What the message holds already is kept by its id and never uploaded again."""
        return [self._kept(image) or self._file(image) for image in page.images]

    def _files(self, page: Page) -> list[discord.File]:
        return [self._file(image) for image in page.images]

    def _kept(self, image: Any) -> discord.Attachment | None:
        held = image.attachment
        if held is None:
            return None
        data: Any = {
            "id": held.id,
            "filename": held.filename,
            "size": held.size,
            "url": held.url,
            "proxy_url": held.url,
        }
        return discord.Attachment(data=data, state=self._client._connection)  # noqa: SLF001 - what makes one

    def _file(self, image: Any) -> discord.File:
        picture = self._manner.fitted.get(image.index, image.picture)
        content = io.BytesIO(self._pictures.path(picture).read_bytes())
        name = filename(self._job, image, self._manner)
        return discord.File(content, filename=name, description=alt_text(self._job))


def _with_mention(manner: Manner) -> Manner:
    return type(manner)(fitted=manner.fitted, as_links=manner.as_links, mention=True)


@contextmanager
def _refusals() -> Iterator[None]:
    """Discord's answers, as what follows from them."""
    try:
        yield
    except discord.DiscordServerError as error:
        raise DeliveryDelayedError(f"Discord answers {error.status}") from error
    except discord.HTTPException as error:
        if error.status == _PAYLOAD_TOO_LARGE or error.code == _FILE_TOO_LARGE:
            raise TooLargeError from error
        if error.status not in {401, 403, 404}:
            log.exception("Discord refuses what was sent")
        raise NoWayError(f"{error.status} {error.code}: {error.text}") from error
    except _ERRORS_OF_TRANSPORT as error:
        raise DeliveryDelayedError(f"Discord is not reached: {error or type(error).__name__}") from error
