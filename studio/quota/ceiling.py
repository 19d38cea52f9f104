"""Decides when the operator is told how much of the whole bot's daily limit is used. Pure.

Each of LEVELS is told once a day. Use that passes several at once is one alert, for the highest. Of a limit that is
raised during the day, the levels above the use that was told are told.
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
class ToldLevel:
    """What the operator was told last: on which day, which level, and of which limit."""

    day: float
    level: int
    limit: int

    def level_of(self, use: CeilingUse) -> int:
        """Return which level of today's limit they know of: of one that was raised, that of the use they were told."""
        if use.limit <= self.limit:
            return self.level
        return replace(use, used=self.limit * self.level // 100, needs=0).level

    def is_last(self, day: float, limit: int) -> bool:
        """Whether nothing more is to be told on this day."""
        return self.day > day or (self.day == day and self.level == LEVELS[-1] and limit <= self.limit)


def next_told(use: CeilingUse, told: ToldLevel | None) -> ToldLevel | None:
    """Return what the operator is told now, after what they were told; None for nothing."""
    now = ToldLevel(day=use.day, level=use.level, limit=use.limit)
    if not now.level or (told and told.is_last(use.day, use.limit)):
        return None
    known = told.level_of(use) if told and told.day == use.day else 0
    return now if now.level > known else None
