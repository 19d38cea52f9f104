"""Limits a log line to once an hour, however often its cause happens."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

QUIET_SECONDS = 3600.0
MOST_KINDS = 1000  # that are remembered; of more, the oldest are forgotten


class OncePerHour:
    """Tells whether a kind of event is the first of its kind in an hour."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._quiet_until: dict[str, float] = {}

    def is_news(self, kind: str) -> bool:
        now = self._clock()
        if now < self._quiet_until.get(kind, now):
            return False
        self._quiet_until = {old: until for old, until in self._quiet_until.items() if until > now}
        if len(self._quiet_until) >= MOST_KINDS:
            del self._quiet_until[next(iter(self._quiet_until))]
        self._quiet_until[kind] = now + QUIET_SECONDS
        return True
