"""Parses task records, one or a batch. Pure."""

from __future__ import annotations

from typing import Any

from seedream.errors import ApiError, NothingMade, UnreadableAnswer
from seedream.responses.errors import INSIDE_ANSWER, error_from, error_in
from seedream.responses.fields import as_record, record_id, run_state
from seedream.responses.images import has_finished_images, has_running_images, image_items
from seedream.responses.results import parse_result, submitted_task_id
from seedream.responses.timestamps import is_unset_time, seconds_taken, timestamp
from seedream.values import TaskStatus

# A record with none of these fields is a plain answer, which some services send in place of a task record.
_TASK_FIELDS = ("response", "request", "created_at", "started_at", "finished_at", "state")


def parse_task(answer: Any, task_id: str) -> TaskStatus:
    """Parse a task record, or the plain answer that some services send in its place. Raises: UnreadableAnswer."""
    record = as_record(answer)
    response = record.get("response") if any(name in record for name in _TASK_FIELDS) else record
    parts = [part for part in (response, record) if isinstance(part, dict)]
    ended = any(map(_has_ended, parts))
    result = next((parse_result(part) for part in parts if _has_result(part, ended=ended)), None)
    error = None if result is not None else _task_error(parts, task_id)
    created_at, finished_at = timestamp(record.get("created_at")), timestamp(record.get("finished_at"))
    return TaskStatus(
        id=task_id,
        state="succeeded" if result is not None else "running" if error is None else "failed",
        result=result,
        error=error,
        created_at=created_at,
        started_at=timestamp(record.get("started_at")),
        finished_at=finished_at,
        seconds=seconds_taken(record.get("elapsed"), created_at, finished_at),
    )


def _task_error(parts: list[dict[str, Any]], task_id: str) -> ApiError | None:
    """Return why a task ended without images; None while it runs."""
    error = next((error_from(INSIDE_ANSWER, part) for part in parts if error_in(part) is not None), None)
    if error is None and any(map(_has_ended, parts)):
        error = NothingMade(INSIDE_ANSWER, "", "The task ended without an image.")
    if error is not None:
        error.task_id = error.task_id or task_id
        error.trace_id = error.trace_id or next(filter(None, (record_id(part, "trace_id") for part in parts)), None)
    return error


def _has_result(record: dict[str, Any], *, ended: bool) -> bool:
    """Return whether it holds the task's images, and not only placeholders for images that are being made."""
    if ended:
        return bool(image_items(record))
    succeeded = record.get("success") is True and bool(image_items(record)) and not has_running_images(record)
    return has_finished_images(record) or (succeeded and submitted_task_id({"data": record.get("data")}) is None)


def _has_ended(record: dict[str, Any]) -> bool:
    """Return whether `finished_at` or a state says so, or the record reports success without any data."""
    finished_at, data = record.get("finished_at"), record.get("data")
    states = {run_state(part) for part in (record, data) if isinstance(part, dict)}
    if "succeeded" in states or (bool(finished_at) and not is_unset_time(finished_at)):
        return True
    return record.get("success") is True and data in ([], {})


def parse_tasks(answer: Any) -> dict[str, TaskStatus]:
    """Parse a batch of task records, by task id; a record without an id is left out. Raises: UnreadableAnswer."""
    statuses = [
        parse_task(item, task_id)
        for item in _task_items(answer)
        if isinstance(item, dict) and (task_id := record_id(item, "id") or _nested_task_id(item))
    ]
    statuses.sort(key=lambda status: status.state != "running")  # of a task with two records, the final one wins
    return {status.id: status for status in statuses}


def _task_items(answer: Any) -> list[Any]:
    if isinstance(answer, list):
        return answer
    record = as_record(answer)
    items = record.get("items", [record] if "id" in record else ())
    if isinstance(items, dict):
        return [items]
    if isinstance(items, list) or items is None:
        return items or []
    raise UnreadableAnswer("The service's answer has no list of tasks.")


def _nested_task_id(item: dict[str, Any]) -> str | None:
    response = item.get("response")
    return record_id(item, "task_id") or (record_id(response, "task_id") if isinstance(response, dict) else None)
