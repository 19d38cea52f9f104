"""Times as the service writes them: seconds, milliseconds or ISO 8601. Pure; what is no time is None."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

_EARLIEST, _LATEST = 946_684_800.0, 4_102_444_800.0  # the years 2000 to 2100
_MILLISECONDS = 1e11  # as seconds, it would be the year 5138
_LONGEST_TASK_SECONDS = 3600.0
_LONGEST_TEXT = 40
_YEAR_ZERO = re.compile(r"0{4}-")  # which no calendar of Python's has


def timestamp(value: Any) -> float | None:
    """Seconds since the epoch."""
    seconds = _number(value)
    if seconds is None:
        seconds = _of_iso(value)
    if seconds is None:
        return None
    if seconds >= _MILLISECONDS:
        seconds /= 1000
    return seconds if _EARLIEST <= seconds <= _LATEST else None


def is_zero(value: Any) -> bool:
    """Whether it is written as a time, but of before there was such a service: so is what is not known written."""
    if isinstance(value, str) and _YEAR_ZERO.match(value):
        return True
    seconds = _number(value)
    return _is_early(_of_iso(value) if seconds is None else seconds)


def _is_early(seconds: float | None) -> bool:
    return seconds is not None and seconds < _EARLIEST


def seconds_taken(elapsed: Any, created_at: float | None, finished_at: float | None) -> float | None:
    """How long a task took: as it says itself, else from its creation to its end."""
    told = _number(elapsed)
    if told is not None and 0 < told <= _LONGEST_TASK_SECONDS:
        return told
    if created_at is None or finished_at is None:
        return None
    taken = finished_at - created_at
    return taken if 0 < taken <= _LONGEST_TASK_SECONDS else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value[: _LONGEST_TEXT + 1] if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _of_iso(value: Any) -> float | None:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
