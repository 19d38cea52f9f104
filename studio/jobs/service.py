"""Accepts requests. Every accepted job ends in a message and is paid for at most once."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from studio.guilds.settings import GuildSettings
from studio.jobs.access import as_required, check_settings, check_sources
from studio.jobs.active_jobs import ActiveJobs
from studio.jobs.admission import Admission
from studio.jobs.ceiling_watch import CeilingWatch
from studio.jobs.errors import (
    AlreadySentError,
    ClosingError,
    JobNotFoundError,
    ModelUnavailableError,
    NotYoursError,
    TooLateError,
)
from studio.jobs.events import Abandoned, Cancelled, Deleted, Dropped, Posted
from studio.jobs.intake import Intake
from studio.jobs.job import UNDELIVERED_SECONDS, Job, JobState, Path, PreparedRequest, new_job
from studio.jobs.messages import PostedMessage
from studio.jobs.recovery import Recovery
from studio.jobs.redelivery import Redelivery
from studio.jobs.references import References
from studio.jobs.reservations import Reservations
from studio.jobs.runner import Runner
from studio.jobs.task_results import CallbackInbox, TaskResults
from studio.jobs.workers import Workers
from studio.patience import CLOSING_SECONDS, waiting
from studio.quota.ledger import PERSONAL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from seedream.callbacks import Callback
    from studio.jobs.api_memory import ApiMemory
    from studio.jobs.events import Shown
    from studio.jobs.job import Origin
    from studio.jobs.messages import PostedMessage
    from studio.jobs.paths import Delivery
    from studio.jobs.ports import JobPorts
    from studio.jobs.reservations import QuotaStatus
    from studio.quota.limits import Member

log = logging.getLogger(__name__)


class ImageService:
    """The interface of jobs to the cogs and the web server.

    `process`: the name of this process's lease, under which it owns jobs. `max_in_flight`: requests to the API at once,
    of all processes together. `max_age`: seconds after which a waiting job expires. `inline`, `callback_url`: see
    Runner.
    """

    def __init__(
        self,
        ports: JobPorts,
        memory: ApiMemory,
        delivery: Delivery,
        *,
        process: str,
        max_in_flight: int,
        max_age: float,
        inline: bool,
        callback_url: Callable[[str], str] | None = None,
    ) -> None:
        clock = ports.clock
        self._store = ports.store
        self._guilds = ports.guilds
        self._clock = clock
        self._rows = ActiveJobs(ports.store, ports.presenter, ports.pictures, ports.metrics, clock, process)
        self._ceiling = CeilingWatch(ports.quotas, ports.shared, ports.alerts, clock)
        self._reservations = Reservations(
            ports.quotas, self._rows, ports.metrics, self._ceiling, clock, place=self._place
        )
        self._callback_inbox = CallbackInbox(ports.store)
        task_results = TaskResults(ports.api, self._callback_inbox, clock, memory.usual_seconds)
        self.memory = memory
        self.admission = Admission(ports.shared, ports.api, ports.alerts, clock, process)
        self.references = References(ports.links, ports.pictures, clock)
        runner = Runner(
            ports.api,
            ports.pictures,
            self.references,
            task_results,
            memory,
            delivery,
            clock,
            is_dropped=self._rows.is_dropped,
            inline=inline,
            callback_url=callback_url,
        )
        self._workers = Workers(
            self._rows, runner, self.admission, ports.leases, ports.metrics, clock, most=max_in_flight, max_age=max_age
        )
        self._intake = Intake(self._rows, self.references, self._workers, clock)
        self._redelivery = Redelivery(ports, self._rows)
        self._recovery = Recovery(
            ports,
            self._rows,
            self._intake,
            self._workers,
            self.admission,
            memory,
            self._callback_inbox,
            self._redelivery,
            process=process,
            max_age=max_age,
        )
        self._closing = False

    @property
    def waiting(self) -> int:
        """How many jobs are queued."""
        return self._intake.waiting

    @property
    def running(self) -> int:
        """How many jobs are running."""
        return self._workers.running

    async def start(self) -> None:
        """Start to run jobs, and recover those that dead processes have left."""
        self._workers.start()
        self._intake.start()
        await self._recovery.start()
        self._ceiling.look()

    async def close(self, *, grace: float) -> None:
        """Accept no more, give running jobs `grace` seconds to end and to be shown, and leave the rest to others."""
        self._closing = True
        log.info("stopping: %d jobs run and get %g s to end, %d wait", self.running, grace, self.waiting)
        await self._recovery.stop()
        await self._intake.close()
        await self._workers.close(grace=grace)
        with waiting(CLOSING_SECONDS):
            await self._rows.close()
            left = len(self._rows)
            log.info("stopped: %d jobs are left to the next start or to another process", left, extra={"left": left})
            await self._ceiling.close()
            await self.admission.close()
            await self.memory.close()
            await self._recovery.release()

    # --- members' actions ---------------------------------------------------------------------------------------

    async def submit(
        self,
        origin: Origin,
        prepared: PreparedRequest,
        *,
        member: Member,
        channels: tuple[int, ...],
    ) -> Job:
        """Accept a request, which then always ends in a message. It runs once `posted` says where it is shown.

        This is the only way in: whatever a cog has checked before, settings, quota and admission are checked here.
        `member`: who pays, and in which server. `channels`: the channel, and then the channel and category it is in.
        Raises: AccessDeniedError, AgeRestrictedSourceError, ClosingError, DrainingError, OutOfServiceError,
        ModelUnavailableError, QuotaExceededError, ClosedError, CrowdedError, TooManyUnderWayError.
        """
        settings = await self.settings(member)
        check_settings(settings, prepared, origin=origin, member=member, channels=channels)
        check_sources(prepared.sources, origin)
        prepared = replace(prepared, request=as_required(settings, prepared.request))
        if self._closing:
            raise ClosingError
        self.admission.check()
        if prepared.request.model not in self.memory.offered():
            raise ModelUnavailableError(prepared.request.model)
        return await self._reservations.accept(member, new_job(origin, prepared, owner=self._rows.owner))

    def _place(self, member: int) -> int:
        """How many jobs are before a new one of this member."""
        return self._intake.place(member, besides=self._rows.unposted)

    async def settings(self, member: Member) -> GuildSettings:
        """Those of the member's server; outside of servers nothing is set."""
        return GuildSettings() if member.server_id == PERSONAL else await self._guilds.of(member.server_id)

    async def quota(self, member: Member) -> QuotaStatus:
        """Return a member's usage of every limit that applies to them."""
        return await self._reservations.overview(member)

    async def posted(self, job_id: str, message: PostedMessage) -> None:
        """Note the placeholder, and take the job in."""
        with waiting():
            job = await self._rows.apply(job_id, Posted(message), anybody=True)
        if job.owner == self._rows.owner:
            self._intake.put(job)

    async def abandon(self, job_id: str) -> None:
        """Cancel a job whose placeholder could not be posted. It costs nothing."""
        with waiting():
            await self._rows.apply(job_id, Abandoned(self._clock()), anybody=True)

    async def job(self, job_id: str, *, deleted: bool = False) -> Job:
        """Return the job as it is now. `deleted`: even if it was deleted. Raises: JobNotFoundError."""
        job = await self._rows.get(job_id)
        if job.deleted_at is not None and not deleted:
            raise JobNotFoundError(job_id)
        return job

    async def shown_in(self, message_id: int) -> Job | None:
        """Return the job whose first message this is; None if there is none."""
        job_id = await self._store.shown_in(message_id)
        with suppress(JobNotFoundError):
            return await self.job(job_id) if job_id else None
        return None

    async def undelivered(self, user_id: int) -> list[Job]:
        """List the member's undelivered results that are still kept, newest first."""
        return await self._store.undelivered(user_id, since=self._clock() - UNDELIVERED_SECONDS)

    async def hand_over(self, job: Job, show: Callable[[Job], Awaitable[Shown]]) -> None:
        """Deliver an undelivered result by `show`, which may raise what a presenter does.

        Raises: PictureUnavailable, if its pictures are gone by now; DeliveredAlreadyError.
        """
        await self._redelivery.hand_over(job, show)

    async def opened(self, channel_id: int) -> None:
        """Retry deliveries to this channel, which was opened or unlocked."""
        await self._redelivery.of_channel(channel_id)

    async def cancel(self, job_id: str, *, by: int, may_manage: bool) -> None:
        """Cancel a job that wasn't sent. It costs nothing.

        Raises: JobNotFoundError, NotYoursError, AlreadySentError, TooLateError.
        """
        job = await self._apply_stop(job_id, Cancelled(self._clock()), by=by, may_manage=may_manage)
        if job.state is JobState.RUNNING:
            raise AlreadySentError(job)

    async def drop(self, job_id: str, *, by: int, may_manage: bool) -> Job:
        """Stop a job, sent or not, and return it. One that wasn't sent is cancelled; otherwise what is made is billed.

        The services' documents name no call that cancels a task, nor do they say that a connection that is closed saves
        anything. So its end is awaited, and charged as the service bills it.
        Raises: JobNotFoundError, NotYoursError, TooLateError.
        """
        return await self._apply_stop(job_id, Dropped(self._clock()), by=by, may_manage=may_manage)

    async def _apply_stop(self, job_id: str, event: Cancelled | Dropped, *, by: int, may_manage: bool) -> Job:
        job = await self.job(job_id)
        if by != job.origin.user_id and not may_manage:
            raise NotYoursError
        job = await self._rows.apply(job_id, event, anybody=True)
        if job.state is JobState.CANCELLED:
            self._intake.remove(job_id)
        elif job.state.final and job.dropped_at is None:
            raise TooLateError
        return job

    async def delete(self, job: Job) -> None:
        """Show nothing more of a job. Its messages are deleted by the caller."""
        await self._rows.apply(job.id, Deleted(self._clock()), anybody=True)
        self._intake.remove(job.id)

    # --- callbacks ----------------------------------------------------------------------------------------------

    async def on_callback(self, job_id: str, body: bytes, callback: Callback) -> bool:
        """Store a job's callback and wake up whoever waits for it; False for an unknown job.

        One that comes twice, or after the job's end, changes nothing.
        """
        try:
            job = await self._rows.get(job_id)
        except JobNotFoundError:
            return False
        self.memory.learn_path(Path.CALLBACK, works=True)
        if job.state.final:
            log.debug("job %s has ended; ignored a callback of task %s", job_id, callback.task_id)
            return True
        await self._store.add_callback(job_id, body, self._clock())
        self._callback_inbox.notify(job_id)
        return True
