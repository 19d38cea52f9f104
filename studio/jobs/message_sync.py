"""Keeps every job's messages up to its row: at most one edit in flight for each, what comes meanwhile is folded."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from studio.jobs.errors import DeliveryDelayedError, UndeliverableError
from studio.jobs.events import GivenUp, Tidied

if TYPE_CHECKING:
    from studio.clock import Clock
    from studio.jobs.events import Shown
    from studio.jobs.job import Job
    from studio.jobs.ports import Presenter

log = logging.getLogger(__name__)

# The last image and the service's word that it was the last come together: waiting a moment saves an edit.
FOLD_SECONDS = 0.5
RETRY_SECONDS = (1.0, 5.0, 15.0)
RETRY_SLOWEST_SECONDS = 60.0
RETRY_PATIENCE_SECONDS = 6 * 3600.0


class Row(Protocol):
    """Read a job as it is now, and write down that it was shown."""

    def current(self, job_id: str) -> Job | None: ...
    async def shown(self, job_id: str, event: Shown | GivenUp | Tidied) -> Job: ...


class Projector:
    def __init__(self, presenter: Presenter, row: Row, clock: Clock) -> None:
        self._presenter = presenter
        self._row = row
        self._clock = clock
        self._running: dict[str, asyncio.Task[None]] = {}
        self._changed: dict[str, asyncio.Event] = {}

    def poke(self, job_id: str) -> None:
        """The job's row has changed."""
        if job_id in self._running:
            self._changed[job_id].set()
            return
        self._changed[job_id] = asyncio.Event()
        self._running[job_id] = asyncio.create_task(self._project(job_id), name=f"project-{job_id}")

    def is_at(self, job_id: str) -> bool:
        return job_id in self._running

    async def idle(self) -> None:
        """Wait until nothing is left to show."""
        while self._running:
            await asyncio.gather(*self._running.values())

    async def close(self) -> None:
        for task in (running := tuple(self._running.values())):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _project(self, job_id: str) -> None:
        try:
            await self._until_shown(job_id)
        except Exception:
            log.exception("showing job %s failed", job_id)
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
                    log.warning("job %s is shown again in %g s: %s", job_id, delay, error)
                    await asyncio.sleep(delay)
                    waited += delay
                    continue
                log.warning("job %s is kept but could not be delivered: %s", job_id, error)
                outcome = GivenUp(job.version, self._clock())
            delays, waited = iter(RETRY_SECONDS), 0.0
            await self._tidied(await self._row.shown(job_id, outcome))

    async def _tidied(self, job: Job) -> None:
        """What is shown is written down by now: what others have replaced is no loss, and may be tried again later."""
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
    """Its messages don't show its row. A job whose placeholder is not posted yet has none, unless it ended before."""
    return job.shown_version < job.version and (bool(job.messages) or job.state.final)
