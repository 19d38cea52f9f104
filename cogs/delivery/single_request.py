"""Requests to Discord whose repetition is ours to decide.

discord.py sends a request again where Discord answers with a server error, up to five times with pauses of up to nine
seconds, and waits five minutes for an answer. Delivery has other ways to take meanwhile.
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

ANSWER_SECONDS = 10.0  # that an answer may take, once the request has left
# What aiohttp has sent may still wait in the system's buffer, on a line that is slow.
BUFFERED_BYTES = 4 * 2**20  # Source: Linux, tcp(7), tcp_wmem
SLOWEST_LINE = 64 * 2**10  # bytes a second


class ServerFaultError(Exception):
    """Discord has answered with a server error."""

    def __init__(self, status: int) -> None:
        super().__init__(f"Discord answers {status}")
        self.status = status


@dataclass(slots=True)
class _Request:
    """`answered`: what is still sent counts no more. `sent`: bytes."""

    limit: asyncio.Timeout
    answered: bool = False
    sent: int = 0

    def wait(self, seconds: float | None) -> None:
        """From now on; None: for ever."""
        when = None if seconds is None else asyncio.get_running_loop().time() + seconds
        with suppress(RuntimeError):  # it is over
            self.limit.reschedule(when)


_current: ContextVar[_Request | None] = ContextVar("current", default=None)


@asynccontextmanager
async def single_request() -> AsyncIterator[None]:
    """Send each request to Discord once, apart from waiting for rate limits, and wait for its answer within bounds.

    An upload takes as long as its line needs. Raises: ServerFaultError; TimeoutError, where the answer is lost.
    """
    request = _Request(asyncio.timeout(None))
    token = _current.set(request)
    try:
        async with request.limit:
            yield
    finally:
        _current.reset(token)


def observed(trace: aiohttp.TraceConfig) -> aiohttp.TraceConfig:
    """The trace of a discord.py client, by which `single_request` sees its requests."""
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
    """discord.py may wait for a rate limit now. It never sees a server error, for which it would send again."""
    if request := _current.get():
        request.answered = True
        request.wait(None)
        if params.response.status >= 500:  # noqa: PLR2004 - HTTP's
            raise ServerFaultError(params.response.status)
