"""Keeps this process's job rows in memory and applies every change to them: written first, then shown.

All sources of events enter here: streams, callbacks, look-ups, plain answers, members' actions, and recovery.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from studio.errors import UnavailableError
from studio.jobs.advance import advance
from studio.jobs.errors import JobNotFoundError, TakenOverError
from studio.jobs.events import Overtaken, Shown
from studio.jobs.job_log import log_end
from studio.jobs.message_sync import MessageSync
from studio.jobs.set_presenter import SetPresenter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.clock import Clock
    from studio.jobs.events import Event, GivenUp, Mentioned, Tidied
    from studio.jobs.job import Job
    from studio.jobs.metrics import MetricsSink
    from studio.jobs.ports import JobStore, Pictures, Presenter
    from studio.jobs.references import References
    from studio.quota.decide import Check
    from studio.quota.ledger import Charge


class ActiveJobs:
    """The rows that this process works on or shows. `owner`: the name under which this process owns jobs."""

    def __init__(
        self,
        store: JobStore,
        presenter: Presenter,
        pictures: Pictures,
        references: References,
        metrics: MetricsSink,
        clock: Clock,
        owner: str,
    ) -> None:
        self._store = store
        self._presenter = presenter
        self._metrics = metrics
        self._pictures = pictures
        self.owner = owner
        self._live: dict[str, Job] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._unposted: set[str] = set()
        self._settled: dict[str, asyncio.Event] = {}
        sets = SetPresenter(presenter, self, pictures, references, clock)
        self._message_sync = MessageSync(sets, self, clock)

    def __len__(self) -> int:
        return len(self._live)

    @property
    def unposted(self) -> int:
        """How many accepted jobs have no placeholder yet, and will join the queue."""
        return len(self._unposted)

    def under_way(self, member: int) -> int:
        """Return how many jobs of a member wait or run."""
        return sum(job.origin.user_id == member and not job.state.final for job in self._live.values())

    def current(self, job_id: str) -> Job | None:
        """Return a row from memory, as it is now."""
        return self._live.get(job_id)

    def is_being_shown(self, job_id: str) -> bool:
        return self._message_sync.is_syncing(job_id)

    async def get(self, job_id: str) -> Job:
        """Return a row from memory or the store. Raises: JobNotFoundError."""
        job = self._live.get(job_id) or await self._store.get(job_id)
        if job is None:
            raise JobNotFoundError(job_id)
        return job

    async def is_dropped(self, job_id: str) -> bool:
        """Whether the job's member has stopped it. If another process wrote that, only the store knows it yet."""
        job = self._live.get(job_id)
        if job is None or job.dropped_at is None:
            with suppress(UnavailableError):  # that is no reason to end what is paid for
                job = await self._store.get(job_id)
        return job is not None and job.dropped_at is not None

    async def insert(
        self, job: Job, charge: Charge, checks: Sequence[Check], others: Sequence[tuple[Job, Charge]] = ()
    ) -> bool:
        """Insert a row and its charge, and others with it. If a check fails, write nothing and return False."""
        if not await self._store.insert(job, charge, checks, others):
            return False
        for inserted in (job, *(other for other, _ in others)):
            self._live[inserted.id] = inserted
            self._metrics.job_changed(None, inserted)
            if inserted.set_slot is None:
                self._unposted.add(inserted.id)
        return True

    async def unsettled(self) -> list[str]:
        """List the ids of this process's unsettled jobs, oldest first, and forget all others.

        Another process may have ended or claimed one of them, which this process can't notice otherwise.
        """
        in_memory = set(self._live)
        unsettled = await self._store.unsettled(self.owner)
        for job_id in in_memory.difference(unsettled):
            if not self._message_sync.is_syncing(job_id):
                self._forget(job_id)
        return unsettled

    def adopt(self, job: Job) -> None:
        """Take in a row that this process owns from now on."""
        self._live[job.id] = job

    async def apply(self, job_id: str, event: Event, *, anybody: bool = False) -> Job:
        """Fold the event into the row, write it, then schedule its messages. An event that changes nothing is ignored.

        `anybody`: apply it whichever process owns the job, as for members' actions. All else is up to the owner.
        Raises: JobNotFoundError; TakenOverError, if another process owns the job now.
        """
        async with self._locks.setdefault(job_id, asyncio.Lock()):
            try:
                changed = await self._write(job_id, event, anybody=anybody)
            except (JobNotFoundError, TakenOverError):
                self._forget(job_id)
                raise
            self._live[job_id] = changed
            if changed.messages:
                self._unposted.discard(job_id)
        await self._follow_up(changed)
        return changed

    async def _write(self, job_id: str, event: Event, *, anybody: bool) -> Job:
        while True:
            job = await self.get(job_id)
            if not anybody and job.owner != self.owner:
                raise TakenOverError(job_id)
            changed = advance(job, event)
            if changed is job:
                return job
            if await self._store.save(changed, previous=job):
                self._metrics.job_changed(job, changed)
                if changed.state.final and not job.state.final:
                    log_end(changed)
                return changed
            self._live.pop(job_id, None)  # another process has changed it: read it again

    async def _follow_up(self, job: Job) -> None:
        if job.settled:
            await self._release(job)
        elif job.shown_version < job.version:
            self.show(job.id)
        elif job.owner != self.owner:
            self._forget(job.id)

    async def _release(self, job: Job) -> None:
        """Forget a settled job, and delete its files unless they are kept for its member."""
        self._forget(job.id)
        fetched = job.dropped_at is not None or any(image.picture for image in job.images)
        has_files = bool(job.request.images) or fetched
        if has_files and not job.undelivered and job.kept_until is None:
            await self._pictures.discard(job.id)

    def _forget(self, job_id: str) -> None:
        self._live.pop(job_id, None)
        self._locks.pop(job_id, None)
        self._unposted.discard(job_id)
        if settled := self._settled.pop(job_id, None):
            settled.set()

    async def wait_until_settled(self, job_id: str) -> None:
        """Wait until a job of this process is settled, or another process works on it."""
        if job_id in self._live:
            await self._settled.setdefault(job_id, asyncio.Event()).wait()

    # --- showing --------------------------------------------------------------------------------------------------

    def show(self, job_id: str) -> None:
        """Schedule an update of its messages."""
        self._message_sync.schedule(job_id)

    async def shown(self, job_id: str, event: Shown | GivenUp | Tidied | Mentioned) -> Job:
        """Note what its messages show now, or that they can't."""
        job = await self.apply(job_id, event, anybody=True)
        if not isinstance(event, Shown) or job.deleted_at is not None or job.messages == event.messages:
            return job
        self._presenter.doubt(job_id)
        return await self.apply(job_id, Overtaken(), anybody=True)

    async def wait_until_shown(self, job_id: str) -> Job:
        """Return the job once its messages show it as it is now, or can't be brought to."""
        await self._message_sync.synced(job_id)
        return await self.get(job_id)

    async def all_shown(self) -> None:
        await self._message_sync.idle()

    async def close(self) -> None:
        await self._message_sync.close()
