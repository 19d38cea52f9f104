"""How the end of a job that the service has taken on is learned: it is posted to us, or looked up."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from seedream.callbacks import parse_callback
from seedream.errors import ApiError, NotFound, SeeDreamError, UnreadableAnswer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from collections.abc import Set as AbstractSet

    from seedream import TaskStatus
    from seedream.callbacks import Callback
    from studio.ports import Clock, ImageApi, Store

log = logging.getLogger(__name__)

# A picture takes 20 to 120 seconds: ask soon for the quick ones, then settle.
POLL_FIRST_SECONDS = 1.0
POLL_SLOWEST_SECONDS = 5.0
POLL_PATIENCE_SECONDS = 30 * 60.0
POLL_REFUSALS_BORNE = 20  # one after the other: more than a minute and a half
CALLBACK_LATE_SECONDS = 120.0  # then it is looked up as well
CALLBACK_PATIENCE_SECONDS = 600.0  # where there is no task to look up
INLINE_BYTES = 64 * 2**10  # parsed in well under a millisecond, which is what a thread costs


class Letterbox:
    """What the service posts about jobs. It is written down before it is answered, and read from there."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[str, asyncio.Event] = {}

    @property
    def waiting(self) -> AbstractSet[str]:
        """The jobs that wait for something to be posted."""
        return self._waiting.keys()

    def knock(self, job_id: str) -> None:
        """Something has been posted about this job."""
        if event := self._waiting.get(job_id):
            event.set()

    async def wait(self, job_id: str, task_id: str | None, *, within: float) -> Callback | None:
        """What was posted about the job, as soon as it is there; None if nothing is within so many seconds."""
        event = self._waiting[job_id] = asyncio.Event()
        try:
            if (posted := await self._read(job_id, task_id)) is not None:
                return posted
            with suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await event.wait()
            return await self._read(job_id, task_id)
        finally:
            self._waiting.pop(job_id, None)

    async def _read(self, job_id: str, task_id: str | None) -> Callback | None:
        for body in await self._store.callbacks(job_id):
            small = len(body) <= INLINE_BYTES
            callback = parse_callback(body) if small else await asyncio.to_thread(parse_callback, body)
            if task_id is None or callback.task_id is None or callback.task_id == task_id:
                return callback
            log.warning("job %s: a callback of task %s, but its task is %s", job_id, callback.task_id, task_id)
        return None


class Outcomes:
    """`sleep` is how a look-up waits for the next."""

    def __init__(
        self,
        api: ImageApi,
        letterbox: Letterbox,
        clock: Clock,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._api = api
        self._letterbox = letterbox
        self._clock = clock
        self._sleep = sleep

    async def posted(self, job_id: str, task_id: str | None, *, missed: bool) -> Callback | TaskStatus | None:
        """The end of a job that is to be posted; looked up where that is late; None where there is no task to look up.

        `missed`: it may have been posted when nobody was there to take it. Raises: SeeDreamError.
        """
        if task_id is None:
            return await self._letterbox.wait(job_id, None, within=CALLBACK_PATIENCE_SECONDS)
        if not missed:
            callback = await self._letterbox.wait(job_id, task_id, within=CALLBACK_LATE_SECONDS)
            if callback is not None:
                return callback
            log.info("job %s: its callback is late; the task %s is looked up", job_id, task_id)
        return await self._looked_up(task_id, lambda delay: self._letterbox.wait(job_id, task_id, within=delay))

    async def looked_up(self, task_id: str) -> Callback | TaskStatus:
        """The end of a task. Raises: SeeDreamError."""

        async def slept(delay: float) -> None:
            await self._sleep(delay)

        return await self._looked_up(task_id, slept)

    async def _looked_up(
        self, task_id: str, wait: Callable[[float], Awaitable[Callback | None]]
    ) -> Callback | TaskStatus:
        """Ask until the task has ended. A failed look-up costs nothing, so it is simply asked again.

        What it makes is paid for, so one refused look-up (a key that is just being changed, say) does not end it.
        """
        delay, until, refused = POLL_FIRST_SECONDS, self._clock() + POLL_PATIENCE_SECONDS, 0
        while self._clock() < until:
            if (callback := await wait(delay)) is not None:
                return callback
            delay = min(delay * 1.5, POLL_SLOWEST_SECONDS)
            try:
                status = (await self._api.tasks([task_id]))[task_id]
            except SeeDreamError as error:
                refused += isinstance(error, NotFound) or (isinstance(error, ApiError) and error.who == "operator")
                if refused > POLL_REFUSALS_BORNE:
                    raise
                log.info("task %s could not be looked up just now: %s", task_id, error)
                continue
            if status.state in {"succeeded", "failed"}:
                return status
            refused = refused + 1 if status.state == "unknown" else 0
            if refused > POLL_REFUSALS_BORNE:
                raise UnreadableAnswer(f"The service does not know the task {task_id} any more.")
        raise UnreadableAnswer(f"The task {task_id} did not end within {POLL_PATIENCE_SECONDS / 60:g} minutes.")
