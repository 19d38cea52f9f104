"""Calendar windows in a time zone: the day, the Monday-to-Sunday week and the month that a moment lies in. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from math import floor
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class Window(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Bounds(NamedTuple):
    """Seconds since the epoch: from `start` on, and before `end`."""

    start: float
    end: float


def window_bounds(window: Window, now: float, zone: ZoneInfo) -> Bounds:
    """The window that `now` lies in. Windows follow one another without a gap: every moment lies in exactly one.

    A day is from its first midnight to the next day's, so it has 23 or 25 hours where clocks are changed.
    """
    # Days begin at whole seconds; the last tenth of a microsecond of one would be rounded into the next.
    first = _first_day(window, datetime.fromtimestamp(floor(now), zone).date())
    bounds = Bounds(_midnight(first, zone), _midnight(_next(window, first), zone))
    if now < bounds.end:
        return bounds
    # Clocks that are set back over midnight show the old date again: the new day has begun all the same.
    first = _next(window, first)
    return Bounds(bounds.end, _midnight(_next(window, first), zone))


def _first_day(window: Window, day: date) -> date:
    match window:
        case Window.DAY:
            return day
        case Window.WEEK:
            return day - timedelta(days=day.weekday())
        case Window.MONTH:
            return day.replace(day=1)


def _next(window: Window, first: date) -> date:
    match window:
        case Window.DAY:
            return first + timedelta(days=1)
        case Window.WEEK:
            return first + timedelta(days=7)
        case Window.MONTH:
            return (first + timedelta(days=31)).replace(day=1)


def _midnight(day: date, zone: ZoneInfo) -> float:
    """When a day begins. Of two midnights the first; of one that clocks skip, the moment when they are changed."""
    return datetime.combine(day, time.min, zone).astimezone(UTC).timestamp()
