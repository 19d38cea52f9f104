"""What can happen to a job, and what becomes of it: pure, and the same whatever path the pictures came by.

`advance` folds one event into a job. It is idempotent: an event that says nothing new (repeated, late, out of order)
gives the very same object back.
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

MOST_IMAGES = 20  # two messages of ten: no service sends more, and none may fill our memory


@dataclass(frozen=True, slots=True)
class Posted:
    """The placeholder is there."""

    message: PostedMessage


@dataclass(frozen=True, slots=True)
class Moved:
    """So many are ahead of it now."""

    place: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Its member does not want it any more; only what still waits can be cancelled."""

    at: float


@dataclass(frozen=True, slots=True)
class Started:
    """The request is about to leave: from here on it may cost money."""

    path: Path
    at: float


@dataclass(frozen=True, slots=True)
class Requeued:
    """The service certainly did not take it (a rate limit): it waits for its turn again."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The service has it, under this task."""

    task_id: str | None
    trace_id: str | None


@dataclass(frozen=True, slots=True)
class Late:
    """The interaction's token is about to end, and nothing else can change its message."""


@dataclass(frozen=True, slots=True)
class ImageArrived:
    index: int
    picture: Picture
    link: str | None = None
    layer: Layer | None = None


@dataclass(frozen=True, slots=True)
class ImageMissed:
    """An image that was refused or could not be made; with a `link`, one that was made but could not be fetched."""

    index: int
    failure: Failure
    link: str | None = None
    layer: Layer | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The service has said that nothing more will come."""

    at: float


@dataclass(frozen=True, slots=True)
class Broke:
    """The job ends here. What has arrived counts."""

    failure: Failure
    at: float


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Its placeholder could not be posted, so nothing is made."""

    at: float


@dataclass(frozen=True, slots=True)
class Shown:
    """`version` is what the messages now show; attachments are by image index. `replaced`: messages in between."""

    version: int
    messages: tuple[PostedMessage, ...]
    attachments: dict[int, Attachment]
    replaced: tuple[PostedMessage, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenUp:
    """`version` can't be shown, in any way. What has come of the job is kept for its member."""

    version: int
    at: float


@dataclass(frozen=True, slots=True)
class Tidied:
    """Of the messages that others have replaced, these (by their ids) lead there now, or are gone."""

    done: frozenset[int]
    at: float


@dataclass(frozen=True, slots=True)
class Deleted:
    """The member, or an admin, took the result away: nothing is shown of it, whatever still comes."""

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
    """What still waits is not made; what is being made is paid for, so its end is still written down."""
    if job.state is JobState.QUEUED:
        return unseen(job, deleted_at=at, state=JobState.CANCELLED, finished_at=at)
    return unseen(job, deleted_at=at, undelivered=False, retry_at=job.retry_at if job.replaced else None)


def _posted(job: Job, message: PostedMessage) -> Job:
    """What Discord shows to the member alone is private, whatever they asked for."""
    origin = replace(job.origin, private=job.origin.private or message.ephemeral)
    return unseen(job, origin=origin, messages=(message,), shown_version=job.version)


def _moved(job: Job, place: int) -> Job:
    if job.state is not JobState.QUEUED or place == job.place:
        return job
    return seen(job, place=place)


def _started(job: Job, path: Path, at: float) -> Job:
    if job.state is not JobState.QUEUED:
        return job
    # Who was told of a queue is told that it is over; who was not sees no difference, and an edit is saved.
    change = seen if job.place else unseen
    return change(job, state=JobState.RUNNING, path=path, started_at=at, place=0)


def _requeued(job: Job) -> Job:
    if job.state is JobState.QUEUED:
        return job
    if job.deleted_at is not None:  # nothing of it has begun, and nobody wants it any more
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
    # Layers are shown together at the end: until then nobody knows how many there are, and which is behind which.
    change = unseen if job.request.layer_decomposition else seen
    return change(job, images=tuple(sorted((*job.images, image), key=lambda one: one.index)))


def _why_empty(job: Job) -> Failure | None:
    """Why a request that ended well brought no picture: its images' own failure, if they have one."""
    if any(image.made for image in job.images):
        return None
    return job.images[0].failure if job.images else Failure(reason=Reason.EMPTY)


def _ended(job: Job, failure: Failure | None, at: float) -> Job:
    spent = sum(image.made for image in job.images)
    state = JobState.DONE if spent else JobState.FAILED
    trace_id = job.trace_id or (failure.trace_id if failure else None)
    return seen(job, state=state, failure=failure, spent=spent, finished_at=at, trace_id=trace_id)
