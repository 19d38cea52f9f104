"""Draws a job: row in, message out. Pure, but that discord.py's views want a running event loop."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.ui.buttons import Row, button, rows
from cogs.ui.language import _, marked, ngettext, number, speaking
from cogs.ui.layers import alt_text, image_name, layer_names, shown_images
from cogs.ui.price_texts import cost_line
from cogs.ui.texts import came_from, escaped, failure_sentence, plain, seconds, size_line
from studio.jobs import Form, JobState, Part, Reason, Shape
from studio.layers import file_stems, slug

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio.jobs import Attachment, Failure, Job, JobImage, PostedMessage
    from studio.pictures import Bundle, Picture

PER_MESSAGE = 10  # Discord's limit of files in a message and of items in a gallery
PROMPT_SHOWN = 500
LINKS_ROOM = 1400  # characters
CONTENT_ROOM = 2000  # of a plain message's text
_LONGEST_NAME = 40  # of a file, in characters

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

    `archive`: what the ZIP file is called that it holds beside them. `content`: the text of a plain message, whose view
    has nothing but buttons; None for one that is drawn of components.
    """

    number: int
    view: ui.LayoutView | ui.View
    images: tuple[JobImage, ...]
    digest: str
    archive: str | None = None
    content: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a job is drawn where it goes.

    `fitted`: the smaller files that stand in for pictures over the place's limit, by image index. `bundle`: the ZIP of
    its layers. `shape`: what Discord takes of it there. `mention`: begin with the member's mention. `anew`: for a
    message that holds nothing.
    """

    fitted: Mapping[int, Picture] = field(default_factory=dict)
    bundle: Bundle | None = None
    shape: Shape = field(default_factory=Shape)
    mention: bool = False
    anew: bool = False
    withheld: bool = False

    @property
    def form(self) -> Form:
        return self.shape.form

    def hides(self, part: Part) -> bool:
        return part in self.shape.without

    def holds(self, image: JobImage) -> bool:
        """Whether the message has the picture already, and keeps it."""
        return image.attachment is not None and not self.anew and self.form is not Form.CARD

    def shows(self, image: JobImage) -> bool:
        return (self.form.attaches and not self.withheld) or self.holds(image)

    def is_plain(self, old: PostedMessage | None) -> bool:
        """A message stays what it was; a new one is as simple as its form."""
        return self.form is not Form.GALLERY if self.anew or old is None else old.plain


def draw(job: Job, manner: Manner = Manner()) -> tuple[Page, ...]:
    """The messages of a job, in order: ten pictures each, the last one with status and buttons.

    They are in the language that it was asked for in, whoever draws them.
    """
    with speaking(job.origin.locale):
        return _pages(job, manner)


def filename(job: Job, image: JobImage, manner: Manner) -> str:
    """What a picture is called where people save it: the prompt's first words, or a layer's name."""
    if image.attachment:
        return image.attachment.filename
    picture = manner.fitted.get(image.index, image.picture)
    kind = picture.format if picture else "jpeg"
    if job.request.layer_decomposition and not manner.hides(Part.PROMPT):
        return f"{file_stems(job)[image.index]}.{kind}"
    return f"{_slug(job, manner)}-{image.index + 1}.{kind}"


def archive_name(job: Job, manner: Manner) -> str | None:
    """What the ZIP of the layers is called that the first message holds; None where it holds none."""
    if not manner.anew and manner.form is not Form.CARD and (held := held_archive(job)):
        return held.filename
    return (
        f"{_slug(job, manner)}-layers.zip" if manner.bundle and manner.form.attaches and not manner.withheld else None
    )


def held_archive(job: Job) -> Attachment | None:
    """The ZIP that the first message holds already."""
    return job.messages[0].archive if job.messages else None


def _slug(job: Job, manner: Manner) -> str:
    words = "" if manner.hides(Part.PROMPT) else job.request.prompt
    return "cut-out" if job.request.background else slug(words, _LONGEST_NAME) or "seedream"


def _pages(job: Job, manner: Manner) -> tuple[Page, ...]:
    held = _held(job, manner)
    parts = _parts(held, PER_MESSAGE - 1 if archive_name(job, manner) else PER_MESSAGE)
    last = len(parts) - 1
    # A full message with more to come is drawn as it will stay: the next one will have status and buttons.
    if len(parts[-1]) == PER_MESSAGE and not job.state.final and job.wanted > len(held):
        last += 1
    return tuple(_page(job, manner, part, at, last=at == last) for at, part in enumerate(parts))


def _held(job: Job, manner: Manner) -> list[JobImage]:
    """The images whose files are shown. How many layers there are, and their order, is known only at the end."""
    if job.request.layer_decomposition and not job.state.final:
        return []
    return [image for image in shown_images(job) if manner.shows(image)]


def _parts(images: Sequence[JobImage], first: int) -> list[tuple[JobImage, ...]]:
    """The images of each message: so many in the first, and as many as Discord takes in each other one."""
    rest = range(first, len(images), PER_MESSAGE)
    return [tuple(images[:first]), *(tuple(images[at : at + PER_MESSAGE]) for at in rest)]


def _page(job: Job, manner: Manner, images: tuple[JobImage, ...], at: int, *, last: bool) -> Page:
    archive = archive_name(job, manner) if at == 0 else None
    old = job.messages[at] if at < len(job.messages) else None
    head = _head(job, manner) if at == 0 else ""
    lines = [*_status(job, manner), *_left_out(job, manner), _footer(job)] if last else []
    buttons = _buttons(job, manner) if last else []
    if manner.is_plain(old):
        content = "\n".join(filter(None, [head, *lines]))[:CONTENT_ROOM] or None
        view: ui.View | ui.LayoutView = _button_view(buttons)
    else:
        content = None
        view = _layout(_gallery(job, manner, images), archive, head, lines, buttons, _drawn_state(job, last=last))
    view.stop()  # its buttons are dynamic items: discord.py has nothing to keep for it
    return Page(at, view, images, _digest(view, content), archive, content)


def _head(job: Job, manner: Manner) -> str:
    greeting = f"<@{job.origin.user_id}>\n" if manner.mention else ""
    return f"{greeting}**{_title(job, manner)}**{_parent(job, manner)}"


def _buttons(job: Job, manner: Manner) -> list[Row]:
    """The simplest card has what it can't be refused for."""
    return [Row(button("details", job.id), button("delete", job.id))] if manner.form is Form.CARD else rows(job)


def _layout(
    gallery: ui.MediaGallery[ui.LayoutView] | None,
    archive: str | None,
    head: str,
    lines: Sequence[str],
    buttons: Sequence[Row],
    state: JobState,
) -> ui.LayoutView:
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=_ACCENTS[state])
    if head:
        container.add_item(ui.TextDisplay(head))
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


def _button_view(buttons: Sequence[Row]) -> ui.View:
    """The same buttons, as a plain message has them."""
    view = ui.View(timeout=None)
    for place, row in enumerate(buttons):
        for item in list(row.children):
            row.remove_item(item)
            item.row = place
            view.add_item(item)
    return view


def draw_moved(job: Job, old: PostedMessage, new: PostedMessage) -> Page:
    """What is left of a message that another has replaced: the way there."""
    with speaking(job.origin.locale):
        # Translators: {link} leads to another message.
        words = _("➡️ Continued in [this message]({link}).", link=job.link_to(new))
    content = words if old.plain else None
    view = ui.View(timeout=None) if old.plain else _layout(None, None, words, (), (), JobState.DONE)
    view.stop()
    return Page(0, view, (), "", None, content)


def _title(job: Job, manner: Manner) -> str:
    if manner.hides(Part.PROMPT):
        # Translators: the heading of a result whose prompt can't be shown.
        return _("Result")
    # Translators: the heading of a picture's layers, as in an image editor.
    return escaped(job.request.prompt, PROMPT_SHOWN) or _("Layers")


def _drawn_state(job: Job, *, last: bool) -> JobState:
    """A full page has no more to come, so it is drawn as done at once and not edited again."""
    return job.state if last else JobState.DONE


def _digest(view: ui.LayoutView | ui.View, content: str | None) -> str:
    drawn = json.dumps([content, view.to_components()])
    return hashlib.blake2s(drawn.encode(), digest_size=8).hexdigest()


def _gallery(job: Job, manner: Manner, images: Sequence[JobImage]) -> ui.MediaGallery[ui.LayoutView] | None:
    items = [
        discord.MediaGalleryItem(
            f"attachment://{filename(job, image, manner)}", description=description_of(job, image, manner)
        )
        for image in images
    ]
    return ui.MediaGallery(*items) if items else None


def description_of(job: Job, image: JobImage, manner: Manner) -> str:
    """The alt text of a picture, which is the prompt where that may be shown."""
    return image_name(job, image) if manner.hides(Part.PROMPT) else alt_text(job, image)


def _status(job: Job, manner: Manner) -> list[str]:
    """What is going on, and what is missing and why."""
    match job.state:
        case JobState.QUEUED | JobState.RUNNING:
            return [_progress(job)]
        case JobState.FAILED:
            return _failed(job, manner)
        case JobState.CANCELLED:
            return ["-# " + _("Cancelled. Nothing was charged for it.")]
        case _:
            return [*_layers(job, manner), *_shrunk(job, manner), *_links(job, manner), *_missing(job, manner)]


# After these nobody knows whether the service has made something.
_MAY_HAVE_COST = {Reason.LOST, Reason.CUT, Reason.INTERRUPTED, Reason.EXPIRED, Reason.INTERNAL}
_OF_A_LOOK_UP = {
    Reason.BAD_KEY,
    Reason.DISABLED,
    Reason.OVERDUE,
    Reason.WRONG_ADDRESS,
    Reason.BAD_REQUEST,
    Reason.UNKNOWN,
}


_LEFT_OUT = {
    Part.PICTURES: marked("Discord doesn't allow these pictures here: it takes them for explicit content."),
    Part.LINKS: marked("Discord blocks a link in this result, so links are left out."),
    Part.PROMPT: marked("The prompt isn't shown: Discord or this server's AutoMod blocked it."),
}


def _left_out(job: Job, manner: Manner) -> list[str]:
    """What Discord has refused of it, and where it is to be had."""
    lines = [_(words) for part, words in _LEFT_OUT.items() if manner.hides(part)]
    loose = [image for image in job.images if image.link and not manner.shows(image)]
    if job.state.final and loose and (manner.form is Form.CARD or manner.hides(Part.LINKS)):
        # Translators: *Details* is the button under a result.
        lines.append(
            _("Discord took the pictures in no form here. *Details* has links to them. Save them within 24 hours.")
        )
    return [f"-# {line}" for line in lines]


def _parent(job: Job, manner: Manner) -> str:
    """What it came from, with the way there."""
    lines = [f"-# ↪ {came}"] if (came := came_from(job)) else []
    lines += [f"-# {job.note}"] if job.note and not manner.hides(Part.PROMPT) else []
    return "".join(f"\n{line}" for line in lines)


def _progress(job: Job) -> str:
    since = f"<t:{int(job.created_at)}:R>"
    if job.request.layer_decomposition and not job.place:
        # Translators: into layers. {since} is such as "5 seconds ago".
        return _("🎨 Taking the picture apart … asked {since}", since=since)
    ready = len(job.images)
    if ready:
        # Translators: so many of the pictures are there. {since} is such as "5 seconds ago".
        return ngettext(
            "🎨 {ready} of {n} picture … asked {since}",
            "🎨 {ready} of {n} pictures … asked {since}",
            job.wanted,
            ready=number(ready),
            since=since,
        )
    if job.place:
        # Translators: so many others are ahead. {since} is such as "5 seconds ago".
        return _("⏳ In the queue, {ahead} ahead … asked {since}", ahead=number(job.place), since=since)
    # Translators: {since} is such as "5 seconds ago".
    return ngettext(
        "🎨 Painting {n} picture … asked {since}",
        "🎨 Painting {n} pictures … asked {since}",
        job.wanted,
        since=since,
    )


def _why(failure: Failure, manner: Manner) -> str:
    """The service's own words may repeat the prompt."""
    return failure_sentence(replace(failure, detail="") if manner.hides(Part.PROMPT) else failure)


def _failed(job: Job, manner: Manner) -> list[str]:
    if job.failure is None:
        return []
    unsettling = _MAY_HAVE_COST | _OF_A_LOOK_UP if job.task_id else _MAY_HAVE_COST
    unsure = job.started_at is not None and job.failure.reason in unsettling
    small = [_("The service may have charged for it all the same.") if unsure else _("Nothing was charged for it.")]
    if job.trace_id:
        small.append(_("Trace id: `{id}`", id=plain(job.trace_id, 80)))
    return [f"⚠️ {_why(job.failure, manner)}", f"-# {' '.join(small)}"]


def _layers(job: Job, manner: Manner) -> list[str]:
    """What the layers are, and why they are not in a ZIP as well where they aren't."""
    if not job.request.layer_decomposition:
        return []
    names = [] if manner.hides(Part.PROMPT) else [f"-# {layer_names(job)}"]
    return [*names, *_no_archive(job, manner)]


def _no_archive(job: Job, manner: Manner) -> list[str]:
    if archive_name(job, manner):
        return []
    limit = job.origin.upload_limit
    too_large = _(
        "The ZIP of the layers is over this channel's limit of {limit}. Details has their order and positions.",
        limit=f"{number(limit / 2**20)} MiB",
    )
    otherwise = _("The ZIP of the layers couldn't be attached here. Details has their order and positions.")
    sizes = sum(image.picture.size for image in job.images if image.picture)
    return [f"-# {too_large if sizes > limit else otherwise}"]


def _shrunk(job: Job, manner: Manner) -> list[str]:
    """Where the place's limit made a picture smaller, its full size is a link away."""
    smaller = [image for image in job.images if image.link and _is_smaller(image, manner)]
    if not smaller or manner.hides(Part.LINKS):
        return []
    made_smaller = _(
        "Made smaller for this place's limit of {limit}. Full size, for 24 hours: {links}",
        limit=f"{number(job.origin.upload_limit / 2**20)} MiB",
        links=_linked(job, smaller),
    )
    return [f"-# {made_smaller}"]


def _is_smaller(image: JobImage, manner: Manner) -> bool:
    if image.picture is None:
        return False
    if image.attachment:
        return image.attachment.size < image.picture.size
    return manner.fitted.get(image.index, image.picture) is not image.picture


def _links(job: Job, manner: Manner) -> list[str]:
    """Pictures that could not be attached are never withheld: their links live for a day."""
    loose = [one for one in job.images if one.link and (one.picture is None or not manner.shows(one))]
    if not loose or manner.form is Form.CARD or manner.hides(Part.LINKS):
        return []
    return [_("🔗 Could not be attached here. Save within 24 hours: {links}", links=_linked(job, loose))]


def _linked(job: Job, images: Sequence[JobImage]) -> str:
    """As many links as a message has room for: its texts together have 4,000 characters."""
    links: list[str] = []
    room = LINKS_ROOM
    for image in images:
        link = f"[{image_name(job, image)}]({image.link})"
        room -= len(link) + 3
        if room < 0:
            # Translators: so many more pictures. Details is a button; it ends a list of links.
            more = ngettext("and {n} more, in Details", "and {n} more, in Details", len(images) - len(links))
            return " · ".join([*links, more])
        links.append(link)
    return " · ".join(links)


def _missing(job: Job, manner: Manner) -> list[str]:
    """In one line, why there are fewer pictures than asked for."""
    wanted = (
        len(job.images) if job.request.layer_decomposition else job.wanted
    )  # nobody knows how many layers there are
    broken = job.failure is not None and job.request.layer_decomposition
    if job.spent >= wanted and not broken:
        return []
    failures = [image.failure for image in job.images if image.failure and not image.link]
    why = job.failure or (failures[0] if failures else None)
    # Translators: such as "2 of 4 pictures." {reason} is a sentence.
    fewer = ngettext(
        "{made} of {n} picture. {reason} The rest was not charged.",
        "{made} of {n} pictures. {reason} The rest was not charged.",
        wanted,
        made=job.spent,
        reason=_why(why, manner) if why else _("The model chose to make fewer."),
    )
    return [f"-# {fewer}"]


def _footer(job: Job) -> str:
    request = job.request
    seed = None if request.seed in (None, -1) else _("seed {seed}", seed=request.seed)
    parts = (request.capabilities.label, size_line(job), seed, seconds(job), cost_line(job), f"<@{job.origin.user_id}>")
    return "-# " + " · ".join(part for part in parts if part)
