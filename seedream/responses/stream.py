"""Parses the objects of a stream into events. Pure; `seedream.streaming` decodes the bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from seedream.errors import UnreadableAnswer
from seedream.responses.errors import INSIDE_ANSWER, error_from, error_in
from seedream.responses.fields import as_record, record_id, text_of, whole_number
from seedream.responses.images import MAX_IMAGES, parse_image, parse_usage
from seedream.responses.results import parse_result
from seedream.values import GenerationCompleted, ImageEvent, ImageFailed, ImageReady, TaskNamed

if TYPE_CHECKING:
    from collections.abc import Iterator


def parse_event(event: Any, *, position: int = 0) -> ImageEvent | None:
    """Parse one object of a stream; None for a type to skip. position: the index of an image that has none.

    Raises: ApiError if the object reports an error, UnreadableAnswer.
    """
    record = as_record(event)
    event_type = text_of(record.get("type"))
    if event_type == "image_generation.completed":
        return GenerationCompleted(parse_usage(record.get("usage")))
    if event_type in {"image_generation.partial_succeeded", "image_generation.partial_failed"}:
        index = whole_number(record.get("image_index"))
        index = position if index is None else index
        if event_type == "image_generation.partial_failed" and error_in(record) is None:
            return ImageFailed(index, "", "")
        return parse_image(record, index)
    if event_type == "error" or (not event_type and error_in(record) is not None):
        raise error_from(INSIDE_ANSWER, record)
    return None


class StreamParser:
    """Parses the objects of one stream in order. arrived: the number of different images so far.

    Each image is reported once, under its own index below MAX_IMAGES, or a free one if that is taken or too high.
    Those that are more than MAX_IMAGES are left out and counted in `left_out`.
    """

    def __init__(self) -> None:
        self._taken: set[int] = set()
        self._reported: set[tuple[int, object]] = set()
        self.left_out = 0
        self._not_understood: UnreadableAnswer | None = None
        self._known_ids: set[tuple[str | None, str | None]] = {(None, None)}

    @property
    def arrived(self) -> int:
        return len(self._taken)

    def parse(self, record: dict[str, Any]) -> Iterator[ImageEvent]:
        """Yield the events of one object; a plain answer in place of a stream yields all its events.

        The task id comes first, so that it is known even if an error follows. An object that can't be understood is
        skipped: it may tell how far the service is. Raises: ApiError.
        """
        yield from self._new_ids(record)
        for event in self._events(record):
            if not isinstance(event, ImageReady | ImageFailed):
                yield event
            elif own := self._with_own_index(event):
                yield own

    def _new_ids(self, record: dict[str, Any]) -> Iterator[TaskNamed]:
        task = TaskNamed(record_id(record, "task_id"), record_id(record, "trace_id"))
        ids = (task.task_id, task.trace_id)
        if ids not in self._known_ids and len(self._known_ids) <= MAX_IMAGES:
            self._known_ids.add(ids)
            yield task

    def _events(self, record: dict[str, Any]) -> Iterator[ImageEvent]:
        has_type = bool(text_of(record.get("type")))
        if not has_type and record.get("data") is not None:
            yield from self._of_result(record)
        elif event := parse_event(record, position=self.arrived):
            yield event
        elif not has_type and not any(record_id(record, name) for name in ("task_id", "trace_id")):
            self._not_understood = UnreadableAnswer("The service answered a streaming request with something else.")

    def _of_result(self, record: dict[str, Any]) -> Iterator[ImageEvent]:
        try:
            result = parse_result(record)
        except UnreadableAnswer as error:  # it may tell how far the service is
            self._not_understood = error
        else:
            yield from result.events()

    def close(self) -> None:
        """Raise UnreadableAnswer if the stream had no image, but an object that can't be understood."""
        if self._not_understood is not None and not self._taken:
            raise self._not_understood

    def _with_own_index(self, event: ImageReady | ImageFailed) -> ImageReady | ImageFailed | None:
        """Return the event with an index of its own; None if the image was reported before, or is one too many."""
        content = (event.url, hash(event.data)) if isinstance(event, ImageReady) else (event.code, event.message)
        if (event.index, content) in self._reported:
            return None
        index = _first_free(event.index, self._taken)
        if index is None:
            self.left_out += 1
            return None
        self._reported.add((event.index, content))
        self._taken.add(index)
        return replace(event, index=index)


def _first_free(index: int, taken: set[int]) -> int | None:
    """Return the index if it is free, or else the lowest free one; None if all are taken."""
    if index < MAX_IMAGES and index not in taken:
        return index
    return next((free for free in range(MAX_IMAGES) if free not in taken), None)
