"""Folds the end of a job into its row: what it is charged for, and why it made nothing. Pure."""

from __future__ import annotations

from studio.jobs.job import Failure, Job, JobState, Reason
from studio.jobs.projection import seen


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
    return seen(job, state=state, failure=failure, spent=spent, finished_at=at, trace_id=trace_id)
