"""Folds the children of a set into its row. Pure.

A set is a job whose message also shows pictures of other jobs, its children: a picture that was redone, further ones,
or the other requests of several that were accepted together. A child is a job like every other, with a charge of its
own, but has no message: what it makes goes into the row of its set, whose message shows it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from studio.jobs.arrivals import MOST_IMAGES
from studio.jobs.editing import has_words
from studio.jobs.errors import SetFullError
from studio.jobs.images import Child, JobImage
from studio.jobs.job import UNDELIVERED_SECONDS, Job
from studio.jobs.projection import seen, unseen
from studio.jobs.states import JobState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from studio.jobs.images import SetSlot
    from studio.jobs.pictures import Picture

MOST_SLOTS = 10  # of a set that grows: its message has no more files
MOST_TOGETHER = 20  # pictures of requests that are accepted together: two messages of ten
MOST_INDEXES = 100  # of one row's images, as a button's custom id has two digits


def check_room(job: Job, slot: SetSlot, count: int) -> None:
    """Check that a set can have so many further pictures. Raises: SetFullError."""
    first = next_slot(job) if slot.slot is None else slot.slot
    grows_too_far = slot.slot is None and first + count > MOST_SLOTS
    if grows_too_far or _next_base(job) + count > MOST_INDEXES:
        raise SetFullError


def child_of(job: Job, *, slot: int = 0, base: int = 0, together: bool = False) -> Child:
    """Return what a set notes of a child. The set itself sets `slot`, `base` and `together`."""
    return Child(
        job_id=job.id,
        slot=slot,
        base=base,
        count=job.wanted,
        since=job.created_at,
        label=job.label,
        together=together,
        version=job.version,
        state=job.state,
        failure=job.failure,
        stopped=job.dropped_at is not None or job.state is JobState.CANCELLED,
        reserved=job.reserved,
        cost=job.cost,
    )


def with_children(job: Job, children: Iterable[Job]) -> Job:
    """Return a set that was just accepted, with the jobs that were accepted with it: each in the next slots."""
    for child in children:
        noted = child_of(child, slot=next_slot(job), base=_next_base(job), together=True)
        job = replace(job, children=(*job.children, noted))
    return job


def joined(job: Job, child: Job, owner: str, at: float) -> Job:
    """A child was accepted for the set, which `owner` works on from now on. A full or deleted set stays as it is."""
    known = any(one.job_id == child.id for one in job.children)
    base = _next_base(job)
    if known or child.set_slot is None or job.deleted_at is not None or base + child.wanted > MOST_INDEXES:
        return job
    slot = next_slot(job) if child.set_slot.slot is None else child.set_slot.slot
    noted = child_of(child, slot=slot, base=base)
    return seen(job, owner=owner, children=(*job.children, noted), kept_until=_kept_until(job, at))


def reported(job: Job, child: Child, images: Sequence[JobImage], at: float) -> Job:
    """A child's row has changed. `images`: what it has made, as the set has them. An older report changes nothing."""
    known = next((one for one in job.children if one.job_id == child.job_id), None)
    if known is None or known.version >= child.version:
        return job
    now = replace(child, slot=known.slot, base=known.base, together=known.together, label=known.label)
    arrived = {image.index: image for image in images}
    kept = tuple(image for image in job.images if image.index not in arrived)
    before = {image.index: image for image in job.images}
    new = [_with_attachment(image, before.get(index)) for index, image in arrived.items()]
    fresh = {image.shown_slot for image in new if image.picture and not _has_picture(before.get(image.index))}
    abandoned = job.state is JobState.CANCELLED and not job.messages
    change = unseen if abandoned else seen
    return change(
        job,
        children=tuple(now if one is known else one for one in job.children),
        images=tuple(sorted((*kept, *new), key=lambda image: image.index)),
        chosen=tuple(index for index in job.chosen if before[index].shown_slot not in fresh),
        kept_until=_kept_until(job, at),
    )


def chosen(job: Job, index: int, at: float) -> Job:
    """The version with this index is shown in its slot from now on."""
    image = next((image for image in job.images if image.index == index and image.picture), None)
    if image is None or image in job.current or job.deleted_at is not None:
        return job
    slots = {other.index: other.shown_slot for other in job.images}
    others = tuple(other for other in job.chosen if slots.get(other) != image.shown_slot)
    return seen(job, chosen=(*others, index), kept_until=_kept_until(job, at))


def kept(job: Job, index: int, picture: Picture) -> Job:
    """The file of a version was fetched again, before its message lets it go."""
    images = tuple(replace(image, picture=picture) if image.index == index else image for image in job.images)
    return job if images == job.images else unseen(job, images=images)


def images_for_set(job: Job, child: Child) -> list[JobImage]:
    """Return a child's images as its set has them. Only the child's own row fetches what is missing.

    One that is still being fetched is left out: in a set that has ended it would look as if it could not be had.
    """
    return [
        replace(image, index=child.base + image.index, slot=child.slot + image.index, fetch_again=False)
        for image in job.images
        if image.index < child.count and (image.arrived or job.state.final)
    ]


def next_slot(job: Job) -> int:
    """Return the slot after the set's last picture."""
    ends = [child.slot + child.count for child in job.children]
    return max([job.wanted, *ends, *(image.shown_slot + 1 for image in job.images)])


def as_whole(job: Job) -> Job:
    """Return a set of requests that were accepted together as its message shows it: as one."""
    parts = [child for child in job.children if child.together]
    if not parts:
        return job
    failure = job.failure or next((child.failure for child in parts if child.failure), None)
    stopped_at = next((child.since for child in parts if child.stopped), None)
    dropped_at = stopped_at if job.dropped_at is None else job.dropped_at
    state = _state(job, [job.state, *(child.state for child in parts)])
    return replace(job, state=state, failure=failure, dropped_at=dropped_at)


def requested(job: Job) -> int:
    """Return how many pictures a set was accepted for. Those that it got later don't count."""
    return max([job.wanted, *(child.slot + child.count for child in job.children if child.together)])


def made(job: Job) -> int:
    """Return how many of these were made, or more."""
    bases = [range(child.base, child.base + child.count) for child in job.children if child.together]
    others = [image for image in job.images if image.slot is not None and any(image.index in base for base in bases)]
    return job.spent + sum(image.made for image in others)


def at_stake(job: Job) -> int:
    """Return the credits that those of a set's requests may cost which haven't ended."""
    own = 0 if job.state.final else job.reserved
    return own + sum(child.reserved for child in job.children if not child.state.final)


def is_growing(job: Job) -> bool:
    """Whether pictures are on their way into a set that has ended: those of requests that weren't stopped."""
    return any(not child.state.final and not child.stopped for child in job.children)


def was_stopped(job: Job) -> bool:
    """Whether its member has stopped a job, or a child of it that hasn't ended yet."""
    return job.dropped_at is not None or any(child.stopped and not child.state.final for child in job.children)


def cost_again(job: Job) -> int:
    """Return the credits that a set may cost if it is requested once more, as far as prices stay what they were."""
    return job.reserved + sum(child.reserved for child in job.children if child.together)


def later(job: Job) -> list[Child]:
    """Return the children that joined after the set was accepted: redone and further pictures."""
    return [child for child in job.children if not child.together]


def can_change(job: Job) -> bool:
    """Whether pictures of a set can be redone: it has ended, it has words, and the bot can edit its message."""
    return job.state is JobState.DONE and has_words(job.request) and not job.by_token_alone


def room_for_more(job: Job) -> int:
    """Return how many further pictures a set can have now: as many as it was requested with, while there is room."""
    if not can_change(job) or job.grows or job.title or job.dropped_at is not None:
        return 0
    return max(0, min(job.wanted, MOST_SLOTS - next_slot(job)))


def _state(job: Job, states: Sequence[JobState]) -> JobState:
    if not all(state.final for state in states):
        waits = all(state in {JobState.QUEUED, JobState.CANCELLED} for state in states)
        return JobState.QUEUED if waits else JobState.RUNNING
    if any(image.made for image in job.images):
        return JobState.DONE
    return JobState.FAILED if JobState.FAILED in states else JobState.CANCELLED


def _next_base(job: Job) -> int:
    """Return the next free index. Those below MOST_IMAGES are for the pictures of the set's own request."""
    return max([MOST_IMAGES, *(child.base + child.count for child in job.children)])


def _kept_until(job: Job, at: float) -> float:
    return max(job.kept_until or 0.0, at + UNDELIVERED_SECONDS)


def _has_picture(image: JobImage | None) -> bool:
    return image is not None and image.picture is not None


def _with_attachment(image: JobImage, before: JobImage | None) -> JobImage:
    return image if before is None else replace(image, attachment=before.attachment)
