"""Parses JSON from outside: whatever the bytes are, a value comes back or UnreadableAnswer is raised. Pure."""

from __future__ import annotations

import codecs
import json
import math
from typing import Any

from seedream.errors import UnreadableAnswer, one_line


def parse_json(body: bytes, *, strict: bool = False) -> Any:
    """Parse UTF-8 JSON. Raises: UnreadableAnswer.

    strict: also refuse NaN, Infinity and numbers too large for a float.
    """
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


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is not a finite number")
    return number
