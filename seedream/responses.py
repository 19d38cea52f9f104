"""The service's answers, parsed. Pure, and tolerant: every form of answer that has been seen is understood.

Whatever the JSON holds, a value comes back or an error of `seedream.errors` is raised.
Source: SeeDream API guide, "Answers".
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from seedream.capabilities import Size
from seedream.error_table import CODES, classify, listed_models
from seedream.errors import (
    ApiError,
    ModelRefused,
    NotFound,
    NothingMade,
    RateLimited,
    UnreadableAnswer,
    WrongAddress,
    one_line,
)
from seedream.pictures import http_url_problem
from seedream.streaming import json_value
from seedream.times import is_zero, seconds_taken, timestamp
from seedream.values import (
    BoundingBox,
    Completed,
    GeneratedImage,
    ImageEvent,
    ImageFailed,
    ImageReady,
    Layer,
    Result,
    Submission,
    TaskNamed,
    TaskStatus,
    Usage,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "BoundingBox",
    "Completed",
    "GeneratedImage",
    "ImageEvent",
    "ImageFailed",
    "ImageReady",
    "Layer",
    "Result",
    "StreamReader",
    "Submission",
    "TaskNamed",
    "TaskStatus",
    "Usage",
    "error_from",
    "makes_more",
    "parse_error",
    "parse_event",
    "parse_result",
    "parse_submission",
    "parse_task",
    "parse_tasks",
    "record_id",
]

MAX_IMAGES = 100  # far more than any model makes; what is beyond is no answer of this API
UNREADABLE = "unreadable_image"
_LONGEST_ID = 200
_LONGEST_TOLD = 20_000  # characters of an error's message: it may list a hundred models
_LONGEST_NAME, _LONGEST_DESCRIPTION = 100, 500  # of a layer
_CORNERS = 4  # numbers: two corners
_FARTHEST = 1_000_000  # pixels: no picture is so large
_DECODED_AT_ONCE = 1 << 20  # characters, a multiple of 4: other threads wait 2 ms for it, for a whole picture 60
_OK = 200
_NOT_FOUND = 404
_SERVER_ERROR = 500


# --- answers -----------------------------------------------------------------------------------------------------


def parse_result(answer: Any) -> Result:
    """A plain answer or a callback's body.

    Raises: ApiError when it is the error form, UnreadableAnswer when it holds neither pictures nor failures.
    """
    record = _record(answer)
    items = _items(record)
    if not items and _error_of(record) is not None:
        raise error_from(_OK, record)
    if items is None:
        named = f" for task {record_id(record, 'task_id')}" if record_id(record, "task_id") else ""
        raise UnreadableAnswer(f"The service's answer{named} holds no pictures.")
    items = items[:MAX_IMAGES]
    events = [_image_event(item, index) for item, index in zip(items, _indexes(items), strict=True)]
    return Result(
        images=tuple(event for event in events if isinstance(event, ImageReady)),
        failures=tuple(event for event in events if isinstance(event, ImageFailed)),
        usage=_usage(record.get("usage")),
        task_id=record_id(record, "task_id"),
        trace_id=record_id(record, "trace_id"),
    )


def _indexes(items: list[Any]) -> list[int]:
    """Each item's own index; where it has none, or one that is taken, the first that is free."""
    given = [_own_index(item) for item in items]
    claimed = {index: place for place, index in reversed(list(enumerate(given))) if index is not None}
    free = (index for index in range(MAX_IMAGES) if index not in claimed)
    return [index if index is not None and claimed[index] == place else next(free) for place, index in enumerate(given)]


def _own_index(item: Any) -> int | None:
    if not isinstance(item, dict):
        return None
    named = (_whole(item.get(name)) for name in ("image_index", "index"))
    return next((index for index in named if index is not None and index < MAX_IMAGES), None)


def parse_submission(answer: Any) -> Submission:
    """The answer to an asynchronous request. Raises: ApiError, UnreadableAnswer."""
    record = _record(answer)
    if _error_of(record) is not None:
        raise error_from(_OK, record)
    task_id = _submitted_id(record)
    result = parse_result(record) if _tells_pictures(record) else None
    if task_id is None and result is None:
        raise UnreadableAnswer("The service took the task and named no task id: it may be running.")
    return Submission(task_id=task_id or "", trace_id=record_id(record, "trace_id"), result=result)


def _submitted_id(record: dict[str, Any]) -> str | None:
    data = record.get("data")
    within = record_id(data, "task_id") if isinstance(data, dict) else None
    return record_id(record, "task_id") or within or record_id(record, "id")


def parse_event(event: Any, *, position: int = 0) -> ImageEvent | None:
    """One object of a stream; None for a type to be skipped. `position`: the index of a picture that names none.

    Raises: ApiError when the stream tells an error, UnreadableAnswer.
    """
    record = _record(event)
    kind = _text(record.get("type"))
    if kind == "image_generation.completed":
        return Completed(_usage(record.get("usage")))
    if kind in {"image_generation.partial_succeeded", "image_generation.partial_failed"}:
        index = _whole(record.get("image_index"))
        index = position if index is None else index
        if index >= MAX_IMAGES:
            raise UnreadableAnswer(f"The stream tells of picture {index + 1}.")
        if kind == "image_generation.partial_failed" and _error_of(record) is None:
            return ImageFailed(index, "", "")
        return _image_event(record, index)
    if kind == "error" or (not kind and _error_of(record) is not None):
        raise error_from(_OK, record)
    return None


class StreamReader:
    """What the objects of one stream say, in order.

    No picture is lost because another has its index; one that is repeated stays one. `arrived`: how many there are.
    """

    def __init__(self) -> None:
        self._pictures: dict[int, object] = {}
        self._named: set[tuple[str | None, str | None]] = {(None, None)}

    @property
    def arrived(self) -> int:
        return len(self._pictures)

    def read(self, record: dict[str, Any]) -> Iterator[ImageEvent]:
        """What one object says; a plain answer in place of a stream says everything at once.

        The task that it names comes first, so it is known also where an error follows. Raises: ApiError,
        UnreadableAnswer.
        """
        yield from self._names(record)
        for event in self._events(record):
            if isinstance(event, ImageReady | ImageFailed):
                yield self._in_its_place(event)
            else:
                yield event

    def _names(self, record: dict[str, Any]) -> Iterator[TaskNamed]:
        named = TaskNamed(record_id(record, "task_id"), record_id(record, "trace_id"))
        ids = (named.task_id, named.trace_id)
        if ids not in self._named and len(self._named) <= MAX_IMAGES:
            self._named.add(ids)
            yield named

    def _events(self, record: dict[str, Any]) -> Iterator[ImageEvent]:
        named = bool(_text(record.get("type")))
        if not named and record.get("data") is not None:
            yield from parse_result(record).events()
        elif event := parse_event(record, position=self.arrived):
            yield event
        elif not named and not any(record_id(record, name) for name in ("task_id", "trace_id")):
            raise UnreadableAnswer("The service answered a stream with something else.")

    def _in_its_place(self, event: ImageReady | ImageFailed) -> ImageReady | ImageFailed:
        told = (event.url, hash(event.data)) if isinstance(event, ImageReady) else (event.code, event.message)
        if self._pictures.setdefault(event.index, told) == told:
            return event
        free = next((index for index in range(MAX_IMAGES) if index not in self._pictures), None)
        if free is None:
            raise UnreadableAnswer(f"The stream tells of more than {MAX_IMAGES} pictures.")
        self._pictures[free] = told
        return replace(event, index=free)


# --- tasks -------------------------------------------------------------------------------------------------------


def parse_task(answer: Any, task_id: str) -> TaskStatus:
    """A task's record, or the plain form that some services answer with. Raises: UnreadableAnswer."""
    record = _record(answer)
    response = record.get("response") if any(name in record for name in _OF_A_RECORD) else record
    told = [part for part in (response, record) if isinstance(part, dict)]
    ended = any(map(_has_ended, told))
    result = next((parse_result(part) for part in told if _is_answer(part, ended=ended)), None)
    error = None if result is not None else _task_error(told, task_id)
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


_OF_A_RECORD = ("response", "request", "created_at", "started_at", "finished_at", "state")


def _task_error(told: list[dict[str, Any]], task_id: str) -> ApiError | None:
    """Why a task without pictures has ended; None while it runs. What is final has its end at once."""
    error = next((error_from(_OK, part) for part in told if _error_of(part) is not None), None)
    if error is None and any(_has_ended(part) for part in told):
        error = NothingMade(_OK, "", "The task ended without a picture.")
    if error is not None:
        error.task_id = error.task_id or task_id
        error.trace_id = error.trace_id or next(filter(None, (record_id(part, "trace_id") for part in told)), None)
    return error


def _is_answer(record: dict[str, Any], *, ended: bool) -> bool:
    """Whether it holds all that the task has come to, and not only the places of what is still being made."""
    if ended:
        return bool(_items(record))
    in_full = record.get("success") is True and bool(_items(record)) and not makes_more(record)
    return _tells_pictures(record) or (in_full and _submitted_id({"data": record["data"]}) is None)


def _tells_pictures(record: dict[str, Any]) -> bool:
    """Whether the outcome of at least one picture is known, and no more are to come."""
    return any(map(_tells, _items(record) or ())) and not makes_more(record)


def makes_more(record: dict[str, Any]) -> bool:
    """Whether it says of some of its pictures that they are still being made."""
    return any(isinstance(item, dict) and _state(item) == "running" for item in _items(record) or ())


def _tells(item: Any) -> bool:
    if not isinstance(item, dict):
        return bool(_text(item))
    return _error_of(item) is not None or any(_text(item.get(name)) for name in ("image_url", "url", "b64_json"))


def _has_ended(record: dict[str, Any]) -> bool:
    """`finished_at` is there, or it says that it succeeded and holds nothing."""
    data = record.get("data")
    if _is_set(record.get("finished_at")) or "succeeded" in {
        _state(record),
        _state(data) if isinstance(data, dict) else "",
    }:
        return True
    return record.get("success") is True and record.get("data") in ([], {})


def _is_set(time: Any) -> bool:
    """Not where a time that is not known yet is written as zero, or as the first day of some calendar."""
    return bool(time) and not is_zero(time)


def parse_tasks(answer: Any) -> dict[str, TaskStatus]:
    """A batch of task records, by id. What names no id is left out. Raises: UnreadableAnswer."""
    statuses = [
        parse_task(item, task_id)
        for item in _task_items(answer)
        if isinstance(item, dict) and (task_id := record_id(item, "id") or _task_id_within(item))
    ]
    statuses.sort(key=lambda status: status.state != "running")  # of one that is there twice, its end counts
    return {status.id: status for status in statuses}


def _task_items(answer: Any) -> list[Any]:
    if isinstance(answer, list):
        return answer
    record = _record(answer)
    items = record.get("items", [record] if "id" in record else ())
    if isinstance(items, dict):
        return [items]
    if isinstance(items, list) or items is None:
        return items or []
    raise UnreadableAnswer("The service's answer holds no list of tasks.")


def _task_id_within(item: dict[str, Any]) -> str | None:
    response = item.get("response")
    return record_id(item, "task_id") or (record_id(response, "task_id") if isinstance(response, dict) else None)


# --- errors ------------------------------------------------------------------------------------------------------


def parse_error(status: int, body: bytes, *, retry_after: float | None = None, lookup: bool = False) -> ApiError:
    """An error answer of any kind: the error form, a bare string, a gateway's page, nothing.

    lookup: it was a look-up or a download, so that 404 tells of what was looked up and not of the address.
    """
    try:
        value = json_value(body)
    except UnreadableAnswer:
        value = {"error": {"message": _page_title(body)}}
    if isinstance(value, str):
        value = {"error": value}
    error = error_from(status, value if isinstance(value, dict) else {}, retry_after=retry_after)
    if lookup and isinstance(error, WrongAddress) and status == _NOT_FOUND and not error.code:
        return NotFound(status, "", error.message, error.trace_id, error.task_id)
    return error


def error_from(status: int, record: dict[str, Any], *, retry_after: float | None = None) -> ApiError:
    """The error that a JSON object tells, as the class that it means."""
    code, message = _error_of(record) or _flat_error(record)
    if status >= _SERVER_ERROR and not isinstance(record.get("error"), dict):
        code, message = "", message or code  # not in the API's own form: it may be a gateway's word
    kind = classify(status, code, message)
    error = kind(status, code, message, record_id(record, "trace_id"), record_id(record, "task_id"))
    if isinstance(error, RateLimited):
        error.retry_after = retry_after
    if isinstance(error, ModelRefused):
        error.listed, error.complete = listed_models(message)
    return error


def _error_of(record: dict[str, Any]) -> tuple[str, str] | None:
    """(code, message) of the error form; None if there is no error in it."""
    error = record.get("error")
    if isinstance(error, str) and error:
        return (error, "") if error.strip().casefold() in CODES else ("", error[:_LONGEST_TOLD])
    if isinstance(error, dict) and error:
        return one_line(_code(error.get("code")), 100), _text(error.get("message"))[:_LONGEST_TOLD]
    if record.get("success") is False or _state(record) == "failed":
        return _flat_error(record)
    data = record.get("data")
    return _error_of({**data, "data": None}) if isinstance(data, dict) and _state(data) == "failed" else None


def _flat_error(record: dict[str, Any]) -> tuple[str, str]:
    """Of an answer that has its code and message beside all else."""
    message = _text(record.get("message")) or _text(record.get("detail"))
    return one_line(_code(record.get("code")), 100), message[:_LONGEST_TOLD]


# How the variants of the API name the state of a task, and of the only picture in its answer.
_STATES = {
    **dict.fromkeys(("pending", "processing", "queued", "running", "submitted", "in_progress"), "running"),
    **dict.fromkeys(("succeeded", "success", "completed", "finished"), "succeeded"),
    **dict.fromkeys(("failed", "failure", "error", "cancelled", "canceled", "expired"), "failed"),
}


def _state(record: dict[str, Any]) -> str:
    """ "running", "succeeded" or "failed"; "" where it does not say."""
    told = (_STATES.get(_text(record.get(name))[:20].strip().casefold(), "") for name in ("state", "status"))
    return next(filter(None, told), "")


def _code(value: Any) -> str:
    number = _whole(value)
    return _text(value) if number is None else str(number)


def _page_title(body: bytes) -> str:
    start = body[:4096].decode("utf-8", "replace")
    title = re.search(r"<title[^>]{0,100}>([^<]{1,200})</title", start, re.IGNORECASE)
    return one_line(title[1] if title else re.sub(r"<[^>]{0,1000}>", " ", start), 200)


# --- pieces ------------------------------------------------------------------------------------------------------


def _record(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableAnswer("The service's answer is no JSON object.")
    return value


def _items(record: dict[str, Any]) -> list[Any] | None:
    """The pictures of an answer, however they are wrapped; None if there is no place for any."""
    data = record.get("data")
    if isinstance(data, list):
        return data
    if isinstance(data, dict) and data:
        return None if _state(data) in {"running", "failed"} else [data]
    return [record] if any(name in record for name in ("image_url", "b64_json")) else None


def _image_event(item: Any, index: int) -> ImageReady | ImageFailed:
    if isinstance(item, str):
        item = {"url": item}
    if not isinstance(item, dict):
        return ImageFailed(index, UNREADABLE, "The service's answer holds no picture here.")
    if (error := _error_of(item)) is not None:
        return ImageFailed(index, error[0], one_line(error[1]))
    if content := _text(item.get("b64_json")):
        data = _decoded(content)
        return ImageReady(index, None, data, _size(item), _layer(item)) if data else _unreadable(index, "base64")
    url = _text(item.get("image_url")) or _text(item.get("url"))
    if not url or http_url_problem(url):
        return _unreadable(index, "link")
    return ImageReady(index, url, None, _size(item), _layer(item))


def _unreadable(index: int, what: str) -> ImageFailed:
    return ImageFailed(index, UNREADABLE, f"The service made this picture, and its {what} can't be read.")


def _decoded(content: str) -> bytes | None:
    if content.startswith("data:"):
        content = content.partition(",")[2]
    if "\n" in content:  # wrapped, as in mail
        content = "".join(content.split())
    if "=" in content[:-2]:
        return None
    pieces = range(0, len(content), _DECODED_AT_ONCE)
    try:
        return b"".join(base64.b64decode(content[at : at + _DECODED_AT_ONCE], validate=True) for at in pieces)
    except (binascii.Error, ValueError):
        return None


def _size(item: dict[str, Any]) -> Size | None:
    try:
        return Size.parse(_text(item.get("size")))
    except ValueError:
        return None


def _layer(item: dict[str, Any]) -> Layer | None:
    name, z_index = one_line(_text(item.get("name")), _LONGEST_NAME), _whole(item.get("z_index"))
    if z_index is None and not name:
        return None
    description = one_line(_text(item.get("description")), _LONGEST_DESCRIPTION)
    return Layer(name=name, z_index=z_index, description=description, bounding_box=_box(item.get("bounding_box")))


def _box(value: Any) -> BoundingBox:
    """Both forms of a layer's box; a plain list, as older answers have it, is in pixels."""
    forms = value if isinstance(value, dict) else {"absolute": value}
    pixels = _corners(forms.get("absolute"))
    return BoundingBox(absolute=tuple(map(round, pixels)), normalized=_corners(forms.get("normalized")))


def _corners(value: Any) -> tuple[float, ...]:
    """Two corners as four finite numbers; nothing of what is not."""
    whole = isinstance(value, list) and len(value) == _CORNERS and all(map(_is_place, value))
    return tuple(value) if whole else ()


def _is_place(value: Any) -> bool:
    """A number that a place in a picture can have; this is neither infinity nor NaN."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _FARTHEST


def _usage(value: Any) -> Usage | None:
    if not isinstance(value, dict):
        return None
    tools = value.get("tool_usage")
    return Usage(
        generated_images=_whole(value.get("generated_images")),
        output_tokens=_whole(value.get("output_tokens")),
        total_tokens=_whole(value.get("total_tokens")),
        input_images=_whole(value.get("input_images")),
        web_searches=_whole(tools.get("web_search")) if isinstance(tools, dict) else None,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: Any) -> int | None:
    """A whole number from 0 that fits 63 bits, also when it is written 2.0; None for all else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def record_id(record: dict[str, Any], name: str) -> str | None:
    """An id in a record, also where it is written as a number; None for what can be none."""
    value = record.get(name)
    text = value if isinstance(value, str) else _code(value)
    return text if text and len(text) <= _LONGEST_ID and text.isprintable() else None
