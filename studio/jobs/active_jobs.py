"""The job rows at hand, and the one door by which every change of every job enters: written first, then shown."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from studio.jobs.errors import JobNotFoundError, TakenOverError
from studio.jobs.events import advance
from studio.jobs.message_sync import MessageSync

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.clock import Clock
    from studio.jobs.events import Event, GivenUp, Shown, Tidied
    from studio.jobs.job import Job
    from studio.jobs.metrics import MetricsSink
    from studio.jobs.ports import JobStore, Pictures, Presenter
    from studio.quota.decide import Check
    from studio.quota.ledger import Charge


class ActiveJobs:
    """`owner`: this process, by the name under which it owns jobs."""

    def __init__(
        self, store: JobStore, presenter: Presenter, pictures: Pictures, metrics: MetricsSink, clock: Clock, owner: str
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._pictures = pictures
        self.owner = owner
        self._live: dict[str, Job] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._unposted: set[str] = set()
        self._projector = MessageSync(presenter, self, clock)

    def __len__(self) -> int:
        return len(self._live)

    @property
    def unposted(self) -> int:
        """How many are accepted, and their placeholder not yet posted: they are about to wait for their turn."""
        return len(self._unposted)

    def current(self, job_id: str) -> Job | None:
        """A row at hand, as it is now."""
        return self._live.get(job_id)

    def is_being_shown(self, job_id: str) -> bool:
        return self._projector.is_at(job_id)

    async def get(self, job_id: str) -> Job:
        """A row, wherever it is. Raises: JobNotFoundError."""
        job = self._live.get(job_id) or await self._store.get(job_id)
        if job is None:
            raise JobNotFoundError(job_id)
        return job

    async def insert(self, job: Job, charge: Charge, checks: Sequence[Check]) -> bool:
        """A new row, and its charge; False, and nothing is written, if a check does not hold."""
        if not await self._store.insert(job, charge, checks):
            return False
        self._live[job.id] = job
        self._unposted.add(job.id)
        self._metrics.job_changed(None, job)
        return True

    async def unsettled(self) -> list[str]:
        """This process's jobs that have something left to do, oldest first, by their ids; others are forgotten.

        Another process may end or take over a job of this one, which hears of it only here.
        """
        at_hand = set(self._live)
        unsettled = await self._store.unsettled(self.owner)
        for job_id in at_hand.difference(unsettled):
            if not self._projector.is_at(job_id):
                self._forget(job_id)
        return unsettled

    def adopt(self, job: Job) -> None:
        """Work on a row that this process owns from now on."""
        self._live[job.id] = job

    async def apply(self, job_id: str, event: Event, *, anybody: bool = False) -> Job:
        """Write what the event changes, then have it shown.

        `anybody`: what a person does is taken by any process; all else by the owner alone.
        Raises: JobNotFoundError, TakenOverError where another process owns the job by now.
        """
        async with self._locks.setdefault(job_id, asyncio.Lock()):
            try:
                changed = await self._written(job_id, event, anybody=anybody)
            except (JobNotFoundError, TakenOverError):
                self._forget(job_id)
                raise
            self._live[job_id] = changed
            if changed.messages:
                self._unposted.discard(job_id)
        await self._after(changed)
        return changed

    async def _written(self, job_id: str, event: Event, *, anybody: bool) -> Job:
        while True:
            job = await self.get(job_id)
            if not anybody and job.owner != self.owner:
                raise TakenOverError(job_id)
            changed = advance(job, event)
            if changed is job:
                return job
            if await self._store.save(changed, previous=job):
                self._metrics.job_changed(job, changed)
                return changed
            self._live.pop(job_id, None)  # another process has changed it: what it says now counts

    async def _after(self, job: Job) -> None:
        if job.settled:
            await self._let_go(job)
        elif job.shown_version < job.version:
            self.show(job.id)
        elif job.owner != self.owner:
            self._forget(job.id)

    async def _let_go(self, job: Job) -> None:
        """The row says it all: keep nothing in memory, and no file but of what Discord does not hold."""
        self._forget(job.id)
        if any(image.picture for image in job.images) and not job.undelivered:
            await self._pictures.discard(job.id)

    def _forget(self, job_id: str) -> None:
        self._live.pop(job_id, None)
        self._locks.pop(job_id, None)
        self._unposted.discard(job_id)

    # --- showing --------------------------------------------------------------------------------------------------

    def show(self, job_id: str) -> None:
        """Bring its messages up to its row, soon."""
        self._projector.schedule(job_id)

    async def shown(self, job_id: str, event: Shown | GivenUp | Tidied) -> Job:
        """The projector's word on what its messages show now, or that they can't."""
        return await self.apply(job_id, event, anybody=True)

    async def all_shown(self) -> None:
        await self._projector.idle()

    async def close(self) -> None:
        await self._projector.close()
