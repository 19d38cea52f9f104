"""Looks tasks up until they have ended: all of a process's tasks together, in as few requests as possible.

The first look-up is due when the model's usual time (the median of its last runs) has passed, the next ones after 5 %
of the task's age. One request asks for up to 50 tasks, and a few requests are in flight at once, so that a slow one
delays no other task. A rate limit pauses all look-ups.
"""

from __future__ import annotations

import asyncio
import logging
import math
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from seedream.errors import InvalidRequest, RateLimited, SeeDreamError, UnreadableAnswer, WrongAddress
from seedream.polling import poll_interval
from studio.jobs.rate_limits import LONGEST_PAUSE_SECONDS, RateLimits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from seedream import TaskStatus
    from studio.clock import Clock
    from studio.jobs.ports import ImageApi

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 30 * 60.0
REFUSED_SECONDS = 90.0  # how long a task may be unknown, or look-ups be refused, before that counts
MOST_AT_ONCE = 50
MOST_LOOK_UPS = 8  # in flight together


@dataclass(slots=True, kw_only=True, eq=False)
class _Wait:
    """A task whose end is waited for. Times are the clock's. `in_flight`: a look-up of it is being answered."""

    id: str
    submitted_at: float
    until: float
    due: float
    looks: int = 0
    in_flight: bool = False
    refused_since: float | None = None
    ended: asyncio.Future[TaskStatus] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def interval(self, now: float) -> float:
        return poll_interval(now - self.submitted_at)


class NoRecordError(UnreadableAnswer):
    """The service has no record of the task, or offers no look-ups, so how it ended can't be known."""


class Ended(NamedTuple):
    """How a task ended. `seconds`: how long it took, as precisely as is known."""

    status: TaskStatus
    seconds: float


async def until_set(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, at most so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


class TaskPoller:
    """Looks up tasks that are waited for.

    `clock`: monotonic seconds. `wait`: waits until the next look-up is due or the event is set.
    """

    def __init__(
        self, api: ImageApi, clock: Clock, *, wait: Callable[[asyncio.Event, float], Awaitable[None]] = until_set
    ) -> None:
        self._api = api
        self._clock = clock
        self._wait = wait
        self._waits: set[_Wait] = set()
        self._changed = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._look_ups: set[asyncio.Task[None]] = set()
        self._rate_limits = RateLimits()
        self._resume_at = -math.inf

    async def ended(self, task_id: str, *, submitted_at: float, usual: float | None) -> Ended:
        """Wait for the end of a task: first for its `usual` seconds, then by intervals that grow with its age.

        A failed look-up costs nothing and the task's result is paid for, so the look-up is repeated.
        Raises: SeeDreamError, if look-ups are refused for long, or the task hasn't ended for half an hour.
        """
        now = self._clock()
        first = submitted_at + (poll_interval(0) if usual is None else usual)
        until = now + PATIENCE_SECONDS
        wait = _Wait(id=task_id, submitted_at=submitted_at, until=until, due=min(max(now, first), until))
        self._waits.add(wait)
        self._changed.set()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="task-poller")
        try:
            status = await wait.ended
        finally:
            self._waits.discard(wait)
            self._changed.set()
        return Ended(status, self._seconds(wait) if status.seconds is None else status.seconds)

    def _seconds(self, wait: _Wait) -> float:
        """Estimate how long a task took: one that had ended before its first look-up may have been quicker."""
        now = self._clock()
        return max(0.0, now - wait.submitted_at - (wait.interval(now) if wait.looks == 1 else 0.0))

    async def _look(self) -> None:
        while self._waits:
            self._changed.clear()
            delay = self._delay()
            if delay is None:
                await self._changed.wait()
            elif delay > 0:
                await self._wait(self._changed, delay)
            else:
                self._start(self._due())
        for look_up in self._look_ups:  # nobody waits for their results
            look_up.cancel()

    def _delay(self) -> float | None:
        """Return the seconds until the next look-up; None if nothing can start before one in flight ends."""
        idle = [wait.due for wait in self._waits if not wait.in_flight]
        under_way = sum(not look_up.done() for look_up in self._look_ups)
        if not idle or under_way >= MOST_LOOK_UPS:
            return None
        return max(min(idle), self._resume_at) - self._clock()

    def _due(self) -> list[_Wait]:
        """List the tasks that are due, or soon will be, for one request."""
        now = self._clock()
        soon = [wait for wait in self._waits if not wait.in_flight and wait.due <= now + wait.interval(now) / 2]
        return sorted(soon, key=lambda wait: wait.due)[:MOST_AT_ONCE]

    def _start(self, batch: Sequence[_Wait]) -> None:
        for wait in batch:
            wait.in_flight = True
        look_up = asyncio.create_task(self._run_look_up(batch), name="look-up")
        self._look_ups.add(look_up)
        look_up.add_done_callback(self._look_ups.discard)

    async def _run_look_up(self, batch: Sequence[_Wait]) -> None:
        try:
            await self._look_up(batch)
        finally:
            for wait in batch:
                wait.in_flight = False
            self._changed.set()

    async def _look_up(self, batch: Sequence[_Wait]) -> None:
        sent_at = self._clock()
        try:
            statuses = await self._api.tasks(list(dict.fromkeys(wait.id for wait in batch)))
            self._rate_limits = self._rate_limits.passed(sent_at=sent_at)
            for wait in batch:
                self._note(wait, statuses[wait.id], sent_at)
        except SeeDreamError as error:
            log.debug("%d tasks could not be looked up, trying again: %s", len(batch), error)
            self._failed(batch, error, sent_at)
        except Exception as error:
            log.exception("tasks could not be looked up")
            for wait in batch:
                self._end(wait, error)

    def _failed(self, batch: Sequence[_Wait], error: SeeDreamError, sent_at: float) -> None:
        if isinstance(error, RateLimited):
            self._slow_down(error, sent_at)
        for wait in batch:
            if isinstance(error, WrongAddress | InvalidRequest):
                self._end(wait, NoRecordError("The service has no look-ups of tasks."))
            else:
                self._wait_on(wait, sent_at, refused=error if error.who == "operator" else None)

    def _slow_down(self, error: RateLimited, sent_at: float) -> None:
        """Pause all look-ups after a rate limit."""
        now = self._clock()
        self._rate_limits = self._rate_limits.met(sent_at=sent_at, now=now)
        seconds = error.retry_after
        pause = self._rate_limits.pause() if seconds is None else min(seconds, LONGEST_PAUSE_SECONDS)
        self._resume_at = max(self._resume_at, now + pause)

    def _note(self, wait: _Wait, status: TaskStatus, sent_at: float) -> None:
        wait.looks += 1
        match status.state:
            case "succeeded" | "failed":
                self._end(wait, status)
            case "unknown":
                gone = NoRecordError(f"The service does not know the task {wait.id} any more.")
                self._wait_on(wait, sent_at, refused=gone)
            case _:
                wait.refused_since = None
                self._wait_on(wait, sent_at)

    def _wait_on(self, wait: _Wait, sent_at: float, refused: SeeDreamError | None = None) -> None:
        now = self._clock()
        if refused:
            wait.refused_since = now if wait.refused_since is None else wait.refused_since
            if now - wait.refused_since >= REFUSED_SECONDS:
                self._end(wait, refused)
        if now >= wait.until:
            self._end(
                wait, UnreadableAnswer(f"The task {wait.id} did not end within {PATIENCE_SECONDS / 60:g} minutes.")
            )
        wait.due = sent_at + wait.interval(sent_at)  # counted from the request, however long its answer took

    def _end(self, wait: _Wait, outcome: TaskStatus | Exception) -> None:
        self._waits.discard(wait)
        if wait.ended.done():
            return
        if isinstance(outcome, Exception):
            wait.ended.set_exception(outcome)
        else:
            wait.ended.set_result(outcome)
