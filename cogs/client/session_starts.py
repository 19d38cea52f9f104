"""How many sessions Discord still lets the bot start today. With one more, it would invalidate the token."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FEW = 0.1  # of a day's starts: fewer are left only if something keeps restarting the bot


@dataclass(frozen=True, slots=True)
class SessionStarts:
    """`left` of `total` starts are left until `reset`, a time in words."""

    left: int
    total: int
    reset: str

    @classmethod
    def of(cls, limit: Mapping[str, Any], now: float) -> SessionStarts:
        """Read Discord's `session_start_limit`. now: by Discord's clock."""
        reset = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now + limit["reset_after"] / 1000))
        return cls(limit["remaining"], limit["total"], reset)

    @property
    def are_few(self) -> bool:
        return self.left < self.total * FEW

    def refusal(self, needed: int) -> str | None:
        """Return why a bot that needs so many can't start; None if it can."""
        if self.left >= needed:
            return None
        return (
            f"{self.left} of the {self.total} session starts that Discord allows per day are left, but the bot needs "
            f"{needed}. Start it again after {self.reset}, and find out what keeps restarting it."
        )

    def __str__(self) -> str:
        return f"{self.left} of {self.total} session starts are left until {self.reset}"
