"""Recovers jobs orphaned by crashed processes or failed deliveries.

A process lives as long as its lease, which it renews at every heartbeat. At its start, in every round, and as soon as
another process is missed, it claims the unsettled jobs of dead owners. A claim raises `version`, so whatever the old
owner still tries to write is refused. On SQLite a file lock guarantees a single process, so at its start every other
lease is dead. What becomes of a claimed job:

    child of a set without a message   waits for the set's placeholder; without a set, as below
    accepted, placeholder not noted    the placeholder is fetched by the interaction's token, or found among the replies
                                       to the message. Found: the job goes on. None: it is abandoned, as its member was
                                       never told that it was accepted. Unknown: it ends as interrupted.
    queued                             waits for its turn, unless it has expired
    running, task known                its task is looked up, or its callback waited for
    running by callback, answer lost   its callback is waited for; then it fails
    running by stream or plain answer  ends with what had arrived, which is charged; Retry is offered. A picture whose
                                       link was known and whose file wasn't fetched yet is fetched by `redelivery`
    ended, not shown                   is shown; pictures whose files are gone are fetched again by their links, which
                                       are looked up again if they no longer work

A message that only an interaction's token can edit (`Late`) says shortly before the token expires that the result will
come as a direct message, and shows nothing new after that, since it would be uploaded twice. If a token expires early,
its message stays as it is: nothing reaches it.
"""

from __future__ import annotations

import asyncio
import logging
import math
from contextlib import suppress
from typing import TYPE_CHECKING

from studio.errors import StudioError
from studio.jobs.errors import JobNotFoundError, UndeliverableError
from studio.jobs.events import Abandoned, Attempted, Broke, ImageArrived, Late, Posted
from studio.jobs.file_recovery import restore
from studio.jobs.job import MAX_ATTEMPTS, UNDELIVERED_SECONDS
from studio.jobs.job_log import job_fields
from studio.jobs.periodic import PeriodicTask
from studio.jobs.pictures import PictureUnavailable
from studio.jobs.states import Failure, JobState, Path, Reason
from studio.jobs.workers import PAUSE

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from studio.jobs.active_jobs import ActiveJobs
    from studio.jobs.admission import Admission
    from studio.jobs.api_memory import ApiMemory
    from studio.jobs.events import Event
    from studio.jobs.intake import Intake
    from studio.jobs.job import Job
    from studio.jobs.ports import JobPorts
    from studio.jobs.redelivery import Redelivery
    from studio.jobs.task_results import CallbackInbox
    from studio.jobs.workers import Workers

log = logging.getLogger(__name__)

LEASE_SECONDS = 20.0  # after its death, before a process's jobs are claimed
BEAT_SECONDS = 4.0
MISSED_SECONDS = 12.0  # without a beat, until the leases of processes that are alive may have expired
ROUND_SECONDS = 60.0
CALLBACKS_SECONDS = 1.0  # how soon a callback that another process received is noticed
LATE_SECONDS = 150.0  # before a token expires: long enough for a round to fall within
POSTING_SECONDS = 60.0  # how long posting a placeholder may take
CALLBACKS_KEPT_SECONDS = 24 * 3600.0
LEADER = "leader"


class Recovery:
    """Keeps this process's lease, and takes care of jobs that nobody works on.

    `process`: the name of the lease. `max_age`: seconds after which a waiting job expires.
    """

    def __init__(
        self,
        ports: JobPorts,
        rows: ActiveJobs,
        intake: Intake,
        workers: Workers,
        admission: Admission,
        memory: ApiMemory,
        callback_inbox: CallbackInbox,
        redelivery: Redelivery,
        *,
        process: str,
        max_age: float,
    ) -> None:
        self._store = ports.store
        self._pictures = ports.pictures
        self._presenter = ports.presenter
        self._leases = ports.leases
        self._retention = ports.retention
        self._clock = ports.clock
        self._rows = rows
        self._intake = intake
        self._workers = workers
        self._admission = admission
        self._memory = memory
        self._callback_inbox = callback_inbox
        self._redelivery = redelivery
        self._process = process
        self._max_age = max_age
        self._processes = 0
        self._beat_at, self._claims_from = math.inf, 0.0  # by the loop's clock
        self._heartbeat = PeriodicTask("heartbeat", self._beat, BEAT_SECONDS)
        self._rounds = PeriodicTask("recovery", self._round, ROUND_SECONDS)
        self._callbacks = PeriodicTask("callbacks", self._notify, CALLBACKS_SECONDS)
        self._retries = PeriodicTask("redelivery", self._redeliver, ROUND_SECONDS)

    async def start(self) -> None:
        """Take the lease and start to recover jobs."""
        await self._beat()
        for task in (self._heartbeat, self._rounds, self._callbacks, self._retries):
            task.start()

    async def stop(self) -> None:
        """Recover nothing any more. The lease is kept until `release`."""
        await asyncio.gather(*(task.stop() for task in (self._rounds, self._callbacks, self._retries)))

    async def release(self) -> None:
        """Give up the lease: from here on any process may claim what is left."""
        await self._heartbeat.stop()
        try:
            for name in (LEADER, self._process):
                await self._leases.release(name)
        except Exception:
            log.exception("the lease could not be released; it expires by itself")

    # --- periodic tasks -----------------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        await self._leases.hold(self._process, LEASE_SECONDS)
        self._note_beat(asyncio.get_running_loop().time())
        processes = await self._leases.processes()
        if processes < self._processes:
            self._rounds.soon()  # a process has died: its jobs need not wait for the next round
        self._processes = processes
        self._workers.share(processes, await self._leases.remaining(PAUSE))
        await self._admission.refresh()
        await self._memory.refresh()

    def _note_beat(self, now: float) -> None:
        """After a time without the database, let other processes renew their leases first: they had none either."""
        if now - self._beat_at > MISSED_SECONDS:
            self._claims_from = now + MISSED_SECONDS
        self._beat_at = now

    @property
    def _may_claim(self) -> bool:
        now = asyncio.get_running_loop().time()
        return now >= self._claims_from and now - self._beat_at <= MISSED_SECONDS

    async def _notify(self) -> None:
        """Wake up jobs whose callback has arrived: any process may have received it."""
        if waiting := set(self._callback_inbox.waiting):
            for job_id in await self._store.called_back(waiting):
                self._callback_inbox.notify(job_id)

    async def _redeliver(self) -> None:
        if await self._leases.hold(LEADER, 2 * ROUND_SECONDS):
            await self._redelivery.due()

    # --- recovery -------------------------------------------------------------------------------------------------

    async def _round(self) -> None:
        await self._leases.remaining(LEADER)  # waits for the database: after that, the last beat's time tells
        while self._may_claim and (jobs := await self._store.claim(self._rows.owner)):
            log.info("claimed %d orphaned jobs", len(jobs))
            for job in sorted(jobs, key=lambda job: job.set_slot is not None):  # sets first: children wait for them
                await self._try(job.id, self._resume(job))
        for job_id in await self._rows.unsettled():
            await self._try(job_id, self._check(job_id))
        await self._sweep()
        if await self._leases.hold(LEADER, 2 * ROUND_SECONDS):
            now = self._clock()
            await self._store.purge(tokens=now, callbacks=now - CALLBACKS_KEPT_SECONDS)
            await self._retention.tidy()

    async def _check(self, job_id: str) -> None:
        """Make sure that one of our jobs is worked on: end it if it has expired, resume it if it was dropped."""
        job = await self._announce_late(await self._rows.get(job_id))
        age = self._clock() - job.created_at
        accepted = bool(job.messages) or job.set_slot is not None
        if job.state is JobState.QUEUED and accepted and age > self._max_age:
            self._intake.remove(job_id)
            await self._rows.apply(job_id, Broke(Failure(reason=Reason.EXPIRED), self._clock()))
        elif job_id in self._intake or self._rows.is_being_shown(job_id) or job.settled:
            return
        elif job.messages or age > POSTING_SECONDS:
            await self._resume(job)

    async def _announce_late(self, job: Job) -> Job:
        """Say how the result will come while the token, which alone can edit the message, is still valid."""
        if job.state.final or not 0.0 < job.origin.token_expires - self._clock() <= LATE_SECONDS:
            return job
        return await self._rows.apply(job.id, Late())

    async def _try(self, job_id: str, recovery: Awaitable[None]) -> None:
        """Recover one job. Whatever fails keeps no other job from being recovered; the next round tries again."""
        try:
            await recovery
        except StudioError as error:
            log.debug("job %s is not resumed now: %s: %s", job_id, type(error).__name__, error)
        except Exception:
            job = self._rows.current(job_id)
            log.exception("job %s could not be resumed", job_id, extra=job_fields(job) if job else None)

    async def _resume(self, job: Job) -> None:
        self._rows.adopt(job)
        if job.set_slot is not None and not job.state.final:
            if not await self._has_set(job, job.set_slot.set_id):
                return
        elif not job.messages and not job.state.final:
            job = await self._rows.apply(job.id, await self._find_placeholder(job))
        if job.set_slot is None and await restore(job, self._pictures):
            job = await self._redelivery.renew_links(job)
            await restore(job, self._pictures)
        if job.state.final:
            self._rows.show(job.id)
        elif job.state is JobState.QUEUED or job.task_id is not None or job.path is Path.CALLBACK:
            self._intake.put(job)
            self._rows.show(job.id)
        else:
            await self._fetch_noted(job)
            await self._rows.apply(job.id, Broke(Failure(reason=Reason.INTERRUPTED), self._clock()))

    async def _has_set(self, job: Job, set_id: str) -> bool:
        """Return whether a child may go on: not before its set has a placeholder. Without a set it is abandoned."""
        with suppress(JobNotFoundError):
            shown_by = await self._rows.get(set_id)
            if shown_by.deleted_at is None and (shown_by.messages or not shown_by.state.final):
                return bool(shown_by.messages)
        if job.state is JobState.QUEUED:
            await self._rows.apply(job.id, Abandoned(self._clock()))
        return job.state is not JobState.QUEUED

    async def _fetch_noted(self, job: Job) -> None:
        """Fetch pictures whose links were noted, but whose files the last process didn't get any more."""
        missing = [image for image in job.images if not image.arrived and image.link is not None]
        if not missing or job.attempts >= MAX_ATTEMPTS:
            return
        await self._rows.apply(job.id, Attempted())
        for image in missing:
            with suppress(PictureUnavailable):  # its link stands for it
                picture = await self._pictures.fetch(job.id, image.index, image.link or "")
                await self._rows.apply(job.id, ImageArrived(image.index, picture, image.link, image.layer))

    async def _find_placeholder(self, job: Job) -> Event:
        """Find out whether the placeholder was posted. Without one the member doesn't know of the job, so it ends."""
        try:
            message = await self._presenter.find(job)
        except UndeliverableError:  # it may have been posted: the member gets a new message
            return Broke(Failure(reason=Reason.INTERRUPTED), self._clock())
        return Posted(message) if message else Abandoned(self._clock())

    async def _sweep(self) -> None:
        """Delete the files of jobs that need none. Files are listed before jobs, so new jobs are safe.

        Older versions of pictures go the earlier, the fuller the spool is: they never take a new result's room.
        """
        owners, now = await self._pictures.owners(), self._clock()
        early = await self._pictures.fullness() * UNDELIVERED_SECONDS if owners else 0.0
        unneeded = await self._store.without_need(
            owners, undelivered_since=now - UNDELIVERED_SECONDS, kept_until=now + early
        )
        for job_id in unneeded:
            await self._pictures.discard(job_id)
            log.debug("deleted the files of job %s", job_id)
