"""Draws a job: row in, message out. Pure, but that discord.py's views want a running event loop."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.ui.buttons import rows
from cogs.ui.texts import came_from, count, escaped, failure_sentence, plain, seconds, size_line
from studio.jobs import JobState, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio.jobs import Job, JobImage
    from studio.pictures import Picture

PER_MESSAGE = 10  # Discord's limit of files in a message and of items in a gallery
PROMPT_SHOWN = 500
LINKS_ROOM = 1400  # characters
ALT_TEXT = 1024

_ACCENTS = {
    JobState.QUEUED: 0x8A8F98,
    JobState.RUNNING: 0x5865F2,
    JobState.DONE: 0x2FA56B,
    JobState.FAILED: 0xD83C3E,
    JobState.CANCELLED: 0x8A8F98,
}


@dataclass(frozen=True, slots=True)
class Page:
    """One message of a job: its view, and the images whose files it holds. `digest` names what is drawn."""

    number: int
    view: ui.LayoutView
    images: tuple[JobImage, ...]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a job is drawn where it goes.

    `fitted`: the smaller files that stand in for pictures over the place's limit, by image index. `as_links`: what
    is not attached yet is linked. `mention`: begin with the member's mention. `anew`: for a message that holds nothing.
    """

    fitted: Mapping[int, Picture] = field(default_factory=dict)
    as_links: bool = False
    mention: bool = False
    anew: bool = False

    def holds(self, image: JobImage) -> bool:
        """Whether the message has the picture already."""
        return image.attachment is not None and not self.anew


def draw(job: Job, manner: Manner = Manner()) -> tuple[Page, ...]:
    """The messages of a job, in order: ten pictures each, the last one with status and buttons."""
    held = [i for i in job.images if i.picture and (manner.holds(i) or not manner.as_links)]
    parts = [tuple(held[at : at + PER_MESSAGE]) for at in range(0, len(held), PER_MESSAGE)] or [()]
    last = len(parts) - 1
    # A full message with more to come is drawn as it will stay: the next one will have status and buttons.
    if len(parts[-1]) == PER_MESSAGE and not job.state.final and job.wanted > len(held):
        last += 1
    return tuple(_page(job, manner, part, number, last=number == last) for number, part in enumerate(parts))


def filename(job: Job, image: JobImage, manner: Manner) -> str:
    """What a picture is called where people save it: the prompt's first words, in plain letters."""
    if image.attachment:
        return image.attachment.filename
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in job.request.prompt.lower()).split()
    slug = "-".join(words)[:40].strip("-") or "seedream"
    picture = manner.fitted.get(image.index, image.picture)
    return f"{slug}-{image.index + 1}.{picture.format if picture else 'jpeg'}"


def alt_text(job: Job) -> str:
    return plain(job.request.prompt, ALT_TEXT)


def _page(job: Job, manner: Manner, images: tuple[JobImage, ...], number: int, *, last: bool) -> Page:
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=_ACCENTS[_drawn_state(job, last=last)])
    if number == 0:
        greeting = f"<@{job.origin.user_id}>\n" if manner.mention else ""
        title = f"{greeting}**{escaped(job.request.prompt, PROMPT_SHOWN)}**{_parent(job)}"
        container.add_item(ui.TextDisplay(title))
    if images:
        container.add_item(_gallery(job, manner, images))
    if last:
        for line in (*_status(job, manner), _footer(job)):
            container.add_item(ui.TextDisplay(line))
        for row in rows(job):
            container.add_item(row)
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    view.stop()  # its buttons are dynamic items: discord.py has nothing to keep for it
    return Page(number, view, images, _digest(view))


def _drawn_state(job: Job, *, last: bool) -> JobState:
    """A full page has no more to come, so it is drawn as done at once and not edited again."""
    return job.state if last else JobState.DONE


def _digest(view: ui.LayoutView) -> str:
    drawn = json.dumps(view.to_components())  # type: ignore[no-untyped-call]  # discord.py leaves it untyped
    return hashlib.blake2s(drawn.encode(), digest_size=8).hexdigest()


def _gallery(job: Job, manner: Manner, images: Sequence[JobImage]) -> ui.MediaGallery[ui.LayoutView]:
    text = alt_text(job)
    names = (filename(job, image, manner) for image in images)
    return ui.MediaGallery(*(discord.MediaGalleryItem(f"attachment://{name}", description=text) for name in names))


def _status(job: Job, manner: Manner) -> list[str]:
    """What is going on, and what is missing and why."""
    match job.state:
        case JobState.QUEUED | JobState.RUNNING:
            return [_progress(job)]
        case JobState.FAILED:
            return _failed(job)
        case JobState.CANCELLED:
            return ["-# Cancelled. Nothing was charged for it."]
        case _:
            return [*_shrunk(job, manner), *_links(job, manner), *_missing(job)]


# After these nobody knows whether the service has made something.
_MAY_HAVE_COST = {Reason.LOST, Reason.CUT, Reason.INTERRUPTED, Reason.EXPIRED, Reason.INTERNAL}
_OF_A_LOOK_UP = {Reason.BAD_KEY, Reason.DISABLED, Reason.BAD_REQUEST}


def _parent(job: Job) -> str:
    """What it came from, with the way there."""
    lines = [f"-# ↪ {came}"] if (came := came_from(job)) else []
    lines += [f"-# {job.note}"] if job.note else []
    return "".join(f"\n{line}" for line in lines)


def _progress(job: Job) -> str:
    since = f"<t:{int(job.created_at)}:R>"
    ready = len(job.images)
    if ready:
        return f"🎨 {ready} of {job.wanted} … asked {since}"
    if job.place:
        return f"⏳ In the queue, {job.place} ahead … asked {since}"
    return f"🎨 Painting {count(job.wanted, 'picture')} … asked {since}"


def _failed(job: Job) -> list[str]:
    if job.failure is None:
        return []
    unsettling = _MAY_HAVE_COST | _OF_A_LOOK_UP if job.task_id else _MAY_HAVE_COST
    unsure = job.started_at is not None and job.failure.reason in unsettling
    charged = "The service may have charged for it all the same." if unsure else "Nothing was charged for it."
    lines = [f"⚠️ {failure_sentence(job.failure)}", f"-# {charged}"]
    if job.trace_id:
        lines[1] += f" Trace id: `{plain(job.trace_id, 80)}`"
    return lines


def _shrunk(job: Job, manner: Manner) -> list[str]:
    """Where the place's limit made a picture smaller, its full size is a link away."""
    smaller = [image for image in job.images if image.link and _is_smaller(image, manner)]
    if not smaller:
        return []
    limit = f"{job.origin.upload_limit / 2**20:.3g} MiB"
    return [f"-# Made smaller for this place's limit of {limit}. Full size, for 24 hours: {_linked(smaller)}"]


def _is_smaller(image: JobImage, manner: Manner) -> bool:
    if image.picture is None:
        return False
    if image.attachment:
        return image.attachment.size < image.picture.size
    return manner.fitted.get(image.index, image.picture) is not image.picture


def _links(job: Job, manner: Manner) -> list[str]:
    """Pictures that could not be attached are never withheld: their links live for a day."""
    loose = [i for i in job.images if i.link and (i.picture is None or (manner.as_links and not manner.holds(i)))]
    return [f"🔗 Could not be attached here. Save within 24 hours: {_linked(loose)}"] if loose else []


def _linked(images: Sequence[JobImage]) -> str:
    """As many links as a message has room for: its texts together have 4,000 characters."""
    links: list[str] = []
    room = LINKS_ROOM
    for image in images:
        link = f"[Picture {image.index + 1}]({image.link})"
        room -= len(link) + 3
        if room < 0:
            return " · ".join([*links, f"and {len(images) - len(links)} more, in Details"])
        links.append(link)
    return " · ".join(links)


def _missing(job: Job) -> list[str]:
    """In one line, why there are fewer pictures than asked for."""
    missing = job.wanted - job.spent
    if missing <= 0:
        return []
    failures = [image.failure for image in job.images if image.failure and not image.link]
    why = job.failure or (failures[0] if failures else None)
    reason = failure_sentence(why) if why else "The model chose to make fewer."
    return [f"-# {job.spent} of {count(job.wanted, 'picture')}. {reason} The rest was not charged."]


def _footer(job: Job) -> str:
    request = job.request
    seed = None if request.seed in (None, -1) else f"seed {request.seed}"
    parts = (request.capabilities.label, size_line(job), seed, seconds(job), f"<@{job.origin.user_id}>")
    return "-# " + " · ".join(part for part in parts if part)
