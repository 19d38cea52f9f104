"""Parses times as the service writes them: seconds, milliseconds or ISO 8601. Pure."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

_EARLIEST, _LATEST = 946_684_800.0, 4_102_444_800.0  # the years 2000 to 2100
_MILLISECONDS = 1e11  # a larger number is in milliseconds: in seconds it would be the year 5138
_MAX_TASK_SECONDS = 3600.0
_MAX_TEXT = 40  # characters
_YEAR_ZERO = re.compile(r"0{4}-")  # Python's datetime has no such year


def timestamp(value: Any) -> float | None:
    """Return a time in seconds since the epoch; None if the value isn't one from 2000 to 2100."""
    seconds = _seconds_of(value)
    if seconds is None:
        return None
    if seconds >= _MILLISECONDS:
        seconds /= 1000
    return seconds if _EARLIEST <= seconds <= _LATEST else None


def is_unset_time(value: Any) -> bool:
    """Return whether it is a time before 2000, such as 0 or year one: services write so a time not known yet."""
    if isinstance(value, str) and _YEAR_ZERO.match(value):
        return True
    seconds = _seconds_of(value)
    return seconds is not None and seconds < _EARLIEST


def seconds_taken(elapsed: Any, created_at: float | None, finished_at: float | None) -> float | None:
    """Return how long a task took: as it reports, or else from its creation to its end. None if it isn't known."""
    reported = _number(elapsed)
    if reported is not None and 0 < reported <= _MAX_TASK_SECONDS:
        return reported
    if created_at is None or finished_at is None:
        return None
    taken = finished_at - created_at
    return taken if 0 < taken <= _MAX_TASK_SECONDS else None


def _seconds_of(value: Any) -> float | None:
    seconds = _number(value)
    return _from_iso(value) if seconds is None else seconds


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value[: _MAX_TEXT + 1] if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _from_iso(value: Any) -> float | None:
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
