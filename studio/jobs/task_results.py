"""Waits for the end of a job that was sent: the service posts it to us, or we look it up."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from seedream.callbacks import parse_callback
from studio.jobs.task_poller import TaskPoller

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from seedream.callbacks import Callback
    from studio.clock import Clock
    from studio.jobs.job import Job
    from studio.jobs.ports import ImageApi, JobStore
    from studio.jobs.task_poller import Ended

log = logging.getLogger(__name__)

CALLBACK_LATE_SECONDS = 60.0  # then its task is looked up as well
CALLBACK_PATIENCE_SECONDS = 600.0  # if there is no task to look up
INLINE_BYTES = 64 * 2**10  # parsed in well under a millisecond, which a thread would cost


class CallbackInbox:
    """Reads callbacks from the store, into which the web server writes them before it answers."""

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._waiting: dict[str, asyncio.Event] = {}

    @property
    def waiting(self) -> AbstractSet[str]:
        """The jobs that wait for a callback."""
        return self._waiting.keys()

    def notify(self, job_id: str) -> None:
        """Wake up whoever waits for this job's callback."""
        if event := self._waiting.get(job_id):
            event.set()

    async def wait(self, job_id: str, task_id: str | None, *, within: float | None = None) -> Callback | None:
        """Wait for the job's callback; None if there is none within so many seconds. `within`: None for no limit."""
        event = self._waiting[job_id] = asyncio.Event()
        try:
            if (callback := await self._read(job_id, task_id)) is not None:
                return callback
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
            log.warning("job %s: ignored a callback of task %s, as its task is %s", job_id, callback.task_id, task_id)
        return None


class TaskResults:
    """Waits for results. `usual`: how many seconds a model's pictures usually take, if known."""

    def __init__(
        self, api: ImageApi, callback_inbox: CallbackInbox, clock: Clock, usual: Callable[[str], float | None]
    ) -> None:
        self._callback_inbox = callback_inbox
        self._clock = clock
        self._usual = usual
        self._poller = TaskPoller(api, time.monotonic)

    async def posted(self, job: Job, *, missed: bool) -> Callback | Ended | None:
        """Wait for a job's callback, and look its task up if that is late; None if there is no task to look up.

        `missed`: the callback may have come while no process was there to receive it. Raises: SeeDreamError.
        """
        if job.task_id is None:
            return await self._callback_inbox.wait(job.id, None, within=CALLBACK_PATIENCE_SECONDS)
        if not missed:
            callback = await self._callback_inbox.wait(job.id, job.task_id, within=CALLBACK_LATE_SECONDS)
            if callback is not None:
                return callback
            log.debug("job %s: its callback is late; looking up its task %s", job.id, job.task_id)
        return await self._first_of_both(job)

    async def looked_up(self, job: Job, *, late: bool = False) -> Ended:
        """Look up the end of a job's task. `late`: at once, not after its usual time. Raises: SeeDreamError."""
        age = 0.0 if job.started_at is None else max(0.0, self._clock() - job.started_at)
        usual = None if late else self._usual(job.request.model)
        return await self._poller.ended(job.task_id or "", submitted_at=time.monotonic() - age, usual=usual)

    async def _first_of_both(self, job: Job) -> Callback | Ended:
        """Wait for the callback and look the task up, whichever comes first."""
        looked_up = asyncio.create_task(self.looked_up(job, late=True), name=f"look-up-{job.id}")
        posted = asyncio.create_task(self._callback_inbox.wait(job.id, job.task_id), name=f"callback-{job.id}")
        try:
            await asyncio.wait({looked_up, posted}, return_when=asyncio.FIRST_COMPLETED)
            if looked_up.done() and looked_up.exception():  # its callback may still come
                await asyncio.wait({posted}, timeout=CALLBACK_PATIENCE_SECONDS)
            if posted.done() and (callback := posted.result()) is not None:
                return callback
            return await looked_up
        finally:
            for task in (looked_up, posted):
                task.cancel()
            await asyncio.gather(looked_up, posted, return_exceptions=True)
