"""Parses whole answers: a result, or the acceptance of an asynchronous request. Pure."""

from __future__ import annotations

from typing import Any

from seedream.errors import UnreadableAnswer
from seedream.responses.errors import INSIDE_ANSWER, error_from, error_in
from seedream.responses.fields import as_record, record_id
from seedream.responses.images import has_finished_images, image_items, parse_images, parse_usage
from seedream.values import ImageFailed, ImageReady, Result, Submission


def parse_result(answer: Any) -> Result:
    """Parse a plain answer or a callback's body.

    Raises: ApiError if it is the error form, UnreadableAnswer if it holds neither images nor failures.
    """
    record = as_record(answer)
    items = image_items(record)
    if not items and error_in(record) is not None:
        raise error_from(INSIDE_ANSWER, record)
    task_id = record_id(record, "task_id")
    if items is None:
        raise UnreadableAnswer(f"The service's answer{f' for task {task_id}' if task_id else ''} has no images.")
    images = parse_images(items)
    return Result(
        images=tuple(image for image in images if isinstance(image, ImageReady)),
        failures=tuple(image for image in images if isinstance(image, ImageFailed)),
        usage=parse_usage(record.get("usage")),
        task_id=task_id,
        trace_id=record_id(record, "trace_id"),
    )


def parse_submission(answer: Any) -> Submission:
    """Parse the answer to an asynchronous request. Raises: ApiError, UnreadableAnswer."""
    record = as_record(answer)
    if error_in(record) is not None:
        raise error_from(INSIDE_ANSWER, record)
    task_id = submitted_task_id(record)
    result = parse_result(record) if has_finished_images(record) else None
    if task_id is None and result is None:
        raise UnreadableAnswer("The service accepted the task without a task id: it may be running.")
    return Submission(task_id=task_id or "", trace_id=record_id(record, "trace_id"), result=result)


def submitted_task_id(record: dict[str, Any]) -> str | None:
    """Return the id of the task that an answer says was started, wherever it says so."""
    data = record.get("data")
    nested = record_id(data, "task_id") if isinstance(data, dict) else None
    return record_id(record, "task_id") or nested or record_id(record, "id")
