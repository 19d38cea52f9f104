"""Defines the events of a job and folds them into its row. Pure, and the same for every path.

`advance` is idempotent: an event that adds nothing (repeated, late, out of order) returns the very same object.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from studio.jobs.job import Failure, Job, JobImage, JobState, Reason
from studio.jobs.projection import given_up, seen, shown, tidied, unseen

if TYPE_CHECKING:
    from seedream import Layer
    from studio.jobs.job import Path
    from studio.jobs.messages import Attachment, PostedMessage
    from studio.jobs.pictures import Picture

MOST_IMAGES = 20  # two messages of ten: no service sends more, and none may exhaust our memory


@dataclass(frozen=True, slots=True)
class Posted:
    """The placeholder was posted."""

    message: PostedMessage


@dataclass(frozen=True, slots=True)
class Moved:
    """Its place in the queue has changed."""

    place: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Its member cancelled it. Only a waiting job can be cancelled."""

    at: float


@dataclass(frozen=True, slots=True)
class Started:
    """The request is about to be sent: from here on it may cost money."""

    path: Path
    at: float


@dataclass(frozen=True, slots=True)
class Requeued:
    """The service certainly didn't accept it (a rate limit, no connection): it waits for its turn again."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The service has accepted it, under this task."""

    task_id: str | None
    trace_id: str | None


@dataclass(frozen=True, slots=True)
class Late:
    """The interaction's token is about to expire, and nothing else can edit its message."""


@dataclass(frozen=True, slots=True)
class ImageArrived:
    index: int
    picture: Picture
    link: str | None = None
    layer: Layer | None = None


@dataclass(frozen=True, slots=True)
class ImageMissed:
    """An image was refused or not made; or, with a `link`, made but could not be fetched."""

    index: int
    failure: Failure
    link: str | None = None
    layer: Layer | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The service said that no more pictures will come."""

    at: float


@dataclass(frozen=True, slots=True)
class Broke:
    """The job ends here, with the pictures that have arrived."""

    failure: Failure
    at: float


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Its placeholder could not be posted, so it isn't run."""

    at: float


@dataclass(frozen=True, slots=True)
class Shown:
    """The messages show `version` now. `attachments`: by image index. `replaced`: messages in between."""

    version: int
    messages: tuple[PostedMessage, ...]
    attachments: dict[int, Attachment]
    replaced: tuple[PostedMessage, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenUp:
    """`version` can't be shown in any form. The result is kept for its member."""

    version: int
    at: float


@dataclass(frozen=True, slots=True)
class Tidied:
    """These replaced messages (ids) now point to their successors, or are gone."""

    done: frozenset[int]
    at: float


@dataclass(frozen=True, slots=True)
class Deleted:
    """The member or an admin deleted the result. Pictures that still arrive are not shown."""

    at: float


Event = (
    Posted
    | Moved
    | Cancelled
    | Started
    | Requeued
    | Submitted
    | Late
    | ImageArrived
    | ImageMissed
    | Finished
    | Broke
    | Abandoned
    | Shown
    | GivenUp
    | Tidied
    | Deleted
)


def advance(job: Job, event: Event) -> Job:  # noqa: C901, PLR0911, PLR0912 - a table of events
    """Fold one event into a job. The same object comes back when the event changes nothing."""
    match event:
        case Shown() | GivenUp() | Deleted() | Moved() if job.deleted_at is not None:
            return job
        case Shown():
            return shown(job, event.version, event.messages, event.attachments, event.replaced)
        case GivenUp():
            return given_up(job, event.version, event.at)
        case Tidied():
            return tidied(job, event.done, event.at)
        case Deleted(at=at):
            return _deleted(job, at)
        case _ if job.state.final:
            return job
        case Posted(message=message):
            return job if job.messages else _posted(job, message)
        case Moved(place=place):
            return _moved(job, place)
        case Cancelled(at=at):
            return job if job.state is not JobState.QUEUED else seen(job, state=JobState.CANCELLED, finished_at=at)
        case Started(path=path, at=at):
            return _started(job, path, at)
        case Requeued():
            return _requeued(job)
        case Submitted(task_id=task_id, trace_id=trace_id):
            return _submitted(job, task_id, trace_id)
        case Late():
            return job if job.late or not job.by_token_alone else seen(job, late=True)
        case ImageArrived(index=index, picture=picture, link=link, layer=layer):
            return _with_image(job, JobImage(index=index, picture=picture, link=link, layer=layer))
        case ImageMissed(index=index, failure=failure, link=link, layer=layer):
            return _with_image(job, JobImage(index=index, failure=failure, link=link, layer=layer))
        case Finished(at=at):
            return _ended(job, _why_empty(job), at)
        case Broke(failure=failure, at=at):
            return _ended(job, failure, at)
        case Abandoned(at=at):
            return unseen(job, state=JobState.CANCELLED, finished_at=at, shown_version=job.version)
        case _:
            assert_never(event)


def _deleted(job: Job, at: float) -> Job:
    """Cancel a waiting job. A running one is paid for, so its end is still written. Neither is shown any more."""
    deleted = unseen(job, deleted_at=at, shown_version=job.version)
    if job.state is JobState.QUEUED:
        return replace(deleted, state=JobState.CANCELLED, finished_at=at)
    return replace(deleted, undelivered=False, retry_at=job.retry_at if job.replaced else None)


def _posted(job: Job, message: PostedMessage) -> Job:
    """Note the placeholder. If Discord made it ephemeral, the job is private, whatever was requested."""
    origin = replace(job.origin, private=job.origin.private or message.ephemeral)
    return unseen(job, origin=origin, messages=(message,), shown_version=job.version)


def _moved(job: Job, place: int) -> Job:
    if job.state is not JobState.QUEUED or place == job.place:
        return job
    return seen(job, place=place)


def _started(job: Job, path: Path, at: float) -> Job:
    if job.state is not JobState.QUEUED:
        return job
    # A placeholder that shows a place must be updated; one that doesn't looks the same, so an edit is saved.
    change = seen if job.place else unseen
    return change(job, state=JobState.RUNNING, path=path, started_at=at, place=0)


def _requeued(job: Job) -> Job:
    if job.state is JobState.QUEUED:
        return job
    if job.deleted_at is not None:  # it hasn't started, and it was deleted
        return unseen(job, state=JobState.CANCELLED, finished_at=job.deleted_at)
    return unseen(job, state=JobState.QUEUED, started_at=None)


def _submitted(job: Job, task_id: str | None, trace_id: str | None) -> Job:
    known = (job.task_id or task_id, job.trace_id or trace_id)
    if known == (job.task_id, job.trace_id):
        return job
    return unseen(job, task_id=known[0], trace_id=known[1])


def _with_image(job: Job, image: JobImage) -> Job:
    if image.index >= MOST_IMAGES or any(known.index == image.index for known in job.images):
        return job
    # Layers are shown together at the end: until then their number and order are unknown.
    change = unseen if job.request.layer_decomposition else seen
    return change(job, images=tuple(sorted((*job.images, image), key=lambda image: image.index)))


def _why_empty(job: Job) -> Failure | None:
    """Return why a successful request has no picture: the failure of its images, if there is one."""
    if any(image.made for image in job.images):
        return None
    return job.images[0].failure if job.images else Failure(reason=Reason.EMPTY)


def _ended(job: Job, failure: Failure | None, at: float) -> Job:
    spent = sum(image.made for image in job.images)
    state = JobState.DONE if spent else JobState.FAILED
    trace_id = job.trace_id or (failure.trace_id if failure else None)
    return seen(job, state=state, failure=failure, spent=spent, finished_at=at, trace_id=trace_id)
