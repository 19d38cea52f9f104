"""Asks Discord again for what it has refused: a result that it took nowhere, a message that it lets nobody change.

A thread may be locked while a job runs: its message says then what is not so, and nobody can change it until the thread
is opened. What is left to do stands in the job's row, so that whichever process comes to it can do it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from studio.errors import StudioError
from studio.jobs.errors import DeliveredAlreadyError, DeliveryDelayedError, UndeliverableError
from studio.jobs.events import GivenUp, Tidied
from studio.jobs.file_recovery import require
from studio.jobs.pictures import PictureUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from studio.clock import Clock
    from studio.jobs.active_jobs import JobRows
    from studio.jobs.events import Shown
    from studio.jobs.job import Job
    from studio.jobs.ports import Pictures, Presenter, Store

log = logging.getLogger(__name__)


class Redelivery:
    def __init__(self, store: Store, rows: JobRows, pictures: Pictures, presenter: Presenter, clock: Clock) -> None:
        self._store = store
        self._rows = rows
        self._pictures = pictures
        self._presenter = presenter
        self._clock = clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def hand_over(self, job: Job, show: Callable[[Job], Awaitable[Shown]]) -> None:
        """Deliver such a result by `show`, which may raise what a presenter does.

        Raises: PictureUnavailable; DeliveredAlreadyError where it was delivered while this waited.
        """
        async with self._lock(job.id):
            job = await self._rows.get(job.id)
            if not job.undelivered:
                raise DeliveredAlreadyError
            await require(job, self._pictures, self._clock())
            await self._tidy(await self._rows.apply(job.id, await show(job), anybody=True))

    async def due(self) -> None:
        """What it is time for."""
        await self._again(await self._store.to_retry(until=self._clock()))

    async def of_channel(self, channel_id: int) -> None:
        """All that was refused in a channel, for something has changed there."""
        await self._again(await self._store.refused_in(channel_id))

    async def _again(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            try:
                async with self._lock(job.id):
                    await self._ask(await self._rows.get(job.id))
            except StudioError as error:
                log.info("job %s is not delivered again: %s", job.id, error or type(error).__name__)
            except Exception:
                log.exception("job %s could not be delivered again", job.id)

    async def _ask(self, job: Job) -> None:
        if job.undelivered and job.state.final:
            job = await self._rows.apply(job.id, await self._shown(job), anybody=True)
        await self._tidy(job)

    async def _tidy(self, job: Job) -> None:
        """Have the messages that others have replaced lead there."""
        if job.replaced:
            done = await self._presenter.tidy(job)
            await self._rows.apply(job.id, Tidied(done, self._clock()), anybody=True)

    async def _shown(self, job: Job) -> Shown | GivenUp:
        try:
            await require(job, self._pictures, self._clock())
            return await self._presenter.show(job)
        except (UndeliverableError, DeliveryDelayedError, PictureUnavailable) as error:
            log.info("job %s is still not delivered: %s", job.id, error)
            return GivenUp(job.version, self._clock())

    def _lock(self, job_id: str) -> asyncio.Lock:
        """Nobody delivers a result that is just being fetched."""
        lock = self._locks.get(job_id) or asyncio.Lock()
        self._locks[job_id] = lock
        return lock
