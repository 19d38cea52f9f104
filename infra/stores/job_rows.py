"""A job as a row of the table `jobs`, and back. Images, messages and the failure are JSON in the row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from infra.db.tables import JOBS
from seedream import ImageRequest
from studio.jobs.images import Child, JobImage, SetSlot
from studio.jobs.job import Hints, Job, Origin, Parent, PictureSource
from studio.jobs.messages import PostedMessage
from studio.jobs.states import Failure, JobState, Path

if TYPE_CHECKING:
    from sqlalchemy import Row

_IMAGES = TypeAdapter(tuple[JobImage, ...])
_MESSAGES = TypeAdapter(tuple[PostedMessage, ...])
_FAILURE = TypeAdapter(Failure)
_PARENT = TypeAdapter(Parent)
_HINTS = TypeAdapter(Hints)
_SOURCES = TypeAdapter(tuple[PictureSource | None, ...])

_SLOT = TypeAdapter(SetSlot)
_CHILDREN = TypeAdapter(tuple[Child, ...])

_ORIGIN = tuple(Origin.__dataclass_fields__)
_WRITTEN_ONCE = {"note", "spoiler", "mention", "reserved", "created_at", "title", "label"}
_REQUEST = {"id", "request", "parent", "sources", "set_slot", "hints", *_WRITTEN_ONCE}
_FIXED = _REQUEST | (set(_ORIGIN) - {"private"})

CHANGING = tuple(column.name for column in JOBS.columns if column.name not in _FIXED)
"""The columns that `changing_columns` fills. The others are written once."""


def whole_row(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "request": json.dumps(job.request.to_dict()),
        "parent": _PARENT.dump_json(job.parent).decode() if job.parent else None,
        "sources": _SOURCES.dump_json(job.sources).decode(),
        "hints": _HINTS.dump_json(job.hints).decode(),
        "set_slot": _SLOT.dump_json(job.set_slot).decode() if job.set_slot else None,
        **{name: getattr(job, name) for name in _WRITTEN_ONCE},
        **{name: getattr(job.origin, name) for name in _ORIGIN},
        **changing_columns(job),
    }


def changing_columns(job: Job) -> dict[str, Any]:
    return {
        "version": job.version,
        "shown_version": job.shown_version,
        "owner": job.owner,
        "settled": job.settled,
        "late": job.late,
        "attempts": job.attempts,
        "undelivered": job.undelivered,
        "retry_at": job.retry_at,
        "state": job.state.value,
        "path": job.path.value if job.path else None,
        "task_id": job.task_id,
        "trace_id": job.trace_id,
        "images": _IMAGES.dump_json(job.images).decode(),
        "messages": _MESSAGES.dump_json(job.messages).decode(),
        "first_message_id": job.messages[0].id if job.messages else None,
        "replaced": _MESSAGES.dump_json(job.replaced).decode(),
        "private": job.origin.private,
        "failure": _FAILURE.dump_json(job.failure).decode() if job.failure else None,
        "children": _CHILDREN.dump_json(job.children).decode(),
        "chosen": json.dumps(job.chosen),
        "kept_until": job.kept_until,
        "place": job.place,
        "spent": job.spent,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "deleted_at": job.deleted_at,
        "dropped_at": job.dropped_at,
        "mentioned_at": job.mentioned_at,
    }


def job_of(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        owner=row.owner,
        origin=Origin(**{name: getattr(row, name) for name in _ORIGIN}),
        request=ImageRequest.restored(json.loads(row.request)),
        hints=_HINTS.validate_json(row.hints),
        state=JobState(row.state),
        path=Path(row.path) if row.path else None,
        task_id=row.task_id,
        trace_id=row.trace_id,
        images=_IMAGES.validate_json(row.images),
        messages=_MESSAGES.validate_json(row.messages),
        replaced=_MESSAGES.validate_json(row.replaced),
        failure=_FAILURE.validate_json(row.failure) if row.failure else None,
        parent=_PARENT.validate_json(row.parent) if row.parent else None,
        sources=_SOURCES.validate_json(row.sources),
        set_slot=_SLOT.validate_json(row.set_slot) if row.set_slot else None,
        children=_CHILDREN.validate_json(row.children),
        chosen=tuple(json.loads(row.chosen)),
        kept_until=row.kept_until,
        place=row.place,
        spent=row.spent,
        version=row.version,
        shown_version=row.shown_version,
        late=row.late,
        attempts=row.attempts,
        undelivered=row.undelivered,
        retry_at=row.retry_at,
        **{name: getattr(row, name) for name in _WRITTEN_ONCE},
        started_at=row.started_at,
        finished_at=row.finished_at,
        deleted_at=row.deleted_at,
        dropped_at=row.dropped_at,
        mentioned_at=row.mentioned_at,
    )
