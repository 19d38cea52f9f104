"""Looks tasks up until they have ended: all of a process's tasks together, in as few requests as possible."""

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
REFUSED_SECONDS = 90.0  # so long may a task be unknown, or a look-up be refused, before that is believed
MOST_AT_ONCE = 50
MOST_LOOK_UPS = 8  # under way together, so that a slow one holds up nobody else's


@dataclass(slots=True, kw_only=True, eq=False)
class _Waiting:
    """A task that somebody waits for. Times are the clock's. `asked`: a look-up of it is under way."""

    id: str
    submitted_at: float
    until: float
    due: float
    looks: int = 0
    asked: bool = False
    refused_since: float | None = None
    ended: asyncio.Future[TaskStatus] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def interval(self, now: float) -> float:
        return poll_interval(now - self.submitted_at)


class NoRecordError(UnreadableAnswer):
    """The service keeps no record of the task, or can't be asked for any: nobody can tell how it ended."""


class Ended(NamedTuple):
    """How a task ended. `seconds`: how long it took, as far as that is known."""

    status: TaskStatus
    seconds: float


async def until_set(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, so long at most."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


class TaskPoller:
    """clock: seconds that never jump. wait: how it waits for the next look, or for a task that comes before it."""

    def __init__(
        self, api: ImageApi, clock: Clock, *, wait: Callable[[asyncio.Event, float], Awaitable[None]] = until_set
    ) -> None:
        self._api = api
        self._clock = clock
        self._wait = wait
        self._waiting: set[_Waiting] = set()
        self._changed = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._look_ups: set[asyncio.Task[None]] = set()
        self._rate_limits = RateLimits()
        self._resume_at = -math.inf

    async def ended(self, task_id: str, *, submitted_at: float, usual: float | None) -> Ended:
        """The end of a task. It is looked up once it has taken its `usual` seconds, and then by its age.

        A look-up that fails costs nothing, so it is made again: what the task makes is paid for.
        Raises: SeeDreamError once that has lasted, or the task has not ended for half an hour.
        """
        now = self._clock()
        first = submitted_at + (poll_interval(0) if usual is None else usual)
        until = now + PATIENCE_SECONDS
        one = _Waiting(id=task_id, submitted_at=submitted_at, until=until, due=min(max(now, first), until))
        self._waiting.add(one)
        self._changed.set()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="task-poller")
        try:
            status = await one.ended
        finally:
            self._waiting.discard(one)
            self._changed.set()
        return Ended(status, self._seconds(one) if status.seconds is None else status.seconds)

    def _seconds(self, one: _Waiting) -> float:
        """What had ended before the first look may have taken less: so the usual time can become shorter again."""
        now = self._clock()
        return max(0.0, now - one.submitted_at - (one.interval(now) if one.looks == 1 else 0.0))

    async def _look(self) -> None:
        while self._waiting:
            self._changed.clear()
            delay = self._delay()
            if delay is None:
                await self._changed.wait()
            elif delay > 0:
                await self._wait(self._changed, delay)
            else:
                self._start(self._due())
        for look_up in self._look_ups:  # nobody waits for what they find
            look_up.cancel()

    def _delay(self) -> float | None:
        """Seconds until the next look-up; None where only those that are under way can change anything."""
        idle = [one.due for one in self._waiting if not one.asked]
        under_way = sum(not look_up.done() for look_up in self._look_ups)
        if not idle or under_way >= MOST_LOOK_UPS:
            return None
        return max(min(idle), self._resume_at) - self._clock()

    def _due(self) -> list[_Waiting]:
        """What is due, and what soon will be: one request serves all."""
        now = self._clock()
        soon = [one for one in self._waiting if not one.asked and one.due <= now + one.interval(now) / 2]
        return sorted(soon, key=lambda one: one.due)[:MOST_AT_ONCE]

    def _start(self, batch: Sequence[_Waiting]) -> None:
        for one in batch:
            one.asked = True
        look_up = asyncio.create_task(self._asked(batch), name="look-up")
        self._look_ups.add(look_up)
        look_up.add_done_callback(self._look_ups.discard)

    async def _asked(self, batch: Sequence[_Waiting]) -> None:
        try:
            await self._look_up(batch)
        finally:
            for one in batch:
                one.asked = False
            self._changed.set()

    async def _look_up(self, batch: Sequence[_Waiting]) -> None:
        sent_at = self._clock()
        try:
            found = await self._api.tasks(list(dict.fromkeys(one.id for one in batch)))
            self._rate_limits = self._rate_limits.passed(sent_at=sent_at)
            for one in batch:
                self._found(one, found[one.id], sent_at)
        except SeeDreamError as error:
            log.info("%d tasks could not be looked up just now: %s", len(batch), error)
            self._failed(batch, error, sent_at)
        except Exception as error:
            log.exception("tasks could not be looked up")
            for one in batch:
                self._end(one, error)

    def _failed(self, batch: Sequence[_Waiting], error: SeeDreamError, sent_at: float) -> None:
        if isinstance(error, RateLimited):
            self._slow_down(error, sent_at)
        for one in batch:
            if isinstance(error, WrongAddress | InvalidRequest):
                self._end(one, NoRecordError("The service has no look-ups of tasks."))
            else:
                self._not_yet(one, sent_at, refused=error if error.who == "operator" else None)

    def _slow_down(self, error: RateLimited, sent_at: float) -> None:
        """Nothing is looked up for a while: what is asked too eagerly is only refused again."""
        now = self._clock()
        self._rate_limits = self._rate_limits.met(sent_at=sent_at, now=now)
        told = error.retry_after
        pause = self._rate_limits.pause() if told is None else min(told, LONGEST_PAUSE_SECONDS)
        self._resume_at = max(self._resume_at, now + pause)

    def _found(self, one: _Waiting, status: TaskStatus, sent_at: float) -> None:
        one.looks += 1
        match status.state:
            case "succeeded" | "failed":
                self._end(one, status)
            case "unknown":
                gone = NoRecordError(f"The service does not know the task {one.id} any more.")
                self._not_yet(one, sent_at, refused=gone)
            case _:
                one.refused_since = None
                self._not_yet(one, sent_at)

    def _not_yet(self, one: _Waiting, sent_at: float, refused: SeeDreamError | None = None) -> None:
        now = self._clock()
        if refused:
            one.refused_since = now if one.refused_since is None else one.refused_since
            if now - one.refused_since >= REFUSED_SECONDS:
                self._end(one, refused)
        if now >= one.until:
            self._end(one, UnreadableAnswer(f"The task {one.id} did not end within {PATIENCE_SECONDS / 60:g} minutes."))
        one.due = sent_at + one.interval(sent_at)  # however long the answer took

    def _end(self, one: _Waiting, outcome: TaskStatus | Exception) -> None:
        self._waiting.discard(one)
        if one.ended.done():
            return
        if isinstance(outcome, Exception):
            one.ended.set_exception(outcome)
        else:
            one.ended.set_result(outcome)
