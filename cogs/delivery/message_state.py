"""A job while its messages are brought up to its row: what each of them holds by now."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from cogs.delivery.job_message import render
from cogs.delivery.posted_files import PostedFile, files_in, named
from studio.jobs.events import Shown
from studio.jobs.messages import Attachment, PostedMessage

if TYPE_CHECKING:
    from collections.abc import Mapping

    import discord

    from cogs.delivery.job_message import Page
    from cogs.delivery.render_options import RenderOptions
    from studio.jobs.job import Job, JobImage

log = logging.getLogger(__name__)


class MessageState:
    """A job while it is being shown: `job` has what its messages hold by now."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.complete = False
        self._pages = 0
        self._posted: list[PostedMessage] = []
        self._attachments: dict[int, Attachment] = {}

    def old(self, number: int) -> PostedMessage | None:
        return self.job.messages[number] if number < len(self.job.messages) else None

    def outdated(self, options: RenderOptions) -> Page | None:
        """The first page whose message does not show it yet; with none it is complete."""
        pages = render(self.job, options)
        self._pages = len(pages)
        found = next((one for one in pages if not (old := self.old(one.number)) or old.drawing != one.digest), None)
        self.complete = found is None
        return found

    def put(self, number: int, page: Page, message: discord.Message, options: RenderOptions, *, by_token: bool) -> None:
        """The message shows the page now."""
        files = files_in(message)
        held = {
            image.index: self._held(file, image, message, options)
            for image, name in zip(page.images, page.names, strict=True)
            if (file := named(files, name))
        }
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
        )
        if len(held) < len(page.images):
            log.warning("job %s: message %d does not show all that was sent", self.job.id, message.id)
        self._attachments |= held
        self._posted.append(posted)
        gone = self.old(number)
        images = tuple(
            _now_held(one, held, gone if gone and gone.id != message.id else None) for one in self.job.images
        )
        self.job = self._with(number, posted, images)
        drawn = render(self.job, options)
        if number < len(drawn):
            self.job = self._with(number, replace(posted, drawing=drawn[number].digest), images)

    def _with(self, number: int, posted: PostedMessage, images: tuple[JobImage, ...]) -> Job:
        messages = (*self.job.messages[:number], posted, *self.job.messages[number + 1 :])
        return replace(self.job, images=images, messages=messages)

    def _held(self, file: PostedFile, image: JobImage, message: discord.Message, options: RenderOptions) -> Attachment:
        """What a gallery shows does not say its size, but we know what we have sent."""
        if image.attachment and image.attachment.id == file.id:
            size = image.attachment.size
        else:
            sent = options.fitted.get(image.index, image.picture)
            size = file.size or (sent.size if sent else 0)
        return Attachment(id=file.id, message_id=message.id, filename=file.name, size=size, url=file.url)

    def _archive(
        self, files: Mapping[str, PostedFile], page: Page, message: discord.Message, options: RenderOptions
    ) -> Attachment | None:
        file = named(files, page.archive) if page.archive else None
        if file is None:
            return None
        size = file.size or (options.bundle.size if options.bundle else 0)
        return Attachment(id=file.id, message_id=message.id, filename=file.name, size=size, url=file.url)

    def event(self, version: int) -> Shown:
        return Shown(version, self.job.messages[: self._pages], self._attachments, tuple(self._posted))


def _now_held(image: JobImage, held: Mapping[int, Attachment], gone: PostedMessage | None) -> JobImage:
    """The picture with where it lies now; what lay in a message that is gone does not any more."""
    lies_in = image.attachment.message_id if image.attachment else None
    lost = gone is not None and lies_in in {0, gone.id}
    return replace(image, attachment=held.get(image.index, None if lost else image.attachment))
