"""Decides which job runs next: round robin over servers (or a member's own DMs), then over the members of each.

How many jobs may run at once is this process's share of MAX_IN_FLIGHT, which all living processes divide evenly.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class FairQueue:
    """Hands out job ids fairly: a member with a hundred requests does not delay a member with one.

    Not thread-safe; for one event loop. `clock`: monotonic seconds. `most`: how many may be out at once.
    """

    def __init__(self, clock: Callable[[], float], most: float = math.inf) -> None:
        self._clock = clock
        self._most = most
        self._out = 0
        self._places: OrderedDict[int, OrderedDict[int, deque[str]]] = OrderedDict()
        self._first: deque[str] = deque()
        self._waiting = 0
        self._resume_at = 0.0
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return self._waiting

    def put(self, job_id: str, *, place: int, member: int) -> None:
        members = self._places.setdefault(place, OrderedDict())
        members.setdefault(member, deque()).append(job_id)
        self._added()

    def put_first(self, job_id: str) -> None:
        """Put a job back at the head: it had its turn, and a rate limit or a failed connection took it away."""
        self._first.append(job_id)
        self._added()

    def remove(self, job_id: str) -> bool:
        """Take a job out of the queue; False if it isn't waiting."""
        waited = self._waiting
        for jobs in (self._first, *(jobs for members in self._places.values() for jobs in members.values())):
            if job_id in jobs:
                jobs.remove(job_id)
                self._waiting -= 1
                break
        self._places = OrderedDict(
            (place, kept)
            for place, members in self._places.items()
            if (kept := OrderedDict((member, jobs) for member, jobs in members.items() if jobs))
        )
        return self._waiting < waited

    def order(self) -> list[str]:
        """List the jobs in the order in which they will run if no other job arrives."""
        copy = OrderedDict(
            (place, OrderedDict((member, deque(jobs)) for member, jobs in members.items()))
            for place, members in self._places.items()
        )
        return [*self._first, *(_next(copy) for _ in range(self._waiting - len(self._first)))]

    @property
    def room(self) -> float:
        """How many more jobs could start now; below 0, how many waiting jobs exceed the limit."""
        return self._most - self._out - self._waiting

    def share(self, most: float) -> None:
        """Change how many may be out at once."""
        self._most = most
        self._changed.set()

    def done(self) -> None:
        """Note that a job that was handed out has ended."""
        self._out -= 1
        self._changed.set()

    def pause(self, seconds: float) -> None:
        """Hand nothing out for this long. A running pause is never shortened."""
        self._resume_at = max(self._resume_at, self._clock() + seconds)

    async def get(self) -> str:
        """Wait for the next job, for room and for the end of a pause.

        The caller must call `done` when the job ends.
        """
        while True:
            pause = self._resume_at - self._clock()
            if self._waiting and self._out < self._most and pause <= 0:
                self._waiting -= 1
                self._out += 1
                return self._first.popleft() if self._first else _next(self._places)
            await self._change(within=pause if pause > 0 else None)

    async def _change(self, *, within: float | None) -> None:
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._changed.wait()

    def _added(self) -> None:
        self._waiting += 1
        self._changed.set()


def _next(places: OrderedDict[int, OrderedDict[int, deque[str]]]) -> str:
    """Take the job whose turn it is, and move its member and its place to the end."""
    place, members = places.popitem(last=False)
    member, jobs = members.popitem(last=False)
    job_id = jobs.popleft()
    if jobs:
        members[member] = jobs
    if members:
        places[place] = members
    return job_id
