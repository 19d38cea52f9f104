"""Decodes streamed answers, fed with bytes: one JSON object per line (NDJSON), or server-sent events (SSE). Pure.

The lines decide the format; the Content-Type has been seen to be wrong. Source: the HTML standard, section 9.2 (SSE).
However the bytes are cut into chunks, the same objects come out.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any

from seedream.errors import AnswerTooLarge, StreamBroken, UnreadableAnswer
from seedream.json_parsing import MAX_VALUES, NotJsonError, count_values, parse_json_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LINE_BYTES = 64 * 2**20  # a 4K image as base64 is about 30 MB
MAX_LARGE_LINES = 17  # a whole stream has at most so many times these bytes: up to 17 layers come in one
_BLANK = b" \t\x1e"
MAX_LINES = 100_000  # one every 40 ms for an hour: a service keeps a connection alive with one every few seconds


class StreamDecoder:
    """Decodes a stream into JSON objects. Raises: AnswerTooLarge; don't feed it after an error.

    Comments, which keep a connection alive, and lines that can't be read are skipped: what comes before and after them
    counts. A whole stream has bounds too: on its bytes, its lines, and the values in all of its objects.
    """

    def __init__(self, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._lines = _LineSplitter(max_line_bytes)
        self._decoder = _LineDecoder(max_line_bytes)
        self._bytes_left = max_line_bytes * MAX_LARGE_LINES
        self._too_large: AnswerTooLarge | None = None

    @property
    def unreadable(self) -> UnreadableAnswer | None:
        """What is wrong with the first line that was skipped because it can't be read."""
        return self._decoder.unreadable

    def feed(self, chunk: bytes) -> list[dict[str, Any]]:
        """Return the objects that this chunk completes. An error that follows them is raised by the next call."""
        self._bytes_left -= len(chunk)
        if self._bytes_left < 0:
            raise AnswerTooLarge
        return self._decoded(self._lines.feed(chunk))

    def close(self) -> list[dict[str, Any]]:
        """Return what the end of the body completes: a last line without newline, a last event without blank line.

        Raises besides: StreamBroken if it ends within a line, UnreadableAnswer if no line could be read.
        """
        skipped = self.unreadable
        values = self._decoded(self._lines.close()) + self._decoder.close()
        if skipped is None and isinstance(self.unreadable, NotJsonError):
            raise StreamBroken(f"{StreamBroken.default_message()} It ended within a line.") from self.unreadable
        if self.unreadable is not None and not self._decoder.started:
            raise self.unreadable
        return values

    def _decoded(self, lines: Iterator[bytes]) -> list[dict[str, Any]]:
        values: list[dict[str, Any]] = []
        if self._too_large is not None:
            raise self._too_large
        try:
            for line in lines:
                values += self._decoder.decode_line(line)
        except AnswerTooLarge as error:
            if not values:
                raise
            self._too_large = error
        return values


class _LineSplitter:
    """Splits bytes into lines at CRLF, LF or CR, also if a CRLF is split between two chunks."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._length = 0
        self._lines_left = MAX_LINES
        self._values_left = MAX_VALUES
        self._after_cr = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        if not chunk:
            return
        rest = chunk.removeprefix(b"\n") if self._after_cr else chunk
        self._after_cr = chunk.endswith(b"\r")
        for part in rest.splitlines(keepends=True):
            self._parts.append(part)
            self._length += len(part)
            if self._length > self._limit:
                raise AnswerTooLarge
            if part.endswith((b"\n", b"\r")):
                yield from self.close()

    def close(self) -> Iterator[bytes]:
        if not self._parts:
            return
        line, self._parts, self._length = b"".join(self._parts).rstrip(b"\r\n"), [], 0
        self._lines_left -= 1
        self._values_left -= count_values(line)
        if min(self._lines_left, self._values_left) < 0:
            raise AnswerTooLarge
        yield line


class _LineDecoder:
    """Decodes lines of either format: their beginnings differ.

    If the first line is a part of a JSON text, the body is one JSON document over many lines.
    """

    def __init__(self, limit: int) -> None:
        self.unreadable: UnreadableAnswer | None = None
        self._document = _Lines(limit)
        self._data = _Lines(limit)
        self._data_is_whole = False
        self._name = ""
        self._is_first = True
        self.started = False  # an object was read, or a field of an event
        self._done = False

    def decode_line(self, line: bytes) -> list[dict[str, Any]]:
        if self._is_first:
            line, self._is_first = _without_bom(line), False
        text = line.strip(_BLANK)
        if not text:
            return self._end_event()
        if text.startswith(b":"):
            return []
        field, _, value = text.partition(b":")
        match field.strip().lower():
            case b"data":
                return self._data_line(value.removeprefix(b" "))
            case b"event":
                self._name = value.strip().decode("utf-8", "replace")
            case b"id" | b"retry":
                pass
            case _:
                return self._json_line(text)
        return []

    def close(self) -> list[dict[str, Any]]:
        values = self._end_event()
        if self._document:
            whole = self._objects(self._document.joined())
            parts = (self._objects(line) for line in self._document.lines)
            values += whole or [value for part in parts for value in part or ()]
        return values

    def _data_line(self, value: bytes) -> list[dict[str, Any]]:
        """Keep a line of an event; return what is complete. Some services leave out the blank line between events."""
        self.started = True
        before = self._end_event() if self._data_is_whole else []
        objects = None if self._data else _objects_or_none(value)
        if objects and all(map(_has_type, objects)) and not self._done:
            return before + objects
        self._data.add(value)
        self._data_is_whole = bool(objects)
        return before

    def _end_event(self) -> list[dict[str, Any]]:
        """Return the event that ends here. Its name replaces a missing `type`."""
        data, name = self._data.joined(), self._name
        self._data.clear()
        self._name, self._data_is_whole = "", False
        self._done = self._done or data.strip() == b"[DONE]"
        if self._done or not data.strip():
            return []
        return [{"type": name} | value if name else value for value in self._objects(data) or ()]

    def _json_line(self, line: bytes) -> list[dict[str, Any]]:
        may_be_document = bool(self._document) or (not self.started and line[:1] in {b"{", b"["})
        objects = _objects_or_none(line) if may_be_document else self._objects(line)
        if may_be_document and (objects is None or (self._document and not all(map(_has_type, objects or [{}])))):
            self._document.add(line)
            return []
        if objects:
            self._skip_document()
            self.started = True
        return objects or []

    def _skip_document(self) -> None:
        """An event follows what looked like a document: it was a line that can't be read."""
        if self._document:
            self._objects(self._document.joined())
            self._document.clear()

    def _objects(self, text: bytes) -> list[dict[str, Any]] | None:
        """Return the JSON objects; None, and remember why, if they can't be read."""
        try:
            return parse_json_objects(text)
        except UnreadableAnswer as error:
            page = UnreadableAnswer("The service answered with a web page instead of a stream.")
            self.unreadable = self.unreadable or (page if text.startswith(b"<") else error)
            return None


class _Lines:
    """Lines that belong together. Raises: AnswerTooLarge."""

    def __init__(self, limit: int) -> None:
        self.lines: list[bytes] = []
        self._limit = limit
        self._length = 0

    def __bool__(self) -> bool:
        return bool(self.lines)

    def add(self, line: bytes) -> None:
        self.lines.append(line)
        self._length += len(line)
        if self._length > self._limit:
            raise AnswerTooLarge

    def joined(self) -> bytes:
        return b"\n".join(self.lines)

    def clear(self) -> None:
        self.lines, self._length = [], 0


def _without_bom(line: bytes) -> bytes:
    return b"" if codecs.BOM_UTF8.startswith(line) else line.removeprefix(codecs.BOM_UTF8)


def _objects_or_none(text: bytes) -> list[dict[str, Any]] | None:
    try:
        return parse_json_objects(text)
    except UnreadableAnswer:
        return None


def _has_type(value: dict[str, Any]) -> bool:
    return isinstance(value.get("type"), str)
