"""Skips gateway events that discord.py can't parse, those that arrive a second time, and floods of one member's.

An unreadable event is one line in the log and never the end of the process, as it would be in discord.py.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from cogs.delivery.log_throttle import OncePerHour
from studio.jobs.turns import acting_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Parse = Callable[[Any], None]

log = logging.getLogger(__name__)

INDISPENSABLE = frozenset({"READY"})  # nothing works without a session
FROM_MEMBERS = frozenset({"MESSAGE_CREATE", "INTERACTION_CREATE"})
MOST_REMEMBERED = 10_000
AT_ONCE = 150  # messages and interactions of a member that are taken in a burst; beyond,
PER_SECOND = 10.0  # only so many


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


class FloodingMembers:
    """Skips what a member sends faster than anybody can by hand, and counts all else as done for that member."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._throttle = OncePerHour(clock)
        self._spent: OrderedDict[int, tuple[float, float]] = OrderedDict()  # events that count still, and since when

    def skipping(self, parsers: Mapping[str, Parse]) -> dict[str, Parse]:
        """Wrap discord.py's parsers, by kind of event, so that floods of messages and interactions aren't parsed."""
        return {kind: self._skipping(parse) if kind in FROM_MEMBERS else parse for kind, parse in parsers.items()}

    def _skipping(self, parse: Parse) -> Parse:
        def parse_for_member(data: Any) -> None:
            member = _sender(data)
            if member and not self._takes(member):
                if self._throttle.is_news(f"flood {member}"):
                    log.warning("member %d sends more than %g events a second: skipping some", member, PER_SECOND)
                return
            with acting_for(member):
                parse(data)

        return parse_for_member

    def _takes(self, member: int) -> bool:
        now = self._clock()
        spent, since = self._spent.pop(member, (0.0, now))
        spent = max(0.0, spent - (now - since) * PER_SECOND)
        takes = spent < AT_ONCE
        self._spent[member] = spent + takes, now
        if len(self._spent) > MOST_REMEMBERED:
            self._spent.popitem(last=False)
        return takes


def _sender(data: Any) -> int:
    """Return the id of the member who sent a message or interaction; 0 for programs, which nobody floods with."""
    user = data.get("author") or data.get("user") or data.get("member", {}).get("user", {})
    return 0 if user.get("bot") else int(user.get("id", 0))


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
