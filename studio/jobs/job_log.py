"""Logs jobs: one line at the end of each, and whose job a line is about while one is worked on. Never a prompt.

Whatever a task logs that runs in a `log_context` gets its job's id, server and member as fields, by `current_fields`.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextvars import Context

    from studio.jobs.job import Job

log = logging.getLogger(__name__)

_current: ContextVar[Job | None] = ContextVar("job", default=None)


def log_context(job: Job | None) -> Context:
    """Return a context for a task that works on a job: the lines that it logs name the job."""
    context = copy_context()
    context.run(_current.set, job)
    return context


def current_fields() -> Mapping[str, object]:
    """Return job, server and member of the job that is worked on."""
    job = _current.get()
    return job_fields(job) if job else {}


def log_end(job: Job) -> None:
    """Log what became of a job whose state has just become final, and what it cost."""
    fields = _end_fields(job)
    where = f"server {job.origin.guild_id}" if job.origin.guild_id else "direct messages"
    why = f" ({fields['reason']})" if "reason" in fields else " (stopped by its member)" if job.dropped_at else ""
    by = f", by {job.path}" if job.path else ""
    log.info(
        "job %s %s%s: member %d, %s, %s, %d of %d pictures, %d credits, %.1f s%s",
        job.id, job.state, why, job.origin.user_id, where, job.request.model,
        fields["images"], job.wanted, job.cost, fields["seconds"], by, extra=fields,
    )  # fmt: skip


def job_fields(job: Job) -> dict[str, object]:
    """Return the fields of a line about a job, for `extra`."""
    return {"job": job.id, "guild": job.origin.guild_id, "member": job.origin.user_id}


def _end_fields(job: Job) -> dict[str, object]:
    """Return what is logged of the end, each under its name."""
    fields = job_fields(job) | {
        "state": str(job.state),
        "model": job.request.model,
        "images": sum(image.made for image in job.own_images),
        "credits": job.cost,
        "seconds": round((job.finished_at or job.created_at) - job.created_at, 1),
        "path": str(job.path) if job.path else None,
    }
    return fields | ({"reason": str(job.failure.reason)} if job.failure else {})
