"""Session start limits: how many clients can identify per day, and how fast.

Source: Discord API reference, "Gateway", "Rate Limiting", "Session Start Limit Object", "Sharding".
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.settings import DiscordSettings
    from sandbox.discord.world import Json

DAY_SECONDS = 86_400.0


class SessionLimits:
    """The day's session starts, and the last use of each concurrency bucket."""

    def __init__(self) -> None:
        self._opened = -math.inf
        self._used = 0
        self._last: dict[int, float] = {}

    def left(self, settings: DiscordSettings) -> int:
        return max(0, settings.session_starts - self._used_today())

    def count(self, settings: DiscordSettings) -> bool:
        """Count an identify. Returns False if it exceeds the day's limit."""
        if self._used_today() == 0:
            self._opened = time.monotonic()
        self._used += 1
        return self._used <= settings.session_starts

    def take_turn(self, settings: DiscordSettings, shard: int) -> bool:
        """Use the shard's bucket. Returns False if it was used less than `identify_interval` seconds ago."""
        now, bucket = time.monotonic(), shard % settings.max_concurrency
        free = now - self._last.get(bucket, -math.inf) >= settings.identify_interval
        if free:
            self._last[bucket] = now
        return free

    def described(self, settings: DiscordSettings) -> Json:
        """Build a Session Start Limit object; `reset_after` is in milliseconds."""
        used = self._used_today()
        left = self._opened + DAY_SECONDS - time.monotonic() if used else 0.0
        return {
            "total": settings.session_starts, "remaining": self.left(settings), "reset_after": int(left * 1000),
            "max_concurrency": settings.max_concurrency,
        }  # fmt: skip

    def _used_today(self) -> int:
        if time.monotonic() - self._opened >= DAY_SECONDS:
            self._used = 0
        return self._used
