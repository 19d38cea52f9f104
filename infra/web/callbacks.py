"""POST /callbacks/{job}/{signature}: results that the SeeDream service posts.

The signature is verified before a byte of the body is read. All bodies together share one budget of memory; while none
is left, the answer is 503. Large bodies are parsed in a thread, one at a time. The handler stores the body before the
answer is 200; if it fails, the answer is 503 and the service posts again. A callback that is never accepted is no loss:
its task is looked up.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from infra.web.connections import CONNECTIONS
from seedream.callbacks import parse_callback, verify
from seedream.errors import UnreadableAnswer
from studio.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from seedream.callbacks import Callback

log = logging.getLogger(__name__)

INLINE_BYTES = 64 * 2**10  # parsed in well under a millisecond, faster than a thread would start
MIN_RESERVED_BYTES = 64 * 2**10  # per request: its connection has buffers too
RETRY_SECONDS = 30


class CallbackHandler(Protocol):
    async def on_callback(self, job_id: str, body: bytes, callback: Callback) -> bool:
        """Store the callback durably; it is processed later. Returns False if there is no such job.

        Must be idempotent. If it raises, the service is asked to post again.
        """
        ...


class Outcome(Enum):
    """What became of a request. A forged signature and an unknown job get the same answer."""

    TAKEN = "taken"
    FORGED = "forged"
    UNKNOWN = "unknown"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    SLOW = "slow"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    CUT = "cut"


_STATUS = {
    Outcome.TAKEN: HTTPStatus.OK,
    Outcome.FORGED: HTTPStatus.NOT_FOUND,
    Outcome.UNKNOWN: HTTPStatus.NOT_FOUND,
    Outcome.MALFORMED: HTTPStatus.BAD_REQUEST,
    Outcome.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Outcome.SLOW: HTTPStatus.REQUEST_TIMEOUT,
    Outcome.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Outcome.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Outcome.CUT: HTTPStatus.BAD_REQUEST,  # the sender is gone
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackLimits:
    """Bytes of one body, and of all bodies at once; seconds to read a body, and to store it.

    A body may contain its picture, so it may be as large as a response to the client.
    """

    body: int = 64 * 2**20
    total: int = 128 * 2**20
    reading: float = 30.0
    storing: float = 5.0  # services don't wait much longer; what comes too late to be answered is stored all the same


class Callbacks:
    """Handles the requests. `count` is called with the outcome of each."""

    def __init__(
        self,
        handler: CallbackHandler,
        *,
        secret: str,
        count: Callable[[Outcome], None],
        limits: CallbackLimits | None = None,
    ) -> None:
        self._handler = handler
        self._secret = secret
        self._count = count
        self._limits = limits or CallbackLimits()
        self._budget = ByteBudget(self._limits.total)
        self._parsing = asyncio.Semaphore(1)  # parsing takes several times a body's size

    async def handle(self, request: web.Request) -> web.Response:
        outcome = await self._outcome(request)
        self._count(outcome)
        status = _STATUS[outcome]
        response = web.Response(status=status, text=f"{status.value} {status.phrase}\n")
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response

    async def _outcome(self, request: web.Request) -> Outcome:
        job_id, signature = request.match_info["job"], request.match_info["signature"]
        if not verify(job_id, signature, self._secret):
            return Outcome.FORGED
        request.app[CONNECTIONS].trust(request.transport)
        try:
            with self._budget.reserve() as reservation:
                body, callback = await self._parse(await self._read(request, reservation))
                return await self._store(job_id, body, callback)
        except _RefusedError as error:
            outcome, why = error.outcome, str(error)
        except UnreadableAnswer as error:
            outcome, why = Outcome.MALFORMED, str(error)
        log.warning("callback refused (%s): %s", outcome.value, why, extra={"job": job_id})
        return outcome

    async def _read(self, request: web.Request, reservation: Reservation) -> bytearray:
        if (request.content_length or 0) > self._limits.body:
            raise _RefusedError(Outcome.TOO_LARGE, f"its Content-Length is {request.content_length:,} bytes")
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.reading):
                while piece := await request.content.readany():
                    if len(body) + len(piece) > self._limits.body:
                        raise _RefusedError(Outcome.TOO_LARGE, f"it has more than {self._limits.body:,} bytes")
                    reservation.grow_to(len(body) + len(piece))
                    body += piece
        except TimeoutError:
            raise _RefusedError(
                Outcome.SLOW, f"only {len(body):,} bytes arrived in {self._limits.reading:g} s"
            ) from None
        except web.RequestPayloadError as error:
            raise _RefusedError(Outcome.MALFORMED, "its chunked encoding is broken") from error
        except ConnectionError as error:
            raise _RefusedError(Outcome.CUT, f"the connection was lost after {len(body):,} bytes") from error
        return body

    async def _parse(self, body: bytearray) -> tuple[bytes, Callback]:
        if len(body) <= INLINE_BYTES:
            return _parsed(body)
        async with self._parsing:
            return await asyncio.to_thread(_parsed, body)

    async def _store(self, job_id: str, body: bytes, callback: Callback) -> Outcome:
        try:
            async with asyncio.timeout(self._limits.storing):
                exists = await self._handler.on_callback(job_id, body, callback)
        except (TimeoutError, UnavailableError) as error:
            log.warning(
                "callback could not be stored yet: %s", str(error) or "the database is slow", extra={"job": job_id}
            )
            return Outcome.UNAVAILABLE
        except Exception:
            log.exception("callback could not be stored; the service will post it again", extra={"job": job_id})
            return Outcome.UNAVAILABLE
        return Outcome.TAKEN if exists else Outcome.UNKNOWN


def _parsed(body: bytearray) -> tuple[bytes, Callback]:
    whole = bytes(body)
    return whole, parse_callback(whole)


class _RefusedError(Exception):
    def __init__(self, outcome: Outcome, why: str) -> None:
        super().__init__(why)
        self.outcome = outcome


class ByteBudget:
    """Memory for all bodies together. A request that exceeds it is refused at once."""

    def __init__(self, size: int) -> None:
        self._free = size

    @contextmanager
    def reserve(self) -> Iterator[Reservation]:
        reservation = Reservation(self)
        try:
            reservation.grow_to(0)
            yield reservation
        finally:
            self._free += reservation.size

    def take(self, size: int) -> None:
        if size > self._free:
            raise _RefusedError(Outcome.BUSY, "too many bytes are being read already")
        self._free -= size


class Reservation:
    """One body's part of the budget."""

    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget
        self.size = 0

    def grow_to(self, size: int) -> None:
        """Make room for a body of `size` bytes."""
        missing = max(size, MIN_RESERVED_BYTES) - self.size
        if missing > 0:
            self._budget.take(missing)
            self.size += missing
