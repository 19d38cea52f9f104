"""What a server's admins are told of its ledger: figures of a period, as values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from studio.quota.windows import Bounds, Window, window_bounds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo


class Use(NamedTuple):
    """What was made in a period with a model. `period`: the number of the one it is in, from 0."""

    period: int
    model: str
    images: int
    credits: int


class MemberUse(NamedTuple):
    """`allowance`: the credits that did not come from grants: what counts against limits for people."""

    user_id: int
    images: int
    credits: int
    allowance: int


class Totals(NamedTuple):
    """`requests`: those of which anything was made, or still may be. `members`: who asked for them."""

    requests: int
    images: int
    credits: int
    from_grants: int
    members: int


class Share(NamedTuple):
    """What a member used. `handle`: their unique name in ASCII, which is shown where no font has the other."""

    name: str
    handle: str
    amount: int


class ChartWords(NamedTuple):
    """What a chart says beside its figures. `nothing`: where there are none. `others`: all that have no place of their
    own, together.
    """

    title: str
    nothing: str
    others: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The days up to now. `use`: by day and model; `members`: those who used most, the first of them first."""

    days: tuple[date, ...]
    bounds: Bounds
    use: tuple[Use, ...]
    members: tuple[MemberUse, ...]
    totals: Totals

    @property
    def by_model(self) -> dict[str, tuple[int, ...]]:
        """Credits a day of each model, the most used first."""
        found: dict[str, list[int]] = {}
        for use in self.use:
            found.setdefault(use.model, [0] * len(self.days))[use.period] += use.credits
        return {model: tuple(days) for model, days in sorted(found.items(), key=lambda one: -sum(one[1]))}

    @property
    def images_by_model(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for use in self.use:
            found[use.model] = found.get(use.model, 0) + use.images
        return found

    @property
    def busiest(self) -> tuple[date, int] | None:
        """The day on which most was used, and how much; None if nothing was."""
        sums = [sum(use.credits for use in self.use if use.period == number) for number in range(len(self.days))]
        most = max(sums, default=0)
        return (self.days[sums.index(most)], most) if most else None


def last_days(count: int, now: float, zone: ZoneInfo) -> list[Bounds]:
    """The last days, the oldest first; the last of them is the one that it is now, and ends with this moment."""
    today = window_bounds(Window.DAY, now, zone)
    days = [Bounds(today.start, now)]
    while len(days) < count:
        days.append(window_bounds(Window.DAY, days[-1].start - 1, zone))
    return days[::-1]


def dates_of(days: Sequence[Bounds], zone: ZoneInfo) -> tuple[date, ...]:
    return tuple(datetime.fromtimestamp(one.start, zone).date() for one in days)


def dates_bounds(first: date, last: date, zone: ZoneInfo) -> Bounds:
    """From the beginning of the one day to the end of the other, in a time zone."""
    begin, end = (datetime.combine(day, time.min, zone) for day in (first, last + timedelta(days=1)))
    return Bounds(begin.astimezone(UTC).timestamp(), end.astimezone(UTC).timestamp())
