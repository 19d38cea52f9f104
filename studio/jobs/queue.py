"""Decides which job runs next: round robin over servers (or a member's own DMs), then over the members of each.

A member never holds all places at once, so that somebody else's job needn't wait until one of theirs has ended.

How many jobs may run at once is this process's share of MAX_IN_FLIGHT, which all living processes divide evenly.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import Counter, OrderedDict, deque
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Set as AbstractSet

Places: TypeAlias = "OrderedDict[int, OrderedDict[int, deque[str]]]"
"""The waiting jobs of each member, in each place; the next turn comes first."""


class Turn(NamedTuple):
    job_id: str
    member: int


class FairQueue:
    """Hands out job ids fairly: a member with a hundred requests does not delay a member with one.

    Not thread-safe; for one event loop. `clock`: monotonic seconds. `most`: how many may be out at once; of one member,
    only their share of these, in however many servers they are.
    """

    def __init__(self, clock: Callable[[], float], most: float = math.inf) -> None:
        self._clock = clock
        self._most = most
        self._out: list[Turn] = []
        self._places: Places = OrderedDict()
        self._first: deque[Turn] = deque()
        self._waiting: Counter[int] = Counter()  # by member
        self._resume_at = 0.0
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return self._waiting.total()

    def put(self, job_id: str, *, place: int, member: int) -> None:
        members = self._places.setdefault(place, OrderedDict())
        members.setdefault(member, deque()).append(job_id)
        self._added(member)

    def put_first(self, job_id: str, *, member: int) -> None:
        """Put a job back at the head: it had its turn, and a rate limit or a failed connection took it away."""
        self._first.append(Turn(job_id, member))
        self._added(member)

    def remove(self, job_id: str) -> bool:
        """Take a job out of the queue; False if it isn't waiting."""
        for member, jobs in self._lists():
            if job_id in jobs:
                jobs.remove(job_id)
                self._left(member)
                self._places = _without_empty(self._places)
                return True
        for turn in self._first:
            if turn.job_id == job_id:
                self._first.remove(turn)
                self._left(turn.member)
                return True
        return False

    def order(self) -> list[str]:
        """List the jobs in the order in which they will run if no other job arrives and no member is at their share."""
        copy = OrderedDict(
            (place, OrderedDict((member, deque(jobs)) for member, jobs in members.items()))
            for place, members in self._places.items()
        )
        return [turn.job_id for turn in (*self._first, *iter(partial(_next, copy), None))]

    def place(self, member: int, *, besides: int = 0) -> int:
        """Return how many jobs are ahead of a new one. `besides`: jobs that will be put in before it."""
        full = self._full()
        others = sum(count for waiting, count in self._waiting.items() if waiting not in full)
        own = sum(turn.member == member for turn in self._out) + self._waiting[member]
        return int(max(0, 1 + besides + len(self._out) + others - self._most, 1 + own - share_of(self._most)))

    def waits(self, member: int) -> int:
        """Return how many jobs of a member wait."""
        return self._waiting[member]

    def share(self, most: float) -> None:
        """Change how many may be out at once."""
        self._most = most
        self._changed.set()

    def done(self, job_id: str) -> None:
        """Note that a job that was handed out has ended."""
        self._out.remove(next(turn for turn in self._out if turn.job_id == job_id))
        self._changed.set()

    def pause(self, seconds: float) -> None:
        """Hand nothing out for this long. A running pause is never shortened."""
        self._resume_at = max(self._resume_at, self._clock() + seconds)

    async def get(self) -> str:
        """Wait for the next job, for room and for the end of a pause.

        The caller must call `done` when the job ends.
        """
        while (job_id := self.take()) is None:
            pause = self._resume_at - self._clock()
            await self._change(within=pause if pause > 0 else None)
        return job_id

    def take(self) -> str | None:
        """Return the job whose turn it is; None if none may be handed out now."""
        if len(self._out) >= self._most or self._resume_at > self._clock():
            return None
        turn = self._first.popleft() if self._first else _next(self._places, self._full())
        if turn is None:
            return None
        self._left(turn.member)
        self._out.append(turn)
        return turn.job_id

    def _full(self) -> set[int]:
        """Return the members who have their share."""
        most = share_of(self._most)
        return {member for member, count in Counter(turn.member for turn in self._out).items() if count >= most}

    def _lists(self) -> Iterator[tuple[int, deque[str]]]:
        return ((member, jobs) for members in self._places.values() for member, jobs in members.items())

    async def _change(self, *, within: float | None) -> None:
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._changed.wait()

    def _added(self, member: int) -> None:
        self._waiting[member] += 1
        self._changed.set()

    def _left(self, member: int) -> None:
        self._waiting[member] -= 1
        if not self._waiting[member]:
            del self._waiting[member]


def share_of(most: float) -> float:
    """Return how many of `most` one member may have: all but a quarter, so that others needn't wait for their end."""
    return max(1, most - max(1, most // 4)) if most < math.inf else most


def _next(places: Places, full: AbstractSet[int] = frozenset()) -> Turn | None:
    """Take the job whose turn it is, and move its member and its place to the end. `full`: members to pass over."""
    turns = ((place, member) for place, members in places.items() for member in members if member not in full)
    place, member = next(turns, (None, 0))
    if place is None:
        return None
    members = places.pop(place)
    jobs = members.pop(member)
    job_id = jobs.popleft()
    if jobs:
        members[member] = jobs
    if members:
        places[place] = members
    return Turn(job_id, member)


def _without_empty(places: Places) -> Places:
    return OrderedDict(
        (place, kept)
        for place, members in places.items()
        if (kept := OrderedDict((member, jobs) for member, jobs in members.items() if jobs))
    )
