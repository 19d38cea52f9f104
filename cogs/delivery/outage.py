"""Waits while Discord, or Cloudflare in front of it, turns everything from this machine away.

Cloudflare answers too many errors with a ban of the IP address: 429 with a web page and a Retry-After of up to an hour.
Requests during a ban prolong it, so none is sent until it is over.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import discord

from cogs.delivery.discord_errors import is_page, turned_away
from seedream.retry import parse_retry_after

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

log = logging.getLogger(__name__)

T = TypeVar("T")

BAN_SECONDS = 300.0  # of a ban that doesn't say how long it lasts
BLOCK_SECONDS = 900.0  # until a blocked address is tried again
FAULT_SECONDS = (15.0, 30.0, 60.0, 120.0, 300.0)  # between attempts while Discord's servers fail
_MARGIN_SECONDS = 1.0


class TurnedAwayError(aiohttp.ClientConnectionError):
    """Nothing is sent to Discord at present."""


class Outage:
    """Knows whether Discord turns this process away, and until when. clock: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = 0.0
        self._waiting: asyncio.Task[None] | None = None

    @property
    def seconds(self) -> float:
        """How long it will go on; 0 if there is none."""
        return max(self._until - self._clock(), 0.0)

    def watch(self, trace: aiohttp.TraceConfig) -> aiohttp.TraceConfig:
        """Add the hooks that notice a ban, and stop requests while it lasts."""
        trace.on_request_start.append(self._started)
        trace.on_request_end.append(self._ended)
        return trace

    async def through(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call again until Discord doesn't turn it away any more. Raises: what else it raises."""
        for attempt in range(1 << 30):
            try:
                return await call()
            except (discord.HTTPException, discord.GatewayNotFound, TurnedAwayError) as error:
                refusal = error.__cause__ if isinstance(error, discord.GatewayNotFound) else error
                if isinstance(refusal, discord.HTTPException) and not self._begin_at(refusal, attempt):
                    raise
            await self.over()
        raise AssertionError

    async def over(self) -> None:
        """Wait until it is over."""
        self._waiting = asyncio.create_task(asyncio.sleep(self.seconds), name="discord-outage")
        await self._waiting

    def close(self) -> None:
        """End the wait; who waits is cancelled."""
        if self._waiting:
            self._waiting.cancel()

    def _begin_at(self, error: discord.HTTPException, attempt: int) -> bool:
        """Begin an outage if this error is one."""
        headers: Mapping[str, str] = error.response.headers
        if error.status == 429:  # noqa: PLR2004 - HTTP's
            self._begin(error.status, _retry_after(headers))
        elif error.status == 403 and is_page(headers):  # noqa: PLR2004 - HTTP's
            self._begin(error.status, BLOCK_SECONDS)
        elif error.status >= 500:  # noqa: PLR2004 - HTTP's
            self._begin(error.status, FAULT_SECONDS[min(attempt, len(FAULT_SECONDS) - 1)])
        else:
            return False
        return True

    def _begin(self, status: int, seconds: float) -> None:
        until = self._clock() + seconds + _MARGIN_SECONDS
        if until > self._until + 2 * _MARGIN_SECONDS:  # else it is known
            self._until = until
            log.warning("%s", turned_away(status, seconds))

    async def _started(self, _session: Any, _context: Any, _params: Any) -> None:
        if self.seconds:
            raise TurnedAwayError(f"nothing is sent to Discord for {self.seconds:.0f} seconds")

    async def _ended(self, _session: Any, _context: Any, params: aiohttp.TraceRequestEndParams) -> None:
        response = params.response
        if response.status == 429 and is_page(response.headers):  # noqa: PLR2004 - HTTP's
            self._begin(response.status, _retry_after(response.headers))


def _retry_after(headers: Mapping[str, str]) -> float:
    seconds = parse_retry_after(headers.get("Retry-After"), now=time.time(), date=headers.get("Date"))
    return BAN_SECONDS if seconds is None else seconds
