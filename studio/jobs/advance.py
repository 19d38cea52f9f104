"""Folds events into a job's row. Pure, and the same for every path.

`advance` is idempotent: an event that adds nothing (repeated, late, out of order) returns the very same object.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from studio.jobs.arrivals import counted, made, with_image
from studio.jobs.endings import dropped, ended, why_empty
from studio.jobs.events import (
    Abandoned,
    Attempted,
    Broke,
    Cancelled,
    ChildJoined,
    ChildReported,
    Deleted,
    Dropped,
    Finished,
    GivenUp,
    ImageArrived,
    ImageDropped,
    ImageMade,
    ImageMissed,
    ImageRecovered,
    Interrupted,
    Late,
    LinksRenewed,
    Mentioned,
    Moved,
    Overtaken,
    Posted,
    Requeued,
    Shown,
    Started,
    Submitted,
    Tidied,
    VersionChosen,
    VersionKept,
)
from studio.jobs.images import JobImage
from studio.jobs.projection import (
    given_up,
    mentioned,
    recovered,
    renewed,
    seen,
    shown,
    tidied,
    unseen,
    without_spent_token,
)
from studio.jobs.sets import chosen, joined, kept, reported
from studio.jobs.states import JobState

if TYPE_CHECKING:
    from studio.jobs.events import Event
    from studio.jobs.job import Job
    from studio.jobs.messages import PostedMessage
    from studio.jobs.states import Path


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
        case Mentioned(message_id=message_id, mention=mention):
            return mentioned(job, message_id, mention)
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
