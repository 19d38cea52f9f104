"""Parses JSON from outside: whatever the bytes are, a value comes back or UnreadableAnswer is raised. Pure."""

from __future__ import annotations

import codecs
import json
import math
from typing import TYPE_CHECKING, Any

from seedream.errors import UnreadableAnswer, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

# A whole answer has a few hundred; in memory each takes up to fifty times its size in JSON.
MAX_VALUES = 100_000
MAX_DEPTH = 64  # objects and lists in each other: an answer has five


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
        raise UnreadableAnswer(f"The service's answer is nested more than {MAX_DEPTH} deep.")
    return value


def _parse(body: bytes, *, strict: bool) -> Any:
    limits: dict[str, Any] = {"parse_constant": _finite, "parse_float": _finite} if strict else {}
    try:
        return json.loads(body.removeprefix(codecs.BOM_UTF8).decode(), **limits)
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, a number with too many digits, nested too deep
        start = one_line(body[:100].decode("utf-8", "replace"))
        raise UnreadableAnswer(f"The service's answer isn't JSON: {start or 'it is empty'}") from error


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
