"""Defines the events of a job and folds them into its row. Pure, and the same for every path.

`advance` is idempotent: an event that adds nothing (repeated, late, out of order) returns the very same object.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from studio.jobs.arrivals import counted, made, with_image
from studio.jobs.endings import dropped, ended, why_empty
from studio.jobs.job import Child, Failure, Job, JobImage, JobState
from studio.jobs.projection import given_up, recovered, renewed, seen, shown, tidied, unseen, without_spent_token
from studio.jobs.sets import chosen, joined, kept, reported

if TYPE_CHECKING:
    from seedream import Layer
    from studio.jobs.job import Path
    from studio.jobs.messages import Attachment, PostedMessage
    from studio.jobs.pictures import Picture


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
    """Its member cancelled it. Only a job that wasn't sent can be cancelled."""

    at: float


@dataclass(frozen=True, slots=True)
class Dropped:
    """Its member stopped it. If it was sent, it is billed and goes on, but pictures that still come aren't kept."""

    at: float


@dataclass(frozen=True, slots=True)
class Attempted:
    """Work on it begins that a strange file may make the process die of: it is counted until there is progress."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The process stopped in good order in the middle of that work, so the attempt doesn't count."""


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
class ImageMade:
    """The service has named an image's link. From here on it isn't lost, even if the process dies while fetching it."""

    index: int
    link: str
    layer: Layer | None = None


@dataclass(frozen=True, slots=True)
class ImageDropped:
    """An image of a stopped job was made. It is billed, and not fetched."""

    index: int


@dataclass(frozen=True, slots=True)
class ImageArrived:
    index: int
    picture: Picture
    link: str | None = None
    layer: Layer | None = None


@dataclass(frozen=True, slots=True)
class ImageMissed:
    """An image was refused or not made; or, with a `link`, made but could not be fetched.

    `again`: fetching may work later.
    """

    index: int
    failure: Failure
    link: str | None = None
    layer: Layer | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class ImageRecovered:
    """An image that could not be fetched at first has been fetched, though the job may have ended."""

    index: int
    picture: Picture


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
    """The messages show `version` now. `replaced`: messages in between.

    `attachments`: by image index; None for a picture that its message no longer has. `at`: now. `kept`: a picture is
    shown neither as a file nor as a link, so its file must be kept.
    """

    version: int
    messages: tuple[PostedMessage, ...]
    attachments: dict[int, Attachment | None]
    replaced: tuple[PostedMessage, ...] = ()
    at: float | None = None
    kept: bool = False


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
class LinksRenewed:
    """The job's task was looked up again. `links`: to its pictures, by image index; none if there are no new ones."""

    links: dict[int, str]
    at: float


@dataclass(frozen=True, slots=True)
class ChildJoined:
    """A child was accepted for this set. `owner`: the process that works on both."""

    child: Job
    owner: str
    at: float


@dataclass(frozen=True, slots=True)
class ChildReported:
    """A child's row has changed. `images`: what it has made, as the set has them."""

    child: Child
    images: tuple[JobImage, ...]
    at: float


@dataclass(frozen=True, slots=True)
class VersionChosen:
    """The member wants to see this version, an image's index, in its slot."""

    index: int
    at: float


@dataclass(frozen=True, slots=True)
class VersionKept:
    """The file of a version was fetched again, as its message is about to let it go."""

    index: int
    picture: Picture


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Another process has shown a newer version while this one was editing: the message may show the older one."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """The member or an admin deleted the result. Pictures that still arrive are not shown."""

    at: float


Event = (
    Posted
    | Moved
    | Cancelled
    | Dropped
    | Attempted
    | Interrupted
    | Started
    | Requeued
    | Submitted
    | Late
    | ImageMade
    | ImageDropped
    | ImageArrived
    | ImageMissed
    | ImageRecovered
    | Finished
    | Broke
    | Abandoned
    | Shown
    | GivenUp
    | Tidied
    | LinksRenewed
    | ChildJoined
    | ChildReported
    | VersionChosen
    | VersionKept
    | Overtaken
    | Deleted
)


def advance(job: Job, event: Event) -> Job:
    """Fold one event into a job. The same object comes back when the event changes nothing."""
    changed = _advanced(job, event)
    return job if changed is job else without_spent_token(changed)


def _advanced(job: Job, event: Event) -> Job:  # noqa: C901, PLR0911, PLR0912 - a table of events
    match event:
        case Shown() | GivenUp() | Deleted() | Moved() | LinksRenewed() | ImageRecovered() if (
            job.deleted_at is not None
        ):
            return job
        case Shown():
            return shown(
                job, event.version, event.messages, event.attachments, event.replaced, event.at, kept=event.kept
            )
        case GivenUp():
            return given_up(job, event.version, event.at)
        case Tidied():
            return tidied(job, event.done, event.at)
        case ImageRecovered(index=index, picture=picture):
            return recovered(job, index, picture)
        case LinksRenewed(links=links, at=at):
            return renewed(job, links, at)
        case ChildJoined(child=child, owner=owner, at=at):
            return joined(job, child, owner, at)
        case ChildReported(child=child, images=images, at=at):
            return reported(job, child, images, at)
        case VersionChosen(index=index, at=at):
            return chosen(job, index, at)
        case VersionKept(index=index, picture=picture):
            return kept(job, index, picture)
        case Overtaken():
            return seen(job)
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
        case Dropped(at=at):
            return dropped(job, at)
        case Attempted():
            return unseen(job, attempts=job.attempts + 1)
        case Interrupted():
            return unseen(job, attempts=job.attempts - 1) if job.attempts else job
        case Started(path=path, at=at):
            return _started(job, path, at)
        case Requeued():
            return _requeued(job)
        case Submitted(task_id=task_id, trace_id=trace_id):
            return _submitted(job, task_id, trace_id)
        case Late():
            unneeded = job.late or job.dropped_at is not None or not job.by_token_alone
            return job if unneeded else seen(job, late=True)
        case ImageMade(index=index, link=link, layer=layer):
            return made(job, index, link, layer)
        case ImageDropped(index=index):
            return counted(job, JobImage(index=index))
        case ImageArrived(index=index, picture=picture, link=link, layer=layer):
            return with_image(job, JobImage(index=index, picture=picture, link=link, layer=layer))
        case ImageMissed(index=index, failure=failure, link=link, layer=layer, again=again):
            image = JobImage(index=index, failure=failure, link=link, layer=layer, fetch_again=again)
            return with_image(job, image)
        case Finished(at=at):
            return ended(job, why_empty(job), at)
        case Broke(failure=failure, at=at):
            return ended(job, failure, at)
        case Abandoned(at=at) if job.set_slot is not None:
            return seen(job, state=JobState.CANCELLED, finished_at=at)
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
    return change(job, state=JobState.RUNNING, path=path, started_at=at, place=0, attempts=0)


def _requeued(job: Job) -> Job:
    if job.state is JobState.QUEUED:
        return job
    if (at := job.dropped_at if job.deleted_at is None else job.deleted_at) is not None:  # it hasn't started
        return seen(job, state=JobState.CANCELLED, finished_at=at, dropped_at=None)
    return unseen(job, state=JobState.QUEUED, started_at=None)


def _submitted(job: Job, task_id: str | None, trace_id: str | None) -> Job:
    known = (job.task_id or task_id, job.trace_id or trace_id)
    if known == (job.task_id, job.trace_id):
        return job
    return unseen(job, task_id=known[0], trace_id=known[1], attempts=0)
