"""Decides how long to pause after a 429 without Retry-After. Pure; the clock is passed in.

Half a second to one at first, doubling up to a minute, until a request gets through.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from seedream.retry import backoff

LONGEST_PAUSE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The rate limits that this process has met. `in_a_row`: since a request got through. `known_at`: the last one.

    Many requests are in flight at once: an answer to one that was sent before `known_at` says nothing new.
    """

    in_a_row: int = 0
    known_at: float = -math.inf

    def met(self, *, sent_at: float, now: float) -> RateLimits:
        """Count a 429 to a request that was sent then."""
        return self if sent_at <= self.known_at else RateLimits(self.in_a_row + 1, now)

    def passed(self, *, sent_at: float) -> RateLimits:
        """Forget the limits, as a request that was sent then got through."""
        return self if sent_at <= self.known_at else RateLimits()

    def pause(self) -> float:
        """Return the pause in seconds: half a second to one at first, twice as long each time, up to a minute."""
        return backoff(max(0, self.in_a_row - 1), longest=LONGEST_PAUSE_SECONDS)
