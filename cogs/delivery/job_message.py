"""Renders a job's row as Discord messages. Pure, except that discord.py's views need a running event loop."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.delivery.buttons import Row, button, rows
from cogs.delivery.job_text import footer, head, left_out, status_lines
from cogs.delivery.render_options import WHOLE, RenderOptions, archive_name, description_of, filename
from cogs.i18n.translate import _, using_locale
from cogs.texts.layers import shown_images
from studio.jobs.job import JobState
from studio.jobs.messages import MessageForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.jobs.job import Job, JobImage
    from studio.jobs.messages import PostedMessage

PER_MESSAGE = 10  # Discord's limit of files in a message and of items in a gallery
CONTENT_ROOM = 2000  # of a plain message's text

_ACCENTS = {
    JobState.QUEUED: 0x8A8F98,
    JobState.RUNNING: 0x5865F2,
    JobState.DONE: 0x2FA56B,
    JobState.FAILED: 0xD83C3E,
    JobState.CANCELLED: 0x8A8F98,
}


@dataclass(frozen=True, slots=True)
class Page:
    """One message of a job: its view, and the images whose files it holds.

    names: the names of those files, in their order. archive: the name of its ZIP file, None without one.
    content: the text of a plain message, whose view has only buttons; None for a message made of components.
    digest: a hash of everything that is shown.
    """

    number: int
    view: ui.LayoutView | ui.View
    images: tuple[JobImage, ...]
    names: tuple[str, ...]
    digest: str
    archive: str | None = None
    content: str | None = None


def render(job: Job, options: RenderOptions = WHOLE) -> tuple[Page, ...]:
    """Render the messages of a job, in order: ten pictures each, the last one with status and buttons.

    They are in the language of the job's member, whichever task renders them.
    """
    with using_locale(job.origin.locale):
        return _pages(job, options)


def _pages(job: Job, options: RenderOptions) -> tuple[Page, ...]:
    job = _as_last_shown(job)
    held = _images_with_files(job, options)
    parts = _split(held, PER_MESSAGE - 1 if archive_name(job, options) else PER_MESSAGE)
    last = len(parts) - 1
    # A full message is rendered as it will stay if more pictures follow: the next message has status and buttons.
    if len(parts[-1]) == PER_MESSAGE and not job.state.final and job.wanted > len(held):
        last += 1
    return tuple(_page(job, options, part, at, last=at == last) for at, part in enumerate(parts))


def _as_last_shown(job: Job) -> Job:
    """Return the job as its message keeps showing it after the token expired that alone could edit it."""
    if job.state.final or not (job.late and job.by_token_alone):
        return job
    images = tuple(image for image in job.images if image.attachment)
    return replace(job, state=JobState.RUNNING, place=0, images=images)


def _images_with_files(job: Job, options: RenderOptions) -> list[JobImage]:
    """Return the images whose files are shown. The number and order of layers are known only at the end."""
    if job.request.layer_decomposition and not job.state.final:
        return []
    return [image for image in shown_images(job) if options.shows(image)]


def _split(images: Sequence[JobImage], first: int) -> list[tuple[JobImage, ...]]:
    """Split the images into messages: `first` in the first one, PER_MESSAGE in each other one."""
    rest = range(first, len(images), PER_MESSAGE)
    return [tuple(images[:first]), *(tuple(images[at : at + PER_MESSAGE]) for at in rest)]


def _page(job: Job, options: RenderOptions, images: tuple[JobImage, ...], at: int, *, last: bool) -> Page:
    archive = archive_name(job, options) if at == 0 else None
    old = job.messages[at] if at < len(job.messages) else None
    heading = head(job, options) if at == 0 else ""
    lines = [*status_lines(job, options), *left_out(job, options), footer(job)] if last else []
    buttons = _buttons(job, options) if last else []
    if options.is_plain(old):
        content = "\n".join(filter(None, [heading, *lines]))[:CONTENT_ROOM] or None
        view: ui.View | ui.LayoutView = _button_view(buttons)
    else:
        content = None
        gallery, state = _gallery(job, options, images), _shown_state(job, last=last)
        view = _layout(gallery, archive, heading, lines, buttons, state, mark=mark_of(job.id))
    view.stop()  # its buttons are dynamic items, so discord.py doesn't have to keep the view
    names = tuple(filename(job, image, options) for image in images)
    return Page(at, view, images, names, _digest(view, content), archive, content)


def _buttons(job: Job, options: RenderOptions) -> list[Row]:
    """Return the buttons; the simplest form has only those that can't be the reason for a refusal."""
    return [Row(button("details", job.id), button("delete", job.id))] if options.form is MessageForm.CARD else rows(job)


def _layout(
    gallery: ui.MediaGallery[ui.LayoutView] | None,
    archive: str | None,
    heading: str,
    lines: Sequence[str],
    buttons: Sequence[Row],
    state: JobState,
    *,
    mark: int | None = None,
) -> ui.LayoutView:
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=_ACCENTS[state], id=mark)
    if heading:
        container.add_item(ui.TextDisplay(heading))
    if gallery:
        container.add_item(gallery)
    if archive:
        container.add_item(ui.File(f"attachment://{archive}"))
    for line in lines:
        container.add_item(ui.TextDisplay(line))
    for row in buttons:
        container.add_item(row)
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view


def mark_of(job_id: str) -> int:
    """Return the id of a job's container component, which distinguishes its messages from other jobs'.

    Discord keeps ids of components up to 2**31 - 1, and numbers components without one from 1.
    """
    digest = hashlib.blake2s(job_id.encode(), digest_size=4).digest()
    return 1 << 30 | int.from_bytes(digest) & (1 << 30) - 1


def _button_view(buttons: Sequence[Row]) -> ui.View:
    """Put the buttons into a view for a plain message."""
    view = ui.View(timeout=None)
    for place, row in enumerate(buttons):
        for item in list(row.children):
            row.remove_item(item)
            item.row = place
            view.add_item(item)
    return view


def render_moved(job: Job, old: PostedMessage, new: PostedMessage) -> Page:
    """Render a message that another one has replaced: only a link to that one."""
    with using_locale(job.origin.locale):
        # Translators: {link} leads to another message.
        words = _("➡️ Continued in [this message]({link}).", link=job.link_to(new))
    content = words if old.plain else None
    view = ui.View(timeout=None) if old.plain else _layout(None, None, words, (), (), JobState.DONE)
    view.stop()
    return Page(0, view, (), (), "", None, content)


def _shown_state(job: Job, *, last: bool) -> JobState:
    """Return the state to show. A full page is shown as done at once, because it won't be edited again."""
    stopped = job.dropped_at is not None
    return (JobState.CANCELLED if stopped else job.state) if last else JobState.DONE


def _digest(view: ui.LayoutView | ui.View, content: str | None) -> str:
    shown = json.dumps([content, view.to_components()])
    return hashlib.blake2s(shown.encode(), digest_size=8).hexdigest()


def _gallery(job: Job, options: RenderOptions, images: Sequence[JobImage]) -> ui.MediaGallery[ui.LayoutView] | None:
    items = [
        discord.MediaGalleryItem(
            f"attachment://{filename(job, image, options)}",
            description=description_of(job, image, options),
            spoiler=job.spoiler,
        )
        for image in images
    ]
    return ui.MediaGallery(*items) if items else None
