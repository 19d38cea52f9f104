"""Parses JSON from outside: whatever the bytes are, a value comes back or UnreadableAnswer is raised. Pure."""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import TYPE_CHECKING, Any

from seedream.errors import UnreadableAnswer, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A whole answer has a few hundred; in memory each takes up to fifty times its size in JSON.
MAX_VALUES = 100_000
_AROUND_OBJECTS = b" \t\r\n\x1e,[]"  # \x1e begins each text of RFC 7464
_BETWEEN_OBJECTS = re.compile(rb"\}[\s\x1e,]*\{")
_SEPARATORS = re.compile(r"[ \t\r\n\x1e,\[\]]*")
_DECODER = json.JSONDecoder()
MAX_DEPTH = 64  # objects and lists in each other: an answer has five


class NotJsonError(UnreadableAnswer):
    """It isn't JSON, or not all of it."""


def count_values(body: bytes) -> int:
    """Return how many values a JSON text may hold at most. It takes no time worth mentioning."""
    return body.count(b",") + body.count(b"[") + body.count(b"{")


def parse_json(body: bytes, *, strict: bool = False) -> Any:
    """Parse UTF-8 JSON of at most MAX_VALUES values, nested at most MAX_DEPTH deep. Raises: UnreadableAnswer.

    strict: also refuse NaN, Infinity and numbers too large for a float.
    """
    if count_values(body) > MAX_VALUES:
        raise UnreadableAnswer(f"The service's answer has more than {MAX_VALUES:,} values.")
    value = _parse(body, strict=strict)
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_too_deep(value):
        raise _too_deep()
    return value


def _parse(body: bytes, *, strict: bool) -> Any:
    limits: dict[str, Any] = {"parse_constant": _finite, "parse_float": _finite} if strict else {}
    try:
        return json.loads(body.removeprefix(codecs.BOM_UTF8).decode(), **limits)
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:  # not UTF-8, not JSON, a number with too many digits
        start = one_line(body[:100].decode("utf-8", "replace"))
        raise NotJsonError(f"The service's answer isn't JSON: {start or 'it is empty'}") from error


def _too_deep() -> UnreadableAnswer:
    return UnreadableAnswer(f"The service's answer is nested more than {MAX_DEPTH} deep.")


def parse_json_objects(text: bytes) -> list[dict[str, Any]]:
    """Parse JSON objects that follow one another, alone or in a list, also in a part of one. Raises: UnreadableAnswer.

    They are what streams consist of that call themselves NDJSON.
    """
    core = text.strip(_AROUND_OBJECTS)
    if len(text) - len(core) > MAX_DEPTH and text.count(b"[") > MAX_DEPTH:
        raise _too_deep()
    if not core:
        return []
    try:
        return [parse_json_object(core if core.startswith(b"{") else text)]
    except NotJsonError:
        if not _BETWEEN_OBJECTS.search(core):
            raise
    return [parse_json_object(part) for part in _parts(core)]


def _parts(core: bytes) -> Iterator[bytes]:
    """Yield the texts of objects that follow one another. The rest comes last, if it isn't an object."""
    text, at = core.decode("utf-8", "surrogateescape"), 0
    while at < len(text):
        try:
            _, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = len(text)
        yield text[at:end].encode("utf-8", "surrogateescape")
        at = found.end() if (found := _SEPARATORS.match(text, end)) else end


def parse_json_object(body: bytes) -> dict[str, Any]:
    """Parse a JSON object. Raises: UnreadableAnswer."""
    value = parse_json(body)
    if not isinstance(value, dict):
        raise UnreadableAnswer("The service's answer is JSON, but not an object.")
    return value


def _is_too_deep(value: Any) -> bool:
    """Return whether it is nested too deep; level by level, as recursion would need as much stack as it has levels."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for outer in level for inner in _inside(outer)]
    return bool(level)


def _inside(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is not a finite number")
    return number
