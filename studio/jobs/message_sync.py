"""Keeps every job's messages up to date with its row.

At most one edit is in flight for each job; what changes meanwhile is folded into the next. That makes two calls to
Discord for one picture, and at most 1 + n for a streamed set of n. Layers are rendered once, at the end.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from studio.jobs.errors import DeliveryDelayedError, UndeliverableError
from studio.jobs.events import GivenUp, Mentioned, Tidied
from studio.jobs.turns import task_for
from studio.patience import waiting

if TYPE_CHECKING:
    from studio.clock import Clock
    from studio.jobs.events import Shown
    from studio.jobs.job import Job
    from studio.jobs.ports import Presenter

log = logging.getLogger(__name__)

# The last picture and the service's word that it was the last come together: waiting for the second saves an edit.
FOLD_SECONDS = 0.5
RETRY_SECONDS = (1.0, 5.0, 15.0)
RETRY_SLOWEST_SECONDS = 60.0
RETRY_PATIENCE_SECONDS = 6 * 3600.0


class ShownJobs(Protocol):
    """Gives access to rows: as they are now, and to note that they were shown."""

    def current(self, job_id: str) -> Job | None: ...
    async def shown(self, job_id: str, event: Shown | GivenUp | Tidied | Mentioned) -> Job: ...


class MessageSync:
    def __init__(self, presenter: Presenter, row: ShownJobs, clock: Clock) -> None:
        self._presenter = presenter
        self._row = row
        self._clock = clock
        self._running: dict[str, asyncio.Task[None]] = {}
        self._changed: dict[str, asyncio.Event] = {}

    def schedule(self, job_id: str) -> None:
        """Bring the job's messages up to its row, soon."""
        if job_id in self._running:
            self._changed[job_id].set()
            return
        self._changed[job_id] = asyncio.Event()
        self._running[job_id] = task_for(self._row.current(job_id), self._sync(job_id), name=f"sync-{job_id}")

    def is_syncing(self, job_id: str) -> bool:
        return job_id in self._running

    async def synced(self, job_id: str) -> None:
        """Wait until the job's messages are up to date, or can't be brought up to date now."""
        if task := self._running.get(job_id):
            await asyncio.wait([task])

    async def idle(self) -> None:
        """Wait until all messages are up to date."""
        while self._running:
            await asyncio.gather(*self._running.values())

    async def close(self) -> None:
        for task in (running := tuple(self._running.values())):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _sync(self, job_id: str) -> None:
        try:
            with waiting():  # whoever has made it change
                await self._until_shown(job_id)
        except Exception:
            log.exception("job %s could not be shown", job_id)
        finally:
            del self._running[job_id], self._changed[job_id]

    async def _until_shown(self, job_id: str) -> None:
        delays, waited = iter(RETRY_SECONDS), 0.0
        while (job := self._row.current(job_id)) and _is_behind(job):
            if job.all_arrived and not job.state.final and await self._changes_within(job_id, FOLD_SECONDS):
                continue
            try:
                outcome: Shown | GivenUp = await self._presenter.show(job)
            except (DeliveryDelayedError, UndeliverableError) as error:
                if isinstance(error, DeliveryDelayedError) and waited <= RETRY_PATIENCE_SECONDS:
                    delay = next(delays, RETRY_SLOWEST_SECONDS)
                    log.warning("job %s: Discord can't be reached; trying again in %g s: %s", job_id, delay, error)
                    await asyncio.sleep(delay)
                    waited += delay
                    continue
                log.warning("job %s could not be delivered and is kept: %s", job_id, error)
                outcome = GivenUp(job.version, self._clock())
            delays, waited = iter(RETRY_SECONDS), 0.0
            shown = await self._row.shown(job_id, outcome)
            if job.mentioned_at is None and shown.mentioned_at == outcome.at is not None:
                shown = await self._mention(job, shown)
            await self._tidy(shown)

    async def _mention(self, job: Job, shown: Job) -> Job:
        """Mention the job's member, and note by which message. `job`: as it was before, it still has its token."""
        mention = await self._presenter.mention(job)
        return await self._row.shown(job.id, Mentioned(job.messages[0].id, mention)) if mention else shown

    async def _tidy(self, job: Job) -> None:
        """Point replaced messages to their successors. What is shown is written by now; what fails is tried later."""
        if job.replaced:
            await self._row.shown(job.id, Tidied(await self._presenter.tidy(job), self._clock()))

    async def _changes_within(self, job_id: str, seconds: float) -> bool:
        changed = self._changed[job_id]
        changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await changed.wait()
        except TimeoutError:
            return False
        return True


def _is_behind(job: Job) -> bool:
    """Whether its messages don't show its row. Without a placeholder nothing is shown until the job has ended."""
    visible = bool(job.messages) or job.set_slot is not None or job.state.final
    return job.shown_version < job.version and visible
