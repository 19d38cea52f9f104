"""How long nothing is sent after a 429 that does not say how long. Pure; the clock is passed in."""

from __future__ import annotations

import math
from dataclasses import dataclass

from seedream.retry import backoff

LONGEST_PAUSE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class RateLimits:
    """What this process knows of them. `in_a_row`: with nothing getting through between. `known_at`: of the last.

    Many requests are under way at once: those that were sent before the last limit was known say nothing new.
    """

    in_a_row: int = 0
    known_at: float = -math.inf

    def met(self, *, sent_at: float, now: float) -> RateLimits:
        """A request that was sent then was answered with a limit."""
        return self if sent_at <= self.known_at else RateLimits(self.in_a_row + 1, now)

    def passed(self, *, sent_at: float) -> RateLimits:
        """A request that was sent then was taken."""
        return self if sent_at <= self.known_at else RateLimits()

    def pause(self) -> float:
        """Seconds: half a second to one at first, twice as long each time, up to a minute."""
        return backoff(max(0, self.in_a_row - 1), longest=LONGEST_PAUSE_SECONDS)
