"""Folds events about a job's messages into its row: what they show, and what Discord has refused. Pure.

Refused deliveries are retried after pauses as long as all before them together, so that few tries reach far:
`studio.jobs.redelivery` makes them when they are due, and at once when Discord says that a thread was opened.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.jobs.job import UNDELIVERED_SECONDS, JobState

if TYPE_CHECKING:
    from studio.jobs.events import GivenUp, Shown, Tidied
    from studio.jobs.job import Job

RETRY_LEAST_SECONDS = 60.0


def seen(job: Job, **changes: Any) -> Job:
    """Make a change that the job's message must show, unless the job is deleted."""
    if job.deleted_at is not None:
        return unseen(job, shown_version=job.version, **changes)
    return replace(job, version=job.version + 1, **changes)


def unseen(job: Job, **changes: Any) -> Job:
    """Make a change that no message shows, such as a task id: what was up to date stays so, which saves an edit."""
    before = changes.pop("shown_version", job.shown_version)
    version = job.version + 1
    return replace(job, version=version, shown_version=version if before == job.version else before, **changes)


def given_up(job: Job, event: GivenUp) -> Job:
    """What never ran has nothing to be told of, and what was kept for too long is not to be had any more."""
    again = job.undelivered and event.version == job.shown_version
    if not (again or job.shown_version < event.version <= job.version):
        return job
    if job.state is JobState.CANCELLED or (job.state.final and _age(job, event.at) > UNDELIVERED_SECONDS):
        return _withdrawn(job, event)
    retry_at = _retry_at(job, event.at) if job.state.final else job.retry_at
    if again and retry_at == job.retry_at:
        return job
    return unseen(job, shown_version=event.version, undelivered=True, retry_at=retry_at)


def _withdrawn(job: Job, event: GivenUp) -> Job:
    """Its messages say what is not so any more, and no other will come."""
    left = (*job.replaced, *job.messages)
    retry_at = _retry_at(job, event.at) if left else None
    return unseen(job, shown_version=event.version, undelivered=False, messages=(), replaced=left, retry_at=retry_at)


def shown(job: Job, event: Shown) -> Job:
    """What was given up may be shown after all, as it is."""
    least = job.shown_version if job.undelivered else job.shown_version + 1
    if not least <= event.version <= job.version:
        return job
    images = tuple(
        replace(image, attachment=event.attachments[image.index]) if image.index in event.attachments else image
        for image in job.images
    )
    ids = {one.id for one in event.messages}
    others = {one.id: one for one in (*job.replaced, *job.messages, *event.replaced) if one.id not in ids}
    return unseen(
        job,
        shown_version=event.version,
        images=images,
        messages=event.messages,
        undelivered=False,
        replaced=tuple(others.values()),
        retry_at=job.created_at if others else None,  # which is over
    )


def tidied(job: Job, event: Tidied) -> Job:
    left = tuple(one for one in job.replaced if one.id not in event.done)
    retry_at = _retry_at(job, event.at) if left or (job.undelivered and job.state.final) else None
    if (left, retry_at) == (job.replaced, job.retry_at):
        return job
    return unseen(job, replaced=left, retry_at=retry_at)


def _age(job: Job, at: float) -> float:
    return at - (job.created_at if job.finished_at is None else job.finished_at)


def _retry_at(job: Job, at: float) -> float:
    """Return when to try again: each pause is as long as all before it together."""
    return at + max(RETRY_LEAST_SECONDS, _age(job, at))
