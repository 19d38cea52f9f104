"""Whose turn it is: round robin over places (a server, or one's own DMs), then over the members of a place."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class FairQueue:
    """Job ids, handed out fairly. A member who asks for a hundred waits behind one who asks for one.

    Not thread-safe; one event loop. `clock` gives monotonic seconds. `most`: so many are out at once, at most.
    """

    def __init__(self, clock: Callable[[], float], most: float = math.inf) -> None:
        self._clock = clock
        self._most = most
        self._out = 0
        self._places: OrderedDict[int, OrderedDict[int, deque[str]]] = OrderedDict()
        self._first: deque[str] = deque()
        self._waiting = 0
        self._resume_at = 0.0
        self._closed = False
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return self._waiting

    def put(self, job_id: str, *, place: int, member: int) -> None:
        members = self._places.setdefault(place, OrderedDict())
        members.setdefault(member, deque()).append(job_id)
        self._added()

    def put_first(self, job_id: str) -> None:
        """Back to the head of the queue, for a job that had its turn and could not use it."""
        self._first.append(job_id)
        self._added()

    def remove(self, job_id: str) -> bool:
        """Take a job out, wherever it waits; False for one that does not wait."""
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
        """The jobs in the order in which they will have their turn, if nobody comes."""
        copy = OrderedDict(
            (place, OrderedDict((member, deque(jobs)) for member, jobs in members.items()))
            for place, members in self._places.items()
        )
        return [*self._first, *(_next(copy) for _ in range(self._waiting - len(self._first)))]

    @property
    def room(self) -> float:
        """How many could be handed out at once; below 0, so many are waiting for one to come back."""
        return self._most - self._out - self._waiting

    def share(self, most: float) -> None:
        """From now on, so many are out at once."""
        self._most = most
        self._changed.set()

    def done(self) -> None:
        """One that was handed out has come to its end."""
        self._out -= 1
        self._changed.set()

    def pause(self, seconds: float) -> None:
        """Hand nothing out for this long; a pause that is running is only ever made longer."""
        self._resume_at = max(self._resume_at, self._clock() + seconds)

    def close(self) -> None:
        """Hand nothing out any more: whoever waits gets None."""
        self._closed = True
        self._changed.set()

    async def get(self) -> str | None:
        """The next job, as soon as there is one, and room, and no pause; None once the queue is closed.

        Whoever gets one says `done` at its end.
        """
        while not self._closed:
            pause = self._resume_at - self._clock()
            if self._waiting and self._out < self._most and pause <= 0:
                self._waiting -= 1
                self._out += 1
                return self._first.popleft() if self._first else _next(self._places)
            await self._change(within=pause if pause > 0 else None)
        return None

    async def _change(self, *, within: float | None) -> None:
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._changed.wait()

    def _added(self) -> None:
        self._waiting += 1
        self._changed.set()


def _next(places: OrderedDict[int, OrderedDict[int, deque[str]]]) -> str:
    """Take the job whose turn it is; its member and its place go to the end."""
    place, members = places.popitem(last=False)
    member, jobs = members.popitem(last=False)
    job_id = jobs.popleft()
    if jobs:
        members[member] = jobs
    if members:
        places[place] = members
    return job_id
