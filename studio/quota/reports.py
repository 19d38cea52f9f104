"""The figures of a usage report. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from studio.quota.windows import Bounds, Window, window_bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from zoneinfo import ZoneInfo


class Use(NamedTuple):
    """What was made with a model in one period. period: its number, from 0."""

    period: int
    model: str
    images: int
    credits: int


class MemberUse(NamedTuple):
    """A member's usage. allowance: the credits that didn't come from grants, which count against limits."""

    user_id: int
    images: int
    credits: int
    allowance: int


class Totals(NamedTuple):
    """Sums of a period. requests: those that made something, or still may. members: their requesters."""

    requests: int
    images: int
    credits: int
    from_grants: int
    members: int


class Share(NamedTuple):
    """A member's bar in a chart. handle: their unique name in ASCII, shown if no font has the other."""

    name: str
    handle: str
    amount: int


class ChartWords(NamedTuple):
    """The words of a chart. nothing: shown without figures. others: for all that have no bar of their own.

    figure: how a number is written, in little room.
    """

    title: str
    nothing: str
    others: str
    figure: Callable[[float], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report of days up to now. use: by day and model. members: those with the highest usage first."""

    days: tuple[date, ...]
    bounds: Bounds
    use: tuple[Use, ...]
    members: tuple[MemberUse, ...]
    totals: Totals

    @property
    def by_model(self) -> dict[str, tuple[int, ...]]:
        """Return the credits per day of each model, the most used first."""
        by_model: dict[str, list[int]] = {}
        for use in self.use:
            by_model.setdefault(use.model, [0] * len(self.days))[use.period] += use.credits
        return {model: tuple(days) for model, days in sorted(by_model.items(), key=lambda item: -sum(item[1]))}

    @property
    def used_days(self) -> tuple[date, ...]:
        """Return the days from the first one with usage on; at least the last one."""
        first = min((use.period for use in self.use if use.credits), default=len(self.days) - 1)
        return self.days[first:]

    @property
    def busiest(self) -> tuple[date, int] | None:
        """Return the day with the highest usage, and how much it was; None if nothing was used."""
        sums = [sum(use.credits for use in self.use if use.period == number) for number in range(len(self.days))]
        most = max(sums, default=0)
        return (self.days[sums.index(most)], most) if most else None


def last_days(count: int, now: float, zone: ZoneInfo) -> list[Bounds]:
    """Return the last days, the oldest first. The last one is today, up to now."""
    today = window_bounds(Window.DAY, now, zone)
    days = [Bounds(today.start, now)]
    while len(days) < count:
        days.append(window_bounds(Window.DAY, days[-1].start - 1, zone))
    return days[::-1]


def dates_of(days: Sequence[Bounds], zone: ZoneInfo) -> tuple[date, ...]:
    return tuple(datetime.fromtimestamp(day.start, zone).date() for day in days)


def dates_bounds(first: date, last: date, zone: ZoneInfo) -> Bounds:
    """Return the bounds from the start of one day to the end of another, in a time zone."""
    begin, end = (datetime.combine(day, time.min, zone) for day in (first, last + timedelta(days=1)))
    return Bounds(begin.astimezone(UTC).timestamp(), end.astimezone(UTC).timestamp())
