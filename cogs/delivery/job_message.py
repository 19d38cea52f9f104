"""Renders a job's row as Discord messages. Pure, except that discord.py's views need a running event loop."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.delivery.before import before_url
from cogs.delivery.buttons import PER_ROW, Row, button, defaults_button, details_button, rows
from cogs.delivery.job_text import footer, head, left_out, remembered_line, status_lines
from cogs.delivery.model_choice import model_rows
from cogs.delivery.posted_files import LEAST_MARK
from cogs.delivery.render_options import WHOLE, RenderOptions, archive_name, description_of, filename
from cogs.i18n.translate import _, using_locale
from cogs.texts.layers import shown_images
from studio.jobs.messages import MessageForm, Part
from studio.jobs.sets import as_whole, requested
from studio.jobs.states import JobState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.jobs.images import JobImage
    from studio.jobs.job import Job
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
    job = _as_last_shown(as_whole(job))
    held = _images_with_files(job, options)
    parts = _split(held, PER_MESSAGE - 1 if archive_name(job, options) else PER_MESSAGE)
    last = len(parts) - 1
    # A full message is rendered as it will stay if more pictures follow: the next message has status and buttons.
    if len(parts[-1]) == PER_MESSAGE and not job.state.final and requested(job) > len(held):
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
    lines = [*status_lines(job, options), *left_out(job, options)] if last else []
    if options.is_plain(old):
        texts = [head(job, options) if at == 0 else "", *lines, *([remembered_line(job), footer(job)] if last else [])]
        content = "\n".join(filter(None, texts))[:CONTENT_ROOM] or None
        view: ui.View | ui.LayoutView = _button_view(_plain_buttons(job, options) if last else [])
    else:
        content = None
        gallery = [_gallery(job, options, images)] if images else []
        files = [ui.File[ui.LayoutView](f"attachment://{archive}")] if archive else []
        below = [_remembered(job), _footer(job), *_rows(job, options)] if last else []
        view = _layout(
            _heading(job, options) if at == 0 else "",
            *gallery,
            *files,
            *lines,
            *below,
            colour=_accent(job, last=last),
            mark=mark_of(job.id),
        )
    view.stop()  # its buttons are dynamic items, so discord.py doesn't have to keep the view
    names = tuple(filename(job, image, options) for image in images)
    return Page(at, view, images, names, _digest(view, content), archive, content)


def _heading(job: Job, options: RenderOptions) -> str | ui.Item[ui.LayoutView]:
    """Return the heading, with the picture that was changed beside it."""
    hidden = options.hides(Part.BEFORE) or options.hides(Part.LINKS) or options.form is not MessageForm.GALLERY
    before = None if hidden else before_url(job)
    if not before:
        return head(job, options)
    # Translators: the alt text of a small picture beside a result: what it looked like before it was changed.
    thumbnail = ui.Thumbnail[ui.LayoutView](before, description=_("Before"), spoiler=job.spoiler)
    return ui.Section(ui.TextDisplay(head(job, options, beside=True)), accessory=thumbnail)


def _rows(job: Job, options: RenderOptions) -> list[Row]:
    """Return the buttons; the simplest form has only those that can't be the reason for a refusal."""
    return [Row(button("delete", job.id))] if options.form is MessageForm.CARD else [*rows(job), *model_rows(job)]


def _plain_buttons(job: Job, options: RenderOptions) -> list[Row]:
    """Return a plain message's buttons, which can't stand beside its footer."""
    shown, details = _rows(job, options), details_button(job)
    if details is None:
        return shown
    if len(shown[-1].children) == PER_ROW:
        return [*shown, Row(details)]
    shown[-1].add_item(details)
    return shown


def _remembered(job: Job) -> str | ui.Item[ui.LayoutView]:
    """Return the line about the member's defaults, with a button to change them; "" if none was used."""
    text = remembered_line(job)
    return ui.Section(ui.TextDisplay(text), accessory=defaults_button()) if text else ""


def _footer(job: Job) -> ui.Item[ui.LayoutView]:
    """Return the footer, with Details beside it once the job has ended."""
    text, details = ui.TextDisplay[ui.LayoutView](footer(job)), details_button(job)
    return ui.Section(text, accessory=details) if details else text


def _layout(*items: str | ui.Item[ui.LayoutView], colour: int, mark: int | None = None) -> ui.LayoutView:
    """Put texts and other components into a container. Empty texts are left out."""
    shown = [ui.TextDisplay[ui.LayoutView](item) if isinstance(item, str) else item for item in items if item]
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*shown, accent_colour=colour, id=mark))
    return view


def mark_of(job_id: str) -> int:
    """Return the id of a job's container component, which distinguishes its messages from other jobs'.

    Discord keeps ids of components up to 2**31 - 1, and numbers components without one from 1.
    """
    digest = hashlib.blake2s(job_id.encode(), digest_size=4).digest()
    return LEAST_MARK | int.from_bytes(digest) & LEAST_MARK - 1


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
    view = ui.View(timeout=None) if old.plain else _layout(words, colour=_ACCENTS[JobState.DONE])
    view.stop()
    return Page(0, view, (), (), "", None, content)


def _accent(job: Job, *, last: bool) -> int:
    """Return the colour of the job's state. A full page is shown as done at once, because it won't be edited again."""
    state = JobState.CANCELLED if job.dropped_at is not None else job.state
    return _ACCENTS[state if last else JobState.DONE]


def _digest(view: ui.LayoutView | ui.View, content: str | None) -> str:
    shown = json.dumps([content, view.to_components()])
    return hashlib.blake2s(shown.encode(), digest_size=8).hexdigest()


def _gallery(job: Job, options: RenderOptions, images: Sequence[JobImage]) -> ui.MediaGallery[ui.LayoutView]:
    items = (
        discord.MediaGalleryItem(
            f"attachment://{filename(job, image, options)}",
            description=description_of(job, image, options),
            spoiler=job.spoiler,
        )
        for image in images
    )
    return ui.MediaGallery(*items)
