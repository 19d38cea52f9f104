"""Folds the end of a job into its row: that it was stopped, what it is charged for, why it made nothing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.jobs.arrivals import unkept
from studio.jobs.projection import seen, unseen
from studio.jobs.states import Failure, JobState, Reason

if TYPE_CHECKING:
    from studio.jobs.job import Job


def dropped(job: Job, at: float) -> Job:
    """Cancel a job that wasn't sent. One that was is billed, so it goes on to its end; what it has by now stays."""
    if job.state is JobState.QUEUED:
        return seen(job, state=JobState.CANCELLED, finished_at=at)
    if job.dropped_at is not None or job.deleted_at is not None:
        return job
    images = tuple(image if image.arrived else unkept(image) for image in job.images)
    return seen(job, dropped_at=at, images=images)


def why_empty(job: Job) -> Failure | None:
    """Return why a successful request has no picture: the failure of its images, if there is one.

    One that was made and lost comes before those that weren't made, as it may have been charged.
    """
    if any(image.made for image in job.own_images):
        return None
    failures = [image.failure for image in job.own_images if image.failure]
    lost = (failure for failure in failures if failure.reason is Reason.PICTURE)
    return next(lost, failures[0] if failures else Failure(reason=Reason.EMPTY))


def ended(job: Job, failure: Failure | None, at: float) -> Job:
    spent = sum(image.made for image in job.own_images)
    state = JobState.DONE if spent else JobState.FAILED
    trace_id = job.trace_id or (failure.trace_id if failure else None)
    # A message that nothing can edit any more says that it was stopped: no other is sent only to say what it cost.
    out_of_reach = job.dropped_at is not None and job.by_token_alone and at >= job.origin.token_expires
    change = unseen if out_of_reach else seen
    return change(job, state=state, failure=failure, spent=spent, finished_at=at, trace_id=trace_id)
