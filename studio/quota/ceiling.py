"""Decides when the operator is alerted about the use of the whole bot's daily limit. Pure.

Each of LEVELS is one alert a day. Use that passes several at once is one alert, for the highest. After the limit is
raised, there are alerts for the new limit's levels above the use that the last alert was about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

LEVELS = (50, 80, 100)  # percent


@dataclass(frozen=True, slots=True, kw_only=True)
class CeilingUse:
    """Use of the whole bot's limit on the day from `day` to `ends`, seconds since the epoch; credits otherwise.

    `needs`: what the next picture costs. If that isn't left, the limit is used up, even if some credits are.
    """

    limit: int
    used: int
    day: float
    ends: float
    needs: int = 1

    @property
    def level(self) -> int:
        """The highest level that is reached; 0 for none."""
        if self.used + self.needs > self.limit:
            return LEVELS[-1]
        return max((level for level in LEVELS if self.used * 100 >= level * self.limit), default=0)

    @property
    def is_used_up(self) -> bool:
        return self.level == LEVELS[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAlert:
    """The last alert to the operator: its day, the level and the limit."""

    day: float
    level: int
    limit: int

    def level_of(self, use: CeilingUse) -> int:
        """Return the level that this alert covers of today's limit, which may have been raised since."""
        if use.limit <= self.limit:
            return self.level
        return replace(use, used=self.limit * self.level // 100, needs=0).level

    def is_last(self, day: float, limit: int) -> bool:
        """Whether no further alert can follow on this day."""
        return self.day > day or (self.day == day and self.level == LEVELS[-1] and limit <= self.limit)


def next_alert(use: CeilingUse, last: SentAlert | None) -> SentAlert | None:
    """Return the alert that is due after the last one; None if there is none."""
    now = SentAlert(day=use.day, level=use.level, limit=use.limit)
    if not now.level or (last and last.is_last(use.day, use.limit)):
        return None
    known = last.level_of(use) if last and last.day == use.day else 0
    return now if now.level > known else None
