"""Reads single values out of a record (a JSON object), whatever types they have. Pure."""

from __future__ import annotations

from typing import Any, Literal

from seedream.errors import UnreadableAnswer

MAX_ID_LENGTH = 200  # characters of a task or trace id

RunState = Literal["running", "succeeded", "failed", ""]

# How the variants of the API name the state of a task, or of the only image in its answer.
_STATES: dict[str, RunState] = {
    "pending": "running",
    "processing": "running",
    "queued": "running",
    "running": "running",
    "submitted": "running",
    "in_progress": "running",
    "succeeded": "succeeded",
    "success": "succeeded",
    "completed": "succeeded",
    "finished": "succeeded",
    "failed": "failed",
    "failure": "failed",
    "error": "failed",
    "cancelled": "failed",
    "canceled": "failed",
    "expired": "failed",
}


def as_record(value: Any) -> dict[str, Any]:
    """Return the value if it is a JSON object. Raises: UnreadableAnswer."""
    if not isinstance(value, dict):
        raise UnreadableAnswer("The service's answer isn't a JSON object.")
    return value


def text_of(value: Any) -> str:
    """Return a string as it is, and "" for anything else."""
    return value if isinstance(value, str) else ""


def whole_number(value: Any) -> int | None:
    """Return a whole number from 0 that fits 63 bits, also one written as 2.0; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def code_of(value: Any) -> str:
    """Return a code as text, also one written as a number; "" for anything else."""
    number = whole_number(value)
    return text_of(value) if number is None else str(number)


def record_id(record: dict[str, Any], name: str) -> str | None:
    """Return the id in a field, also one written as a number; None if it can't be an id."""
    text = code_of(record.get(name))
    return text if text and len(text) <= MAX_ID_LENGTH and text.isprintable() else None


def run_state(record: dict[str, Any]) -> RunState:
    """Return the state that a task or an image reports; "" if it reports none that is known."""
    names = (text_of(record.get(field))[:20].strip().casefold() for field in ("state", "status"))
    return next((_STATES[name] for name in names if name in _STATES), "")
