"""POST /callbacks/{job}/{signature}: checked, read within bounds, parsed, and handed to whoever keeps it.

Nothing is read of what nobody signed. What is held at once is bounded, whoever sends it, and however slowly.
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

from seedream.callbacks import parse_callback, verify
from seedream.errors import UnreadableAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from seedream.callbacks import Callback

log = logging.getLogger(__name__)

INLINE_BYTES = 64 * 2**10  # parsed in well under a millisecond, which is what a thread costs
LEAST_HELD_BYTES = 64 * 2**10  # what a request is counted as at least: its connection has buffers too
RETRY_SECONDS = 30


class CallbackDoor(Protocol):
    async def on_callback(self, job_id: str, body: bytes, callback: Callback) -> bool:
        """Keep it so that it outlives this process; it is worked on after. False: there is no such job.

        A repeat is as good as the first. Whatever is raised, the service is told to post it again.
        """
        ...


class Outcome(Enum):
    """What became of a request. What was forged and what belongs to no job get the same answer."""

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
    Outcome.CUT: HTTPStatus.BAD_REQUEST,  # nobody is there to read it
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bytes of one body and of all that are held at once; seconds for a body to come, and for it to be kept.

    A body may bring its picture with it, so it may be as large as the client's answers.
    """

    body: int = 64 * 2**20
    held: int = 128 * 2**20
    reading: float = 30.0
    keeping: float = 30.0


class Callbacks:
    """`count` is told what became of each request."""

    def __init__(
        self, door: CallbackDoor, *, secret: str, count: Callable[[Outcome], None], limits: Limits | None = None
    ) -> None:
        self._door = door
        self._secret = secret
        self._count = count
        self._limits = limits or Limits()
        self._room = Room(self._limits.held)
        self._parsing = asyncio.Semaphore(1)  # a large one takes several times its size while it is parsed

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
        try:
            with self._room.place() as place:
                body, callback = await self._parsed(await self._read(request, place))
                return await self._kept(job_id, body, callback)
        except _RefusedError as error:
            outcome, why = error.outcome, str(error)
        except UnreadableAnswer as error:
            outcome, why = Outcome.MALFORMED, str(error)
        log.warning("a callback was not taken (%s): %s", outcome.value, why, extra={"job": job_id})
        return outcome

    async def _read(self, request: web.Request, place: Place) -> bytearray:
        if (request.content_length or 0) > self._limits.body:
            raise _RefusedError(Outcome.TOO_LARGE, f"{request.content_length:,} bytes are announced")
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.reading):
                while piece := await request.content.readany():
                    if len(body) + len(piece) > self._limits.body:
                        raise _RefusedError(Outcome.TOO_LARGE, f"more than {self._limits.body:,} bytes came")
                    place.hold(len(body) + len(piece))
                    body += piece
        except TimeoutError:
            raise _RefusedError(Outcome.SLOW, f"{len(body):,} bytes came in {self._limits.reading:g} s") from None
        except web.RequestPayloadError as error:
            raise _RefusedError(Outcome.MALFORMED, "its chunks are broken") from error
        except ConnectionError as error:
            raise _RefusedError(Outcome.CUT, f"the connection broke after {len(body):,} bytes") from error
        return body

    async def _parsed(self, body: bytearray) -> tuple[bytes, Callback]:
        if len(body) <= INLINE_BYTES:
            return _parse(body)
        async with self._parsing:
            return await asyncio.to_thread(_parse, body)

    async def _kept(self, job_id: str, body: bytes, callback: Callback) -> Outcome:
        try:
            async with asyncio.timeout(self._limits.keeping):
                known = await self._door.on_callback(job_id, body, callback)
        except Exception:
            log.exception("a callback could not be kept: the service is asked to post it again", extra={"job": job_id})
            return Outcome.UNAVAILABLE
        return Outcome.TAKEN if known else Outcome.UNKNOWN


def _parse(body: bytearray) -> tuple[bytes, Callback]:
    whole = bytes(body)
    return whole, parse_callback(whole)


class _RefusedError(Exception):
    def __init__(self, outcome: Outcome, why: str) -> None:
        super().__init__(why)
        self.outcome = outcome


class Room:
    """So many bytes for all bodies together. Who comes when none are left is sent away, and keeps nobody waiting."""

    def __init__(self, most: int) -> None:
        self._free = most

    @contextmanager
    def place(self) -> Iterator[Place]:
        place = Place(self)
        try:
            place.hold(0)
            yield place
        finally:
            self._free += place.held

    def take(self, size: int) -> None:
        if size > self._free:
            raise _RefusedError(Outcome.BUSY, "as much as is allowed is being read already")
        self._free -= size


class Place:
    """One body's part of the room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.held = 0

    def hold(self, size: int) -> None:
        """Take what is missing for a body of `size` bytes."""
        missing = max(size, LEAST_HELD_BYTES) - self.held
        if missing > 0:
            self._room.take(missing)
            self.held += missing
