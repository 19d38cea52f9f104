"""Draws a job: row in, message out. Pure, but that discord.py's views want a running event loop."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.ui.buttons import rows
from cogs.ui.language import _, ngettext, number, speaking
from cogs.ui.layers import alt_text, image_name, layer_names, shown_images
from cogs.ui.price_texts import cost_line
from cogs.ui.texts import came_from, escaped, failure_sentence, plain, seconds, size_line
from studio.editing import EXTRACTIONS, has_words
from studio.jobs import JobState, Reason
from studio.layers import file_stems, slug

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio.jobs import Attachment, Job, JobImage
    from studio.pictures import Bundle, Picture

PER_MESSAGE = 10  # Discord's limit of files in a message and of items in a gallery
PROMPT_SHOWN = 500
LINKS_ROOM = 1400  # characters
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

    `archive`: what the ZIP file is called that it holds beside them.
    """

    number: int
    view: ui.LayoutView
    images: tuple[JobImage, ...]
    digest: str
    archive: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a job is drawn where it goes.

    `fitted`: the smaller files that stand in for pictures over the place's limit, by image index. `bundle`: the ZIP of
    its layers. `as_links`: what is not attached yet is linked. `mention`: begin with the member's mention. `anew`: for
    a message that holds nothing.
    """

    fitted: Mapping[int, Picture] = field(default_factory=dict)
    bundle: Bundle | None = None
    as_links: bool = False
    mention: bool = False
    anew: bool = False

    def holds(self, image: JobImage) -> bool:
        """Whether the message has the picture already."""
        return image.attachment is not None and not self.anew


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
    if job.request.layer_decomposition:
        return f"{file_stems(job)[image.index]}.{kind}"
    return f"{_slug(job)}-{image.index + 1}.{kind}"


def archive_name(job: Job, manner: Manner) -> str | None:
    """What the ZIP of the layers is called that the first message holds; None where it holds none."""
    if (held := held_archive(job)) and not manner.anew:
        return held.filename
    return f"{_slug(job)}-layers.zip" if manner.bundle else None


def held_archive(job: Job) -> Attachment | None:
    """The ZIP that the first message holds already."""
    return job.messages[0].archive if job.messages else None


def _slug(job: Job) -> str:
    return "cut-out" if job.request.background else slug(job.request.prompt, _LONGEST_NAME) or "seedream"


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
    return [image for image in shown_images(job) if manner.holds(image) or not manner.as_links]


def _parts(images: Sequence[JobImage], first: int) -> list[tuple[JobImage, ...]]:
    """The images of each message: so many in the first, and as many as Discord takes in each other one."""
    rest = range(first, len(images), PER_MESSAGE)
    return [tuple(images[:first]), *(tuple(images[at : at + PER_MESSAGE]) for at in rest)]


def _page(job: Job, manner: Manner, images: tuple[JobImage, ...], at: int, *, last: bool) -> Page:
    archive = archive_name(job, manner) if at == 0 else None
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=_ACCENTS[_drawn_state(job, last=last)])
    if at == 0:
        greeting = f"<@{job.origin.user_id}>\n" if manner.mention else ""
        container.add_item(ui.TextDisplay(f"{greeting}{_head(job)}"))
    if images:
        container.add_item(_gallery(job, manner, images))
    if archive:
        container.add_item(ui.File(f"attachment://{archive}"))
    if last:
        for line in (*_status(job, manner), _footer(job)):
            container.add_item(ui.TextDisplay(line))
        for row in rows(job):
            container.add_item(row)
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    view.stop()  # its buttons are dynamic items: discord.py has nothing to keep for it
    return Page(at, view, images, _digest(view), archive)


def _head(job: Job) -> str:
    """What it is, then what it came from. What was taken out of a picture had no words of anybody's."""
    came = came_from(job)
    if job.parent and job.parent.verb in EXTRACTIONS:
        title, came = came, None
    elif has_words(job.request):
        title = escaped(job.request.prompt, PROMPT_SHOWN)
    else:
        # Translators: the headings of a picture's subject without its background, and of its layers.
        title = _("Layers") if job.request.layer_decomposition else _("Cut-out")
    lines = [f"-# ↪ {came}" if came else "", f"-# {job.note}" if job.note else ""]
    return "\n".join(filter(None, (f"**{title}**", *lines)))


def _drawn_state(job: Job, *, last: bool) -> JobState:
    """A full page has no more to come, so it is drawn as done at once and not edited again."""
    return job.state if last else JobState.DONE


def _digest(view: ui.LayoutView) -> str:
    drawn = json.dumps(view.to_components())  # type: ignore[no-untyped-call]  # discord.py leaves it untyped
    return hashlib.blake2s(drawn.encode(), digest_size=8).hexdigest()


def _gallery(job: Job, manner: Manner, images: Sequence[JobImage]) -> ui.MediaGallery[ui.LayoutView]:
    items = (
        discord.MediaGalleryItem(
            f"attachment://{filename(job, image, manner)}", description=alt_text(job, image), spoiler=job.spoiler
        )
        for image in images
    )
    return ui.MediaGallery(*items)


def _status(job: Job, manner: Manner) -> list[str]:
    """What is going on, and what is missing and why."""
    match job.state:
        case JobState.QUEUED | JobState.RUNNING:
            return [_progress(job)]
        case JobState.FAILED:
            return _failed(job)
        case JobState.CANCELLED:
            return ["-# " + _("Cancelled. Nothing was charged for it.")]
        case _:
            return [*_layers(job, manner), *_shrunk(job, manner), *_links(job, manner), *_missing(job)]


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


def _failed(job: Job) -> list[str]:
    if job.failure is None:
        return []
    unsettling = _MAY_HAVE_COST | _OF_A_LOOK_UP if job.task_id else _MAY_HAVE_COST
    unsure = job.started_at is not None and job.failure.reason in unsettling
    small = [_("The service may have charged for it all the same.") if unsure else _("Nothing was charged for it.")]
    if job.trace_id:
        small.append(_("Trace id: `{id}`", id=plain(job.trace_id, 80)))
    return [f"⚠️ {failure_sentence(job.failure)}", f"-# {' '.join(small)}"]


def _layers(job: Job, manner: Manner) -> list[str]:
    """What the layers are, and why they are not in a ZIP as well where they aren't."""
    if not job.request.layer_decomposition:
        return []
    return [f"-# {layer_names(job)}", *_no_archive(job, manner)]


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
    if not smaller:
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
    loose = [i for i in job.images if i.link and (i.picture is None or (manner.as_links and not manner.holds(i)))]
    if not loose:
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


def _missing(job: Job) -> list[str]:
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
        reason=failure_sentence(why) if why else _("The model chose to make fewer."),
    )
    return [f"-# {fewer}"]


def _footer(job: Job) -> str:
    request = job.request
    seed = None if request.seed in (None, -1) else _("seed {seed}", seed=request.seed)
    parts = (request.capabilities.label, size_line(job), seed, seconds(job), cost_line(job), f"<@{job.origin.user_id}>")
    return "-# " + " · ".join(part for part in parts if part)
