"""Draws a job: row in, message out. Pure, but that discord.py's views want a running event loop."""

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
    """One message of a job: its view, and the images whose files it holds. `digest` names what is drawn.

    `names`: what those files are called, in their order. `archive`: what the ZIP file is called that it holds beside
    them. `content`: the text of a plain message, whose view has nothing but buttons; None for one that is drawn of
    components.
    """

    number: int
    view: ui.LayoutView | ui.View
    images: tuple[JobImage, ...]
    names: tuple[str, ...]
    digest: str
    archive: str | None = None
    content: str | None = None


def render(job: Job, options: RenderOptions = WHOLE) -> tuple[Page, ...]:
    """The messages of a job, in order: ten pictures each, the last one with status and buttons.

    They are in the language that it was asked for in, whoever draws them.
    """
    with using_locale(job.origin.locale):
        return _pages(job, options)


def _pages(job: Job, options: RenderOptions) -> tuple[Page, ...]:
    job = _held_back(job)
    held = _held(job, options)
    parts = _parts(held, PER_MESSAGE - 1 if archive_name(job, options) else PER_MESSAGE)
    last = len(parts) - 1
    # A full message with more to come is drawn as it will stay: the next one will have status and buttons.
    if len(parts[-1]) == PER_MESSAGE and not job.state.final and job.wanted > len(held):
        last += 1
    return tuple(_page(job, options, part, at, last=at == last) for at, part in enumerate(parts))


def _held_back(job: Job) -> Job:
    """The job as its message goes on showing it which nothing can change any more."""
    if job.state.final or not (job.late and job.by_token_alone):
        return job
    images = tuple(image for image in job.images if image.attachment)
    return replace(job, state=JobState.RUNNING, place=0, images=images)


def _held(job: Job, options: RenderOptions) -> list[JobImage]:
    """The images whose files are shown. How many layers there are, and their order, is known only at the end."""
    if job.request.layer_decomposition and not job.state.final:
        return []
    return [image for image in shown_images(job) if options.shows(image)]


def _parts(images: Sequence[JobImage], first: int) -> list[tuple[JobImage, ...]]:
    """The images of each message: so many in the first, and as many as Discord takes in each other one."""
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
        gallery, state = _gallery(job, options, images), _drawn_state(job, last=last)
        view = _layout(gallery, archive, heading, lines, buttons, state, mark=mark_of(job.id))
    view.stop()  # its buttons are dynamic items: discord.py has nothing to keep for it
    names = tuple(filename(job, image, options) for image in images)
    return Page(at, view, images, names, _digest(view, content), archive, content)


def _buttons(job: Job, options: RenderOptions) -> list[Row]:
    """The simplest card has what it can't be refused for."""
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
    """The id of the container that a job is drawn in, by which its messages are known from any other job's.

    Discord keeps the ids of components that have one, up to 2**31 - 1, and numbers the others from 1.
    """
    digest = hashlib.blake2s(job_id.encode(), digest_size=4).digest()
    return 1 << 30 | int.from_bytes(digest) & (1 << 30) - 1


def _button_view(buttons: Sequence[Row]) -> ui.View:
    """The same buttons, as a plain message has them."""
    view = ui.View(timeout=None)
    for place, row in enumerate(buttons):
        for item in list(row.children):
            row.remove_item(item)
            item.row = place
            view.add_item(item)
    return view


def render_moved(job: Job, old: PostedMessage, new: PostedMessage) -> Page:
    """What is left of a message that another has replaced: the way there."""
    with using_locale(job.origin.locale):
        # Translators: {link} leads to another message.
        words = _("➡️ Continued in [this message]({link}).", link=job.link_to(new))
    content = words if old.plain else None
    view = ui.View(timeout=None) if old.plain else _layout(None, None, words, (), (), JobState.DONE)
    view.stop()
    return Page(0, view, (), (), "", None, content)


def _drawn_state(job: Job, *, last: bool) -> JobState:
    """A full page has no more to come, so it is drawn as done at once and not edited again."""
    return job.state if last else JobState.DONE


def _digest(view: ui.LayoutView | ui.View, content: str | None) -> str:
    drawn = json.dumps([content, view.to_components()])
    return hashlib.blake2s(drawn.encode(), digest_size=8).hexdigest()


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
