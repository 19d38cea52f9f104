"""The time by Discord's clock: this machine's may be wrong, or jump.

Each answer of Discord's has a Date, and each id the time at which it was made. Between them time goes on steadily. So
charges, windows, cooldowns and the life of tokens are the same in every process, whatever its machine says.
"""

from __future__ import annotations

import logging
import math
import time
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import discord

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

log = logging.getLogger(__name__)

TOLERATED_SECONDS = 5.0
CLOCK_ADVICE = "The bot goes by Discord's. Set the machine's: for example, timedatectl set-ntp true"
_DATE_SECONDS = 1.0  # a Date leaves out fractions


class DiscordClock:
    """Seconds since the epoch. `local`: this machine's clock. `steady`: seconds that never jump.

    Until Discord has said what time it is, it is this machine's time.
    """

    def __init__(self, local: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._local = local
        self._steady = steady
        self._offset = local() - steady()
        self._bounds = (-math.inf, math.inf)  # between which the offset lies
        self._warned = False

    def __call__(self) -> float:
        return self._steady() + self._offset

    @property
    def ahead(self) -> float:
        """Seconds by which this machine's clock is ahead of Discord's; negative behind it."""
        return self._local() - self()

    def saw_date(self, date: str, *, sent: float) -> None:
        """Learn from the Date of an answer that arrives now. `sent`: when the request was, by the steady clock."""
        try:
            seconds = parsedate_to_datetime(date).timestamp()
        except (ValueError, OverflowError):
            return
        self._learn(seconds - self._steady(), seconds + _DATE_SECONDS - sent)

    def saw_id(self, snowflake: int) -> None:
        """Learn from an id that Discord has just sent: what it names was made before."""
        self._learn(discord.utils.snowflake_time(snowflake).timestamp() - self._steady(), math.inf)

    def watch(self, trace: aiohttp.TraceConfig) -> aiohttp.TraceConfig:
        """Let it see the answers to a discord.py client's requests."""
        trace.on_request_start.append(self._request_starts)
        trace.on_request_end.append(self._request_ends)
        return trace

    async def _request_starts(self, _session: Any, context: Any, _params: Any) -> None:
        context.sent = self._steady()

    async def _request_ends(self, _session: Any, context: Any, params: aiohttp.TraceRequestEndParams) -> None:
        if date := params.response.headers.get("Date"):
            self.saw_date(date, sent=context.sent)

    def _learn(self, earliest: float, latest: float) -> None:
        """Keep the offset within these bounds, and within those known before unless they contradict."""
        known = max(self._bounds[0], earliest), min(self._bounds[1], latest)
        self._bounds = known if known[0] <= known[1] else (earliest, latest)
        self._offset = min(max(self._offset, self._bounds[0]), self._bounds[1])
        self._compare()

    def _compare(self) -> None:
        if abs(self.ahead) <= TOLERATED_SECONDS:
            self._warned = False
        elif not self._warned:
            self._warned = True
            log.warning("this machine's clock is %s. %s", compared(self.ahead), CLOCK_ADVICE)


def compared(ahead: float) -> str:
    """Return how a clock that is `ahead` by so many seconds compares with Discord's, to follow “the clock is”."""
    return f"{timedelta(seconds=round(abs(ahead)))} {'ahead of' if ahead > 0 else 'behind'} Discord's"
