"""Sends requests to Discord once, so that delivery decides about repeating them.

discord.py repeats a request after a server error up to five times, with pauses of up to nine seconds, and waits five
minutes for an answer. Delivery has other transports to try meanwhile. So here a server error is raised at once, and an
answer is awaited for ten seconds after the last byte was sent. A call that was cut off, or answered with a 5xx other
than 503, may have been carried out (`cogs.delivery.attempts`).
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp

ANSWER_SECONDS = 10.0  # for an answer, once the request is sent
# What aiohttp has sent may still wait in the system's buffer on a slow line.
BUFFERED_BYTES = 4 * 2**20  # Source: Linux, tcp(7), tcp_wmem
SLOWEST_LINE = 64 * 2**10  # bytes per second


class ServerFaultError(Exception):
    """Discord answered with a server error."""

    def __init__(self, status: int) -> None:
        super().__init__(f"Discord answers {status}")
        self.status = status


@dataclass(slots=True)
class _Request:
    """The current request. sent: bytes so far. answered: bytes that are still sent don't count."""

    limit: asyncio.Timeout
    answered: bool = False
    sent: int = 0

    def wait(self, seconds: float | None) -> None:
        """Wait that long from now on; None: without limit."""
        when = None if seconds is None else asyncio.get_running_loop().time() + seconds
        with suppress(RuntimeError):  # the context has ended
            self.limit.reschedule(when)


_current: ContextVar[_Request | None] = ContextVar("current", default=None)


@asynccontextmanager
async def single_request() -> AsyncIterator[None]:
    """Send each request once, after waiting for rate limits, and wait for its answer for a limited time.

    An upload may take as long as its line needs. Raises: ServerFaultError; TimeoutError if no answer comes.
    """
    request = _Request(asyncio.timeout(None))
    token = _current.set(request)
    try:
        async with request.limit:
            yield
    finally:
        _current.reset(token)


def observed(trace: aiohttp.TraceConfig) -> aiohttp.TraceConfig:
    """Add the hooks by which `single_request` sees the requests of a discord.py client."""
    trace.on_request_start.append(_started)
    trace.on_request_chunk_sent.append(_sent)
    trace.on_request_end.append(_answered)
    return trace


async def _started(_session: Any, _context: Any, _params: Any) -> None:
    if request := _current.get():
        request.answered, request.sent = False, 0
        request.wait(ANSWER_SECONDS)


async def _sent(_session: Any, _context: Any, params: aiohttp.TraceRequestChunkSentParams) -> None:
    request = _current.get()
    if request and not request.answered:
        request.sent += len(params.chunk)
        request.wait(ANSWER_SECONDS + min(request.sent, BUFFERED_BYTES) / SLOWEST_LINE)


async def _answered(_session: Any, _context: Any, params: aiohttp.TraceRequestEndParams) -> None:
    """Stop the timeout, because discord.py may wait for a rate limit now; raise server errors before a retry."""
    if request := _current.get():
        request.answered = True
        request.wait(None)
        if params.response.status >= 500:  # noqa: PLR2004 - HTTP server errors
            raise ServerFaultError(params.response.status)
