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
    SetFullError,
    TooLateError,
    VersionGoneError,
)
from studio.jobs.events import Abandoned, Cancelled, ChildJoined, Deleted, Dropped, Posted, VersionChosen
from studio.jobs.file_recovery import has_file
from studio.jobs.images import SetSlot
from studio.jobs.intake import Intake
from studio.jobs.job import UNDELIVERED_SECONDS, Job, PreparedRequest, new_job
from studio.jobs.messages import PostedMessage
from studio.jobs.recovery import Recovery
from studio.jobs.redelivery import Redelivery
from studio.jobs.references import References
from studio.jobs.reservations import Reservations
from studio.jobs.runner import Runner
from studio.jobs.sets import MOST_TOGETHER, check_room
from studio.jobs.states import JobState, Path
from studio.jobs.task_results import CallbackInbox, TaskResults
from studio.jobs.workers import Workers
from studio.patience import CLOSING_SECONDS, waiting
from studio.quota.ledger import PERSONAL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

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
        self._pictures = ports.pictures
        self._clock = clock
        self.references = References(ports.links, ports.pictures, clock)
        self._rows = ActiveJobs(
            ports.store, ports.presenter, ports.pictures, self.references, ports.metrics, clock, process
        )
        self._ceiling = CeilingWatch(ports.quotas, ports.shared, ports.alerts, clock)
        self._reservations = Reservations(
            ports.quotas, self._rows, ports.metrics, self._ceiling, clock, place=self._place
        )
        self._callback_inbox = CallbackInbox(ports.store)
        task_results = TaskResults(ports.api, self._callback_inbox, clock, memory.usual_seconds)
        self.memory = memory
        self.admission = Admission(ports.shared, ports.api, ports.alerts, clock, process)
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
        together: Sequence[PreparedRequest] = (),
    ) -> Job:
        """Accept a request, which then always ends in a message. It runs once `posted` says where it is shown.

        This is the only way in: whatever a cog has checked before, settings, quota and admission are checked here.
        `member`: who pays, and in which server. `channels`: the channel, and then the channel and category it is in.
        `together`: more requests, whose pictures are shown with this one's; all are accepted, or none is.
        Raises: AccessDeniedError, AgeRestrictedSourceError, ClosingError, DrainingError, OutOfServiceError,
        ModelUnavailableError, QuotaExceededError, ClosedError, CrowdedError, TooManyUnderWayError;
        SetFullError, if they are more pictures than one set shows.
        """
        if together and sum(one.request.max_images for one in (prepared, *together)) > MOST_TOGETHER:
            raise SetFullError
        requests = await self.check(origin, (prepared, *together), member=member, channels=channels)
        job, *others = (self._new_job(origin, request) for request in requests)
        children = [_as_child(other, SetSlot(set_id=job.id)) for other in others]
        return await self._reservations.accept(member, job, children)

    async def check(
        self, origin: Origin, requests: Sequence[PreparedRequest], *, member: Member, channels: tuple[int, ...]
    ) -> list[PreparedRequest]:
        """Return the requests as this place requires them. Raises what `submit` does, except for quotas."""
        settings = await self.settings(member)
        return [self._checked(one, settings, origin=origin, member=member, channels=channels) for one in requests]

    def _checked(
        self,
        prepared: PreparedRequest,
        settings: GuildSettings,
        *,
        origin: Origin,
        member: Member,
        channels: tuple[int, ...],
    ) -> PreparedRequest:
        """Return the request as this place requires it. Raises what `submit` does, except for quotas."""
        check_settings(settings, prepared, origin=origin, member=member, channels=channels)
        check_sources(prepared.sources, origin)
        if self._closing:
            raise ClosingError
        self.admission.check()
        if prepared.request.model not in self.memory.offered():
            raise ModelUnavailableError(prepared.request.model)
        return replace(prepared, request=as_required(settings, prepared.request))

    def _new_job(self, origin: Origin, prepared: PreparedRequest) -> Job:
        usual = self.memory.usual_seconds(prepared.request.model, prepared.request.max_images)
        return new_job(origin, prepared, owner=self._rows.owner, usual_seconds=usual)

    async def submit_child(
        self,
        origin: Origin,
        prepared: PreparedRequest,
        slot: SetSlot,
        *,
        member: Member,
        channels: tuple[int, ...],
    ) -> Job:
        """Accept a request whose pictures are shown by a set, in the message that the set has; it runs at once.

        Raises: what `submit` does, NotYoursError, JobNotFoundError; SetFullError, if the set can't have more pictures.
        """
        shown_by = await self.job(slot.set_id)
        if origin.user_id != shown_by.origin.user_id:
            raise NotYoursError
        check_room(shown_by, slot, prepared.request.max_images)
        settings = await self.settings(member)
        prepared = self._checked(prepared, settings, origin=origin, member=member, channels=channels)
        child = _as_child(self._new_job(origin, prepared), slot)
        child = await self._reservations.accept(member, child)
        with waiting():
            joining = ChildJoined(child, self._rows.owner, self._clock())
            shown_by = await self._rows.apply(slot.set_id, joining, anybody=True)
        if child.id not in {one.job_id for one in shown_by.children}:  # deleted or full by now
            await self.abandon(child.id)
            raise JobNotFoundError(slot.set_id) if shown_by.deleted_at else SetFullError
        self._intake.put(child)
        return child

    async def choose(self, job_id: str, index: int, *, by: int) -> Job:
        """Show a version of a picture in its slot. Returns the job once its message shows that, if it can.

        Raises: JobNotFoundError, NotYoursError, VersionGoneError.
        """
        job = await self.job(job_id)
        if by != job.origin.user_id:
            raise NotYoursError
        image = next((image for image in job.images if image.index == index), None)
        if image is None or not (image in job.current or await has_file(job, image, self._pictures)):
            raise VersionGoneError
        await self._rows.apply(job_id, VersionChosen(index, self._clock()), anybody=True)
        return await self._rows.wait_until_shown(job_id)

    async def joined(self, child: Job) -> Job:
        """Return the set of a child once that has ended, and the set's message shows what it made, if it can.

        Raises: JobNotFoundError.
        """
        assert child.set_slot is not None  # noqa: S101 - children have one
        await self._rows.wait_until_settled(child.id)
        await self._rows.wait_until_shown(child.set_slot.set_id)
        return await self.job(child.set_slot.set_id)

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
        if job.owner != self._rows.owner:
            return
        self._intake.put(job)
        for child in job.children:
            self._intake.put(await self._rows.get(child.job_id))

    async def abandon(self, job_id: str) -> None:
        """Cancel a job whose placeholder could not be posted. It costs nothing."""
        with waiting():
            job = await self._rows.apply(job_id, Abandoned(self._clock()), anybody=True)
            for child in job.children:
                await self._rows.apply(child.job_id, Abandoned(self._clock()), anybody=True)

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
        """Cancel what wasn't sent of a job and of its children. It costs nothing.

        Raises: JobNotFoundError, NotYoursError, TooLateError; AlreadySentError, if any of it was sent.
        """
        parts = await self._apply_stop(job_id, Cancelled(self._clock()), by=by, may_manage=may_manage)
        if any(part.state is JobState.RUNNING for part in parts):
            raise AlreadySentError(await self.job(job_id))

    async def drop(self, job_id: str, *, by: int, may_manage: bool) -> Job:
        """Stop a job and its children. One that wasn't sent is cancelled; otherwise what is made is billed.

        The services' documents name no call that cancels a task, nor do they say that a connection that is closed saves
        anything. So its end is awaited, and charged as the service bills it. Returns the job.
        Raises: JobNotFoundError, NotYoursError, TooLateError.
        """
        await self._apply_stop(job_id, Dropped(self._clock()), by=by, may_manage=may_manage)
        return await self.job(job_id)

    async def _apply_stop(self, job_id: str, event: Cancelled | Dropped, *, by: int, may_manage: bool) -> list[Job]:
        """Apply it to the job and its children that haven't ended. Returns them as they are then."""
        job = await self.job(job_id)
        if by != job.origin.user_id and not may_manage:
            raise NotYoursError
        under_way = [child.job_id for child in job.children if not child.state.final]
        parts = [await self._rows.apply(part, event, anybody=True) for part in (job_id, *under_way)]
        for part in parts:
            if part.state is JobState.CANCELLED:
                self._intake.remove(part.id)
        if all(part.state.final and part.state is not JobState.CANCELLED and part.dropped_at is None for part in parts):
            raise TooLateError
        return parts

    async def delete(self, job: Job) -> Job:
        """Show nothing more of a job. Its messages are deleted by the caller. Returns the job with them."""
        job = await self._rows.apply(job.id, Deleted(self._clock()), anybody=True)
        self._intake.remove(job.id)
        for child in job.children:
            if not child.state.final:
                await self._rows.apply(child.job_id, Deleted(self._clock()), anybody=True)
                self._intake.remove(child.job_id)
        return job

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


def _as_child(job: Job, slot: SetSlot) -> Job:
    """Return the job as a child of a set: it has no message, so no token edits one."""
    return replace(job, set_slot=slot, mention=False, origin=replace(job.origin, token="", token_expires=0.0))
