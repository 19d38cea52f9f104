"""An event of the gateway that discord.py can't read is skipped; by itself, discord.py ends the process."""

from __future__ import annotations

import logging
import time
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Parse = Callable[[Any], None]

log = logging.getLogger(__name__)

QUIET_SECONDS = 3600.0
INDISPENSABLE = frozenset({"READY"})  # nothing works without a session


class UnreadableEvents:
    """Skips them, and says so once an hour for each kind: what comes once often comes by the thousand."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: dict[str, float] = {}

    def skipping(self, parsers: Mapping[str, Parse]) -> dict[str, Parse]:
        """discord.py's parsers by kind of event; they raise nothing any more."""
        return {
            kind: parse if kind in INDISPENSABLE else self._skipping(kind, parse) for kind, parse in parsers.items()
        }

    def _skipping(self, kind: str, parse: Parse) -> Parse:
        def parse_or_skip(data: Any) -> None:
            try:
                parse(data)
            except Exception as error:  # noqa: BLE001 - a shape that nobody knows can break anything
                self._tell(kind, error)

        return parse_or_skip

    def failed(self, listener: str, error: BaseException | None) -> None:
        """An event was read, and its listener failed: the fault may be its shape or ours, so the log has the whole."""
        if self._is_news(listener):
            log.error("skipped an event that %s can't handle", listener, exc_info=error)

    def _is_news(self, kind: str) -> bool:
        now = self._clock()
        if now < self._told.get(kind, now):
            return False
        self._told[kind] = now + QUIET_SECONDS
        return True

    def _tell(self, kind: str, error: Exception) -> None:
        if not self._is_news(kind):
            return
        place = traceback.extract_tb(error.__traceback__)[-1]
        log.error(
            "skipped an event %s, which discord.py can't read: %s: %s (%s:%s). If this goes on, update the bot.",
            kind, type(error).__name__, error, place.filename.rpartition("/")[2], place.lineno,
        )  # fmt: skip
