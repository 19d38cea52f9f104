"""Keeps the promise to whoever was accepted: what a dead process has left is taken on, and so is what fell by the way.

Every process has a lease for as long as it lives, and owns jobs. When it dies, its lease ends, and any other claims
its jobs. Each is then taken on as it stands: what waits runs; what the service has is waited for, never sent again;
what may or may not have been sent ends with what had arrived; what is not shown as it is, is shown.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from studio.errors import StudioError
from studio.jobs.errors import DeliveryDelayedError, UndeliverableError
from studio.jobs.events import Abandoned, Broke, Late, Posted
from studio.jobs.file_recovery import restore
from studio.jobs.job import UNDELIVERED_SECONDS, Failure, JobState, Path, Reason
from studio.jobs.periodic import PeriodicTask
from studio.jobs.workers import PAUSE

if TYPE_CHECKING:
    from studio.clock import Clock
    from studio.jobs.active_jobs import ActiveJobs
    from studio.jobs.admission import Admission
    from studio.jobs.api_memory import ApiMemory
    from studio.jobs.events import Event
    from studio.jobs.job import Job
    from studio.jobs.ports import JobStore, Leases, Pictures, Presenter
    from studio.jobs.redelivery import Redelivery
    from studio.jobs.task_results import CallbackInbox
    from studio.jobs.workers import Workers
    from studio.members.privacy import Retention

log = logging.getLogger(__name__)

LEASE_SECONDS = 20.0  # so long after its death a process's jobs are taken on
BEAT_SECONDS = 4.0
ROUND_SECONDS = 60.0
LETTERS_SECONDS = 1.0  # how soon a callback that another process has taken is seen
LATE_SECONDS = 150.0  # before a token ends, so that a round falls within them
POSTING_SECONDS = 60.0  # so long a placeholder may take to be posted
CALLBACKS_KEPT_SECONDS = 24 * 3600.0
LEADER = "leader"


class Recovery:
    """`process`: the name of this process's lease. `max_age`: seconds after which a job that waits is ended."""

    def __init__(
        self,
        *,
        store: JobStore,
        rows: ActiveJobs,
        workers: Workers,
        admission: Admission,
        memory: ApiMemory,
        pictures: Pictures,
        presenter: Presenter,
        callback_inbox: CallbackInbox,
        redelivery: Redelivery,
        leases: Leases,
        archive: Retention,
        clock: Clock,
        process: str,
        max_age: float,
    ) -> None:
        self._store = store
        self._rows = rows
        self._workers = workers
        self._admission = admission
        self._memory = memory
        self._pictures = pictures
        self._presenter = presenter
        self._callback_inbox = callback_inbox
        self._redelivery = redelivery
        self._leases = leases
        self._archive = archive
        self._clock = clock
        self._process = process
        self._max_age = max_age
        self._processes = 0
        self._beating = PeriodicTask("beats", self._beat, BEAT_SECONDS)
        self._taking_on = PeriodicTask("rounds", self._round, ROUND_SECONDS)
        self._listening = PeriodicTask("letters", self._listen, LETTERS_SECONDS)
        self._redelivering = PeriodicTask("redelivery", self._redeliver, ROUND_SECONDS)

    async def start(self) -> None:
        """Live from here on, and take on what is left."""
        await self._beat()
        for loop in (self._beating, self._taking_on, self._listening, self._redelivering):
            loop.start()

    async def stop(self) -> None:
        """Take nothing on any more; the lease goes on until `release`."""
        await asyncio.gather(*(loop.stop() for loop in (self._taking_on, self._listening, self._redelivering)))

    async def release(self) -> None:
        """Hand over what is left: from here on any process may claim it."""
        await self._beating.stop()
        try:
            for name in (LEADER, self._process):
                await self._leases.release(name)
        except Exception:
            log.exception("the lease could not be given back; it ends by itself")

    # --- living -------------------------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        await self._leases.hold(self._process, LEASE_SECONDS)
        processes = await self._leases.processes()
        if processes < self._processes:
            self._taking_on.soon()  # one has died: what it has left is not left waiting for the next round
        self._processes = processes
        self._workers.share(processes, await self._leases.remaining(PAUSE))
        await self._admission.refresh()
        await self._memory.refresh()

    async def _listen(self) -> None:
        """Any process may be told what the service posts; the one that waits for it looks here."""
        if waiting := set(self._callback_inbox.waiting):
            for job_id in await self._store.called_back(waiting):
                self._callback_inbox.notify(job_id)

    async def _redeliver(self) -> None:
        if await self._leases.hold(LEADER, 2 * ROUND_SECONDS):
            await self._redelivery.due()

    # --- taking on ------------------------------------------------------------------------------------------------

    async def _round(self) -> None:
        taken = 0
        while jobs := await self._store.claim(self._rows.owner):
            taken += len(jobs)
            for job in jobs:
                self._rows.adopt(job)
                await self._taken_on(job)
        for job_id in await self._rows.unsettled():
            await self._looked_after(job_id)
        swept = await self._sweep()
        if taken or swept:
            log.info("took on %d jobs that were left, and removed the files of %d others", taken, swept)
        if await self._leases.hold(LEADER, 2 * ROUND_SECONDS):
            now = self._clock()
            await self._store.purge(tokens=now - ROUND_SECONDS, callbacks=now - CALLBACKS_KEPT_SECONDS)
            await self._archive.tidy()

    async def _looked_after(self, job_id: str) -> None:
        """One of ours: is it in somebody's hands?"""
        job = await self._told_in_time(await self._rows.get(job_id))
        age = self._clock() - job.created_at
        if job.state is JobState.QUEUED and job.messages and age > self._max_age:
            self._workers.remove(job_id)
            await self._rows.apply(job_id, Broke(Failure(reason=Reason.EXPIRED), self._clock()))
        elif job_id in self._workers or self._rows.is_being_shown(job_id) or job.settled:
            return
        elif job.messages or age > POSTING_SECONDS:
            self._rows.adopt(job)
            await self._taken_on(job)

    async def _told_in_time(self, job: Job) -> Job:
        """Say how the result will come, while the token that alone can change the message still lives."""
        if job.state.final or not 0.0 < job.origin.token_expires - self._clock() <= LATE_SECONDS:
            return job
        return await self._rows.apply(job.id, Late())

    async def _taken_on(self, job: Job) -> None:
        try:
            await self._take_on(job)
        except DeliveryDelayedError as error:
            log.info("job %s is taken on later: %s", job.id, error)
        except StudioError as error:
            log.info("job %s is not taken on: %s", job.id, error or type(error).__name__)
        except Exception:
            log.exception("job %s could not be taken on", job.id)

    async def _take_on(self, job: Job) -> None:
        now = self._clock()
        if not job.messages and not job.state.final:
            job = await self._rows.apply(job.id, await self._what_was_posted(job))
        await restore(job, self._pictures)
        if job.state.final:
            self._rows.show(job.id)
        elif job.state is JobState.QUEUED or job.task_id is not None or job.path is Path.CALLBACK:
            self._workers.put(job)
            if job.shown_version < job.version:
                self._rows.show(job.id)
        else:
            await self._rows.apply(job.id, Broke(Failure(reason=Reason.INTERRUPTED), now))

    async def _what_was_posted(self, job: Job) -> Event:
        """Without a placeholder nobody was told that it was accepted, so nothing is made of it."""
        try:
            found = await self._presenter.find(job)
        except UndeliverableError:  # nobody can tell any more: the member is told in a new message
            return Broke(Failure(reason=Reason.INTERRUPTED), self._clock())
        return Posted(found) if found else Abandoned(self._clock())

    async def _sweep(self) -> int:
        """Remove the files of jobs that need none. Files are listed first: whatever comes meanwhile is left alone."""
        since = self._clock() - UNDELIVERED_SECONDS
        unneeded = await self._store.without_need(await self._pictures.owners(), undelivered_since=since)
        for job_id in unneeded:
            await self._pictures.discard(job_id)
        return len(unneeded)
