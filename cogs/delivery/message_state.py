"""Tracks what a job's messages hold while they are edited to show its row."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from cogs.delivery.job_message import render
from cogs.delivery.posted_files import PostedFile, files_in, find_file
from studio.jobs.events import Shown
from studio.jobs.messages import Attachment, PostedMessage

if TYPE_CHECKING:
    from collections.abc import Mapping

    import discord

    from cogs.delivery.job_message import Page
    from cogs.delivery.render_options import RenderOptions
    from studio.jobs.images import JobImage
    from studio.jobs.job import Job

log = logging.getLogger(__name__)


class MessageState:
    """A job while its messages are edited; `job` is updated with what they hold."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.complete = False
        self._pages = 0
        self._posted: list[PostedMessage] = []
        self._attachments: dict[int, Attachment | None] = {}

    def old(self, number: int) -> PostedMessage | None:
        return self.job.messages[number] if number < len(self.job.messages) else None

    def outdated(self, options: RenderOptions) -> Page | None:
        """Return the first page that its message doesn't show yet; None if all are up to date."""
        pages = render(self.job, options)
        self._pages = len(pages)
        outdated = next(
            (page for page in pages if not (old := self.old(page.number)) or old.drawing != page.digest), None
        )
        self.complete = outdated is None
        return outdated

    def record(
        self, number: int, page: Page, message: discord.Message, options: RenderOptions, *, by_token: bool
    ) -> None:
        """Record that a message now shows the page."""
        files = files_in(message)
        held: dict[int, Attachment | None] = {
            image.index: self._attachment_of(file, image, message, options)
            for image, name in zip(page.images, page.names, strict=True)
            if (file := find_file(files, name))
        }
        gone = self.old(number)
        posted = PostedMessage(
            id=message.id,
            channel_id=message.channel.id,
            by_token=by_token,
            drawing="",
            archive=self._archive(files, page, message, options),
            ephemeral=message.flags.ephemeral,
            page=number,
            shape=options.shape,
            plain=page.content is not None,
            mention=gone.mention if gone and gone.id == message.id else None,
        )
        if len(held) < len(page.images):
            log.warning("job %s: message %d doesn't show everything that was sent", self.job.id, message.id)
        held |= dict.fromkeys(self._let_go(page, message.id))
        self._attachments |= held
        self._posted.append(posted)
        images = tuple(
            _with_attachment(image, held, gone if gone and gone.id != message.id else None) for image in self.job.images
        )
        self.job = self._with(number, posted, images)
        rendered = render(self.job, options)
        if number < len(rendered):
            self.job = self._with(number, replace(posted, drawing=rendered[number].digest), images)

    def _let_go(self, page: Page, message_id: int) -> list[int]:
        """Return the indexes of versions that aren't shown any more, whose files the message had before."""
        shown = {image.index for image in page.images}
        others = ((image.index, image.attachment) for image in self.job.images if image.index not in shown)
        return [index for index, held in others if held and held.message_id in {0, message_id}]

    def _with(self, number: int, posted: PostedMessage, images: tuple[JobImage, ...]) -> Job:
        messages = (*self.job.messages[:number], posted, *self.job.messages[number + 1 :])
        return replace(self.job, images=images, messages=messages)

    def _attachment_of(
        self, file: PostedFile, image: JobImage, message: discord.Message, options: RenderOptions
    ) -> Attachment:
        """Return the attachment of an image. A gallery doesn't say file sizes, so it is the size that was sent."""
        if image.attachment and image.attachment.id == file.id:
            size = image.attachment.size
        else:
            sent = options.fitted.get(image.index, image.picture)
            size = file.size or (sent.size if sent else 0)
        return Attachment(id=file.id, message_id=message.id, filename=file.name, size=size, url=file.url)

    def _archive(
        self, files: Mapping[str, PostedFile], page: Page, message: discord.Message, options: RenderOptions
    ) -> Attachment | None:
        file = find_file(files, page.archive) if page.archive else None
        if file is None:
            return None
        size = file.size or (options.bundle.size if options.bundle else 0)
        return Attachment(id=file.id, message_id=message.id, filename=file.name, size=size, url=file.url)

    def event(self, version: int, now: float) -> Shown:
        messages, kept = self.job.messages[: self._pages], any(map(is_kept_only, self.job.current))
        kept = kept and self.job.state.final
        return Shown(version, messages, self._attachments, tuple(self._posted), now, kept=kept)


def is_kept_only(image: JobImage) -> bool:
    """Return whether nobody can see the picture: it is neither on Discord nor behind a link, only in its file."""
    return image.picture is not None and image.attachment is None and image.link is None


def _with_attachment(image: JobImage, held: Mapping[int, Attachment | None], gone: PostedMessage | None) -> JobImage:
    """Return the image with its attachment; an attachment of a deleted message is dropped."""
    lies_in = image.attachment.message_id if image.attachment else None
    lost = gone is not None and lies_in in {0, gone.id}
    return replace(image, attachment=held.get(image.index, None if lost else image.attachment))
