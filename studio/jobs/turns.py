"""Shares what is scarce among members: processes that decode, connections, threads for heavy work.

Whom something is done for is a context variable, set where an interaction, a message or a job comes in, so that what is
below needs no argument for it. What is done for nobody is member 0's.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from itertools import count
from typing import TYPE_CHECKING

from studio.jobs.job_log import log_context
from studio.jobs.queue import FairQueue
from studio.quota.errors import CrowdedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator

    from studio.jobs.job import Job

MOST_WAITING = 100  # of one member, for the same thing

_member: ContextVar[int] = ContextVar("member", default=0)


@contextmanager
def acting_for(member: int) -> Iterator[None]:
    """Count what is done meanwhile, and in tasks that are started meanwhile, as this member's."""
    token = _member.set(member)
    try:
        yield
    finally:
        _member.reset(token)


def acting_member() -> int:
    """Return for which member something is done; 0 for nobody."""
    return _member.get()


def task_for(job: Job | None, doing: Coroutine[None, None, None], *, name: str) -> asyncio.Task[None]:
    """Start a task that acts for the member who requested a job, and whose lines in the log name the job."""
    with acting_for(job.origin.user_id if job else 0):
        return asyncio.create_task(doing, name=name, context=log_context(job))


class Turns:
    """Lets at most `most` do something at once, and no member use more than their share of that. Members take turns."""

    def __init__(self, most: int) -> None:
        self._queue = FairQueue(time.monotonic, most)
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._numbers = count()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and have it meanwhile. Raises: CrowdedError, if the member waits for too many already."""
        member, turn = _member.get(), str(next(self._numbers))
        if self._queue.waits(member) >= MOST_WAITING:
            raise CrowdedError
        self._queue.put(turn, place=member, member=member)
        waiting = self._waiting[turn] = asyncio.get_running_loop().create_future()
        self._grant()
        try:
            await waiting
            yield
        finally:
            self._waiting.pop(turn, None)
            if not self._queue.remove(turn):
                self._queue.done(turn)
                self._grant()

    def _grant(self) -> None:
        while (turn := self._queue.take()) is not None:
            if not (waiting := self._waiting[turn]).done():
                waiting.set_result(None)
