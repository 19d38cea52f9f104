"""Skips gateway events that discord.py can't parse, and those that arrive a second time.

An unreadable event is one line in the log and never the end of the process, as it would be in discord.py.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from cogs.delivery.log_throttle import OncePerHour

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Parse = Callable[[Any], None]

log = logging.getLogger(__name__)

INDISPENSABLE = frozenset({"READY"})  # nothing works without a session
FROM_MEMBERS = frozenset({"MESSAGE_CREATE", "INTERACTION_CREATE"})
MOST_REMEMBERED = 10_000


class RepeatedEvents:
    """Skips messages and interactions that Discord sends again, as it may when a session is resumed."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()

    def skipping(self, parsers: Mapping[str, Parse]) -> dict[str, Parse]:
        """Wrap discord.py's parsers, by kind of event, so that each message or interaction is parsed once."""
        return {kind: self._skipping(parse) if kind in FROM_MEMBERS else parse for kind, parse in parsers.items()}

    def _skipping(self, parse: Parse) -> Parse:
        def parse_once(data: Any) -> None:
            if data["id"] in self._seen:
                return
            self._seen[data["id"]] = None
            if len(self._seen) > MOST_REMEMBERED:
                self._seen.popitem(last=False)
            parse(data)

        return parse_once


class UnreadableEvents:
    """Skips events that discord.py can't parse, and logs each kind once an hour: there may be thousands of them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._throttle = OncePerHour(clock)

    def skipping(self, parsers: Mapping[str, Parse]) -> dict[str, Parse]:
        """Wrap discord.py's parsers, by kind of event, so that they never raise."""
        return {
            kind: parse if kind in INDISPENSABLE else self._skipping(kind, parse) for kind, parse in parsers.items()
        }

    def _skipping(self, kind: str, parse: Parse) -> Parse:
        def parse_or_skip(data: Any) -> None:
            try:
                parse(data)
            except Exception as error:  # noqa: BLE001 - an unknown shape can break anything
                self._log(kind, error)

        return parse_or_skip

    def failed(self, listener: str, error: BaseException | None) -> None:
        """Log a listener that failed, with its traceback: the cause may be the event or our own code."""
        if self._throttle.is_news(listener):
            log.error("skipped an event that %s can't handle", listener, exc_info=error)

    def _log(self, kind: str, error: Exception) -> None:
        if not self._throttle.is_news(kind):
            return
        place = traceback.extract_tb(error.__traceback__)[-1]
        log.error(
            "skipped event %s, which discord.py can't parse: %s: %s (%s:%s). If this keeps happening, update the bot.",
            kind, type(error).__name__, error, place.filename.rpartition("/")[2], place.lineno,
        )  # fmt: skip
