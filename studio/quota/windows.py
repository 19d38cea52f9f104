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
    """A half-open interval of seconds since the epoch: from `start` on, before `end`."""

    start: float
    end: float


def window_bounds(window: Window, now: float, zone: ZoneInfo) -> Bounds:
    """Return the window that `now` is in. Every moment is in exactly one.

    A day lasts from its first midnight to the next day's, so it has 23 or 25 hours when clocks change.
    """
    # Days begin at whole seconds; the last fraction of a microsecond would be rounded into the next day.
    first = _first_day(window, datetime.fromtimestamp(floor(now), zone).date())
    bounds = Bounds(_midnight(first, zone), _midnight(_next(window, first), zone))
    if now < bounds.end:
        return bounds
    # Clocks set back over midnight show the old date again, although the new day has begun.
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
    """Return when a day begins: the first of two midnights; if clocks skip midnight, the moment of the change."""
    return datetime.combine(day, time.min, zone).astimezone(UTC).timestamp()
