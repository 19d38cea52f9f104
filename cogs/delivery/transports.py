"""Sends a page to its member: one call to Discord for each transport, with Discord's refusals classified.

Only what Discord can't keep is uploaded: a new message can't take over another one's files, nor can a file be renamed.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import logging
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from cogs.delivery.attempts import RefusedError, attempt
from cogs.delivery.fallbacks import DeliveryMethod
from cogs.delivery.job_message import render, render_moved
from cogs.delivery.posted_files import PostedFile, as_attachment, files_in, find_file, texts_in
from cogs.delivery.render_options import description_of
from studio.jobs.errors import DeliveryDelayedError
from studio.jobs.messages import MessageForm, PostedMessage
from studio.jobs.pictures import PictureUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cogs.delivery.job_message import Page
    from cogs.delivery.render_options import RenderOptions
    from studio.jobs.images import JobImage
    from studio.jobs.job import Job, Origin
    from studio.jobs.messages import Attachment
    from studio.jobs.pictures import Bundle, Picture
    from studio.jobs.ports import PictureFiles

log = logging.getLogger(__name__)

QUIET = discord.AllowedMentions.none()


class MessageTransport:
    """Shows a job's pages, rendered with `options`. Raises: RefusedError, DeliveryDelayedError, PictureUnavailable.

    unsure: it is unknown what the job's messages hold, because another process has worked on it or an answer was lost.
    So they are read before anything is uploaded. again: an earlier try may have posted the new message. So it is sent
    without its files first, and its nonce returns the message that exists. Nothing is uploaded twice.
    """

    def __init__(
        self,
        client: discord.Client,
        pictures: PictureFiles,
        job: Job,
        options: RenderOptions,
        *,
        unsure: bool = False,
        again: bool = False,
    ) -> None:
        self._client = client
        self._pictures = pictures
        self._job = job
        self._options = options
        self._unsure = unsure
        self._again = again

    async def send(self, method: DeliveryMethod, page: Page, old: PostedMessage | None) -> tuple[discord.Message, Page]:
        """Show a page by a transport. `old`: the message to edit. Returns the message and the page that it shows."""
        match method:
            case DeliveryMethod.EDIT_BY_TOKEN | DeliveryMethod.EDIT_AS_BOT:
                assert old is not None  # noqa: S101 - `fallback_order` has edits only for existing messages
                return await self._edit(page, old, by_token=method is DeliveryMethod.EDIT_BY_TOKEN), page
            case DeliveryMethod.CONTINUATION:
                return await self._send(self._origin_channel, page, mention=False)
            case DeliveryMethod.NEW_MESSAGE:
                return await self._send(self._origin_channel, page, mention=True)
            case DeliveryMethod.FOLLOW_UP:
                return await self._follow_up(page)
            case DeliveryMethod.DIRECT_MESSAGE:
                async with attempt():
                    channel = await self._client.create_dm(discord.Object(self._job.origin.user_id))
                return await self._send(channel, page, mention=True)

    async def first_response(self) -> discord.Message | None:
        """Fetch the interaction's first response; None if there was none."""
        async with attempt():
            try:
                return await self._webhook.fetch_message("@original")  # type: ignore[arg-type]  # Discord's own name
            except discord.NotFound:  # Discord has no webhook for an interaction that was never answered
                return None

    async def delete(self, message: PostedMessage, *, by_token: bool) -> None:
        async with attempt():
            if by_token:
                await self._webhook.delete_message(message.id)
            else:
                await self._message(message).delete()

    async def link_to_successor(self, old: PostedMessage, new: PostedMessage, *, by_token: bool) -> None:
        """Replace a message's content by a link to the message that has replaced it."""
        await self._put(render_moved(self._job, old, new), old, [], by_token=by_token)

    # --- one call each ------------------------------------------------------------------------------------------------

    async def _edit(
        self, page: Page, old: PostedMessage, *, by_token: bool, held: Mapping[str, PostedFile] | None = None
    ) -> discord.Message:
        """Edit a message. `held`: its files that the job's row doesn't know; None: read them if unsure."""
        if held is None:
            reads = self._unsure and bool(page.images or page.archive)
            held = await self._held_by(old, by_token=by_token) if reads else {}
        return await self._put(page, old, await self._attachments(page, old, held), by_token=by_token)

    async def _put(
        self,
        page: Page,
        old: PostedMessage,
        attachments: Sequence[discord.Attachment | discord.File],
        *,
        by_token: bool,
    ) -> discord.Message:
        shown: dict[str, Any] = {"view": page.view, "attachments": attachments, "allowed_mentions": QUIET}
        if page.content is not None:
            shown["content"] = page.content
        async with attempt():
            if by_token:
                return await self._webhook.edit_message(old.id, **shown)
            return await self._message(old).edit(**shown)

    async def _follow_up(self, page: Page) -> tuple[discord.Message, Page]:
        page = self._fresh(page, mention=False)
        files = await self._files(page)
        async with attempt():
            message = await self._webhook.send(
                **_send_arguments(page),
                files=files,
                ephemeral=self._job.origin.private,
                allowed_mentions=QUIET,
                wait=True,
            )
        return message, page

    async def _send(
        self, channel: discord.abc.Messageable, page: Page, *, mention: bool
    ) -> tuple[discord.Message, Page]:
        """Post a new message. Its nonce keeps a repeated call from posting it twice."""
        page = self._fresh(page, mention=mention)
        sent = self._fresh(page, mention=mention, withheld=True) if self._again else page
        files = await self._files(sent)
        allowed = QUIET
        if mention:
            member = discord.Object(self._job.origin.user_id)
            allowed = discord.AllowedMentions(everyone=False, roles=False, users=[member])
        async with attempt():
            nonce = nonce_of(self._job, page.number, self._options.form)
            message = await channel.send(**_send_arguments(sent), files=files, allowed_mentions=allowed, nonce=nonce)
        held = files_in(message)
        if self._is_shown(page, message, held):
            return message, page
        # The nonce returned the message of an earlier try: edit it to show the page.
        plain = not message.flags.components_v2
        posted = PostedMessage(id=message.id, channel_id=message.channel.id, by_token=False, drawing="", plain=plain)
        try:
            return await self._edit(page, posted, by_token=False, held=held), page
        except RefusedError:  # the page needs another form, in another message
            with suppress(RefusedError, DeliveryDelayedError):
                await self.delete(posted, by_token=False)
            raise

    def _is_shown(self, page: Page, message: discord.Message, held: Mapping[str, PostedFile]) -> bool:
        """Return whether the message is the page: by its files and its texts."""
        return all(find_file(held, name) for name in _names(page)) and texts_in(message) == _texts(page)

    # --- what is sent -------------------------------------------------------------------------------------------------

    def _fresh(self, page: Page, *, mention: bool, withheld: bool = False) -> Page:
        """Render the page for a new message; the last page if there are fewer now."""
        pages = render(self._job, replace(self._options, fresh=True, mention=mention, withheld=withheld))
        return pages[min(page.number, len(pages) - 1)]

    @property
    def _webhook(self) -> discord.Webhook:
        return webhook_of(self._client, self._job.origin)

    @property
    def _origin_channel(self) -> discord.PartialMessageable:
        return self._channel(self._job.origin.channel_id)

    def _channel(self, channel_id: int) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id, guild_id=self._job.origin.guild_id)

    def _message(self, message: PostedMessage) -> discord.PartialMessage:
        return self._channel(message.channel_id).get_partial_message(message.id)

    async def _held_by(self, old: PostedMessage, *, by_token: bool) -> dict[str, PostedFile]:
        """Read which files the message holds; none if it can't be read."""
        try:
            async with attempt():
                if by_token:
                    return files_in(await self._webhook.fetch_message(old.id))
                return files_in(await self._message(old).fetch())
        except RefusedError as error:
            log.debug("job %s: message %d could not be read: %s", self._job.id, old.id, error)
            return {}

    async def _attachments(
        self, page: Page, old: PostedMessage, held: Mapping[str, PostedFile]
    ) -> list[discord.Attachment | discord.File]:
        """Return the files for an edit, the archive last: those in the message are kept by id, others are uploaded."""
        pictures = [
            self._keep(image, name, old, held) or await self._file(image, name) for image, name in _pictures(page)
        ]
        if page.archive is None:
            return pictures
        known = old.archive or find_file(held, page.archive)
        return [*pictures, self._as_attachment(known) if known else await self._archive(page.archive)]

    async def _files(self, page: Page) -> list[discord.File]:
        pictures = [await self._file(image, name) for image, name in _pictures(page)]
        return [*pictures, await self._archive(page.archive)] if page.archive else pictures

    def _keep(
        self, image: JobImage, name: str, old: PostedMessage, held: Mapping[str, PostedFile]
    ) -> discord.Attachment | None:
        if image.attachment and image.attachment.message_id in {0, old.id}:
            return self._as_attachment(image.attachment)
        file = find_file(held, name)
        return self._as_attachment(file) if file else None

    def _as_attachment(self, held: Attachment | PostedFile) -> discord.Attachment:
        file = held if isinstance(held, PostedFile) else PostedFile(held.id, held.filename, held.url, held.size)
        return as_attachment(file, self._client)

    async def _file(self, image: JobImage, name: str) -> discord.File:
        picture = self._options.fitted.get(image.index, image.picture)
        assert picture is not None  # noqa: S101 - only images with a picture are rendered
        content = await self._content(picture)
        return discord.File(content, filename=name, description=description_of(self._job, image, self._options))

    async def _archive(self, name: str) -> discord.File:
        assert self._options.bundle is not None  # noqa: S101 - the page has an archive only if there is a bundle
        return discord.File(await self._content(self._options.bundle), filename=name)

    async def _content(self, file: Picture | Bundle) -> io.BytesIO:
        try:
            return io.BytesIO(await asyncio.to_thread(self._pictures.path(file).read_bytes))
        except OSError as error:
            raise PictureUnavailable(f"{file.path} is gone: {error.strerror}") from error


def webhook_of(client: discord.Client, origin: Origin) -> discord.Webhook:
    """Return an interaction's webhook, of the type for which discord.py allows ephemeral messages."""
    data: Any = {"id": origin.application_id, "type": discord.WebhookType.application.value, "token": origin.token}
    return discord.Webhook.from_state(data=data, state=client._connection)  # noqa: SLF001 - required by from_state


def _send_arguments(page: Page) -> dict[str, Any]:
    """Return the arguments of discord.py's send; a page of components has no content."""
    return {"view": page.view} if page.content is None else {"view": page.view, "content": page.content}


def _pictures(page: Page) -> Iterator[tuple[JobImage, str]]:
    return zip(page.images, page.names, strict=True)


def _names(page: Page) -> list[str]:
    """Return the names of a page's files."""
    return [*page.names, page.archive] if page.archive else list(page.names)


def _texts(page: Page) -> list[str]:
    displays = (item for item in page.view.walk_children() if isinstance(item, ui.TextDisplay))
    texts = [page.content or "", *(display.content for display in displays)]
    return [text.strip() for text in texts if text.strip()]


def nonce_of(job: Job, number: int, form: MessageForm = MessageForm.GALLERY) -> str:
    """Return a nonce that is the same for every try of a message, and different after that message was deleted."""
    old = job.messages[number].id if number < len(job.messages) else 0
    return hashlib.blake2s(f"{job.id}:{number}:{old}:{form}".encode(), digest_size=12).hexdigest()


def reply_nonce(message_id: int, kind: str = "job") -> str:
    """Return the nonce that every program with this token uses for its reply, so that Discord posts only one."""
    return hashlib.blake2s(f"{kind}:{message_id}".encode(), digest_size=12).hexdigest()
