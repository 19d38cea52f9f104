"""Decodes streamed answers, fed with bytes: one JSON object per line (NDJSON), or server-sent events (SSE). Pure.

The first bytes of the body decide the format; the Content-Type has been seen to be wrong.
However the bytes are cut into chunks, the same objects come out.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any, Protocol

from seedream.errors import AnswerTooLarge, UnreadableAnswer
from seedream.json_parsing import MAX_VALUES, count_values, parse_json_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seedream.errors import SeeDreamError

MAX_LINE_BYTES = 64 * 2**20  # a 4K image as base64 is about 30 MB
MAX_LARGE_LINES = 17  # a whole stream has at most so many times these bytes: up to 17 layers come in one
MAX_LINES = 100_000  # one every 40 ms for an hour: a service keeps a connection alive with one every few seconds


class StreamDecoder:
    """Decodes a stream into JSON objects. Raises: UnreadableAnswer, AnswerTooLarge; don't feed it after an error.

    A whole stream has bounds too: on its bytes, its lines, and the values in all of its objects.
    """

    def __init__(self, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._lines = _LineSplitter(max_line_bytes)
        self._max = max_line_bytes
        self._bytes_left = max_line_bytes * MAX_LARGE_LINES
        self._head = b""
        self._head_bytes = 0
        self._decoder: _LineDecoder | None = None
        self._error: SeeDreamError | None = None

    def feed(self, chunk: bytes) -> list[dict[str, Any]]:
        """Return the objects that this chunk completes. An error that follows them is raised by the next call."""
        self.raise_error()
        self._bytes_left -= len(chunk)
        if self._bytes_left < 0:
            raise AnswerTooLarge
        if self._decoder is None:
            chunk = self._detect_format(chunk)
        return self._decoded(self._lines.feed(chunk))

    def _decoded(self, lines: Iterator[bytes]) -> list[dict[str, Any]]:
        values: list[dict[str, Any]] = []
        if self._decoder is None:
            return values
        try:
            for line in lines:
                values += self._decoder.decode_line(line)
        except (UnreadableAnswer, AnswerTooLarge) as error:
            self._error = error
        if not values:
            self.raise_error()
        return values

    def raise_error(self) -> None:
        """Raise the error that followed the objects of the last chunk, if there was one."""
        if self._error is not None:
            raise self._error

    def close(self) -> list[dict[str, Any]]:
        """Return what the end of the body completes: a last line without newline, a last event without blank line."""
        self.raise_error()
        last = self._decoded(self._lines.close())
        self.raise_error()
        return last + self._decoder.close() if self._decoder else []

    def _detect_format(self, chunk: bytes) -> bytes:
        """Choose the format by the first byte after white space and byte order mark; return what is to be decoded."""
        self._head_bytes += len(chunk)
        if self._head_bytes > self._max:
            raise AnswerTooLarge
        head = self._head + chunk
        self._head = head if codecs.BOM_UTF8.startswith(head) else b""
        text = b"" if self._head else head.removeprefix(codecs.BOM_UTF8).lstrip()
        if text:
            self._decoder = _decoder_for(text[:1], self._max)
        return text


class _LineDecoder(Protocol):
    def decode_line(self, line: bytes) -> list[dict[str, Any]]: ...
    def close(self) -> list[dict[str, Any]]: ...


def _decoder_for(first: bytes, limit: int) -> _LineDecoder:
    if first in b"{[":
        return _JsonLinesDecoder(limit)
    if first == b"<":
        raise UnreadableAnswer("The service answered with a web page instead of a stream.")
    return _EventsDecoder(limit)


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


class _JsonLinesDecoder:
    """Decodes NDJSON. If the first line isn't a whole object, the body is one JSON document over many lines."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._document: list[bytes] = []
        self._length = 0
        self._started = False

    def decode_line(self, line: bytes) -> list[dict[str, Any]]:
        if not line.strip():
            return []
        if self._document:
            self._keep(line)
            return []
        try:
            value = parse_json_object(line)
        except UnreadableAnswer:
            if self._started:
                raise
            self._keep(line)
            return []
        self._started = True
        return [value]

    def close(self) -> list[dict[str, Any]]:
        return [parse_json_object(b"\n".join(self._document))] if self._document else []

    def _keep(self, line: bytes) -> None:
        self._document.append(line)
        self._length += len(line)
        if self._length > self._limit:
            raise AnswerTooLarge


class _EventsDecoder:
    """Decodes server-sent events. An event's name replaces a missing `type`. Source: the HTML standard, section 9.2."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._name = ""
        self._data: list[bytes] = []
        self._length = 0
        self._done = False

    def decode_line(self, line: bytes) -> list[dict[str, Any]]:
        if not line:
            return self.close()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._length += len(value)
            if self._length > self._limit:
                raise AnswerTooLarge
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")
        return []

    def close(self) -> list[dict[str, Any]]:
        data, name = b"\n".join(self._data), self._name
        self._data, self._length, self._name = [], 0, ""
        if self._done or not data.strip():
            return []
        if data.strip() == b"[DONE]":
            self._done = True
            return []
        value = parse_json_object(data)
        return [{"type": name} | value if name else value]
