"""The one place where jobs are accepted, run and changed. Every event of every path enters by `_apply`."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import aclosing
from typing import TYPE_CHECKING

from seedream.errors import RateLimited, SeeDreamError
from studio.errors import ClosingError, JobNotFoundError, NotYoursError, TooLateError
from studio.events import (
    Abandoned,
    Broke,
    Cancelled,
    Deleted,
    Event,
    Moved,
    Posted,
    Requeued,
    Started,
    advance,
)
from studio.failures import failure_of
from studio.jobs import Failure, Job, JobState, PostedMessage, Reason, new_job
from studio.pictures import BadReference
from studio.projector import Projector
from studio.queue import FairQueue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seedream import ImageRequest
    from studio.events import Shown
    from studio.jobs import Origin, Parent, Source
    from studio.ports import Clock, Pictures, Presenter, Store
    from studio.runner import Runner

log = logging.getLogger(__name__)

RATE_LIMIT_PAUSE_SECONDS = 10.0  # when a 429 does not say how long
MOVE_SECONDS = 2.0  # at most so often are those who wait told how many are still ahead,
MOST_MOVED = 25  # and only so many of them: an edit each
AGAIN_SECONDS = (1.0, 3.0)  # before a request that certainly started nothing is sent again


# What is left of a request whose process ended: nobody knows whether it was carried out, so it isn't sent again.
_INTERRUPTED = Failure(reason=Reason.LOST, detail="The bot was restarted while it was being made.")


class ImageService:
    """Accepts jobs, runs them fairly, writes every change down and has it shown."""

    def __init__(
        self,
        *,
        store: Store,
        runner: Runner,
        pictures: Pictures,
        presenter: Presenter,
        clock: Clock,
        max_in_flight: int,
    ) -> None:
        self._store = store
        self._runner = runner
        self._pictures = pictures
        self._clock = clock
        self._max_in_flight = max_in_flight
        self._queue = FairQueue(time.monotonic)
        self._projector = Projector(presenter, self)
        self._live: dict[str, Job] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._workers: list[asyncio.Task[None]] = []
        self._running: set[str] = set()
        self._failures: dict[str, int] = {}
        self._moving: asyncio.Task[None] | None = None
        self._closing = False

    # --- life ---------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Take on what an earlier process has left, then whatever comes."""
        await self._recover()
        self._workers = [
            asyncio.create_task(self._work(), name=f"worker-{number}") for number in range(self._max_in_flight)
        ]

    async def _recover(self) -> None:
        """Nothing that was accepted is lost: what waits runs, what was shown in part is shown, what may have been paid
        for is looked up where it has a task, and is never asked for again.
        """
        jobs = await self._store.unsettled()
        swept = await self._pictures.sweep({job.id for job in jobs})
        for job in jobs:
            self._live[job.id] = job
            if not job.messages:
                await self.abandon(job.id)  # nobody was told that it was accepted
            elif job.state is JobState.QUEUED or (job.state is JobState.RUNNING and job.task_id):
                self._enqueue(job)
            elif job.state is JobState.RUNNING:
                await self._apply(job.id, Broke(_INTERRUPTED, self._clock()))
            else:
                self._projector.poke(job.id)
        if jobs or swept:
            log.info("took on %d jobs that were left, and removed %d files of others", len(jobs), swept)

    async def close(self, *, grace: float) -> None:
        """Take no more; give what is running `grace` seconds to end and to be shown."""
        self._closing = True
        self._queue.close()
        if self._moving:
            self._moving.cancel()
        try:
            async with asyncio.timeout(grace):
                await asyncio.gather(*self._workers)
                await self._projector.idle()
        except TimeoutError:
            log.warning("%d jobs had not ended after %g s", len(self._live), grace)
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self._projector.close()

    # --- what people ask for ------------------------------------------------------------------------------------

    async def submit(
        self,
        origin: Origin,
        request: ImageRequest,
        *,
        parent: Parent | None = None,
        sources: Sequence[Source | None] = (),
        note: str = "",
    ) -> Job:
        """Accept a request: from here on it ends in a message. It runs once `posted` says where it is shown.

        What it came from, where its pictures lie, and a line for the member stay with it. Raises: ClosingError.
        """
        if self._closing:
            raise ClosingError
        place = max(0, len(self._queue) + len(self._running) + 1 - self._max_in_flight)
        job = new_job(
            origin=origin,
            request=request,
            place=place,
            now=self._clock(),
            parent=parent,
            sources=tuple(sources),
            note=note,
        )
        await self._store.insert(job)
        self._live[job.id] = job
        return job

    async def posted(self, job_id: str, message: PostedMessage) -> None:
        """Its placeholder is there: it may run."""
        self._enqueue(await self._apply(job_id, Posted(message)))

    def _enqueue(self, job: Job) -> None:
        place = job.origin.guild_id or job.origin.user_id
        self._queue.put(job.id, place=place, member=job.origin.user_id)

    async def abandon(self, job_id: str) -> None:
        """Its placeholder could not be posted: nothing is made, nothing is spent."""
        await self._apply(job_id, Abandoned(self._clock()))

    async def job(self, job_id: str, *, deleted: bool = False) -> Job:
        """The job as it is now; `deleted`: also one that was taken away. Raises: JobNotFoundError."""
        job = self._live.get(job_id) or await self._store.get(job_id)
        if job is None or (job.deleted_at is not None and not deleted):
            raise JobNotFoundError(job_id)
        return job

    async def cancel(self, job_id: str, *, by: int, may_manage: bool) -> None:
        """Give up a job that still waits: it costs nothing.

        Raises: JobNotFoundError, NotYoursError, TooLateError.
        """
        job = await self.job(job_id)
        if by != job.origin.user_id and not may_manage:
            raise NotYoursError
        if (await self._apply(job_id, Cancelled(self._clock()))).state is not JobState.CANCELLED:
            raise TooLateError
        self._queue.remove(job_id)
        self._queue_moved()

    async def delete(self, job: Job) -> None:
        """From here on nothing is shown of it; its messages are the caller's to take away."""
        await self._apply(job.id, Deleted(self._clock()))
        self._queue.remove(job.id)
        await self._pictures.discard(job.id)

    # --- the door -----------------------------------------------------------------------------------------------

    async def _apply(self, job_id: str, event: Event) -> Job:
        """Write what the event changes, then have it shown. Every change of every job goes through here."""
        async with self._locks.setdefault(job_id, asyncio.Lock()):
            job = self._live.get(job_id) or await self._store.get(job_id)
            while True:
                if job is None:
                    raise JobNotFoundError(job_id)
                changed = advance(job, event)
                if changed is job or await self._store.save(changed, expected_version=job.version):
                    break
                job = await self._store.get(job_id)
            self._live[job_id] = changed
        if changed.settled:
            await self._let_go(changed)
        elif changed.shown_version < changed.version:
            self._projector.poke(job_id)
        return changed

    async def _let_go(self, job: Job) -> None:
        """The row says it all: keep nothing in memory, and no file that Discord holds."""
        self._forget(job.id)
        if any(image.picture for image in job.images):
            await self._pictures.discard(job.id)

    def _forget(self, job_id: str) -> None:
        self._live.pop(job_id, None)
        self._locks.pop(job_id, None)
        self._failures.pop(job_id, None)

    # --- projector's view ---------------------------------------------------------------------------------------

    def current(self, job_id: str) -> Job | None:
        return self._live.get(job_id)

    async def shown(self, job_id: str, event: Shown) -> None:
        await self._apply(job_id, event)

    def kept(self, job_id: str) -> None:
        job = self._live.get(job_id)
        if job and job.state.final:
            self._forget(job_id)

    # --- work ---------------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        while (job_id := await self._queue.get()) is not None:
            self._running.add(job_id)
            self._queue_moved()
            try:
                await self._run(job_id)
            except Exception:
                log.exception("job %s could not be taken on", job_id)
            finally:
                self._running.discard(job_id)

    async def _run(self, job_id: str) -> None:
        job = self._live.get(job_id)
        if job is None or job.state.final:
            return
        try:
            async with aclosing(self._runner.run(job)) as events:
                async for event in events:
                    changed = await self._apply(job_id, event)
                    if isinstance(event, Started) and changed.state is not JobState.RUNNING:
                        return  # cancelled or deleted at the last moment: the request does not leave
        except (SeeDreamError, BadReference) as error:
            log.warning("job %s: %s", job_id, error)
            if isinstance(error, SeeDreamError) and error.safe_to_resend and self._has_another_try(job_id, error):
                await self._apply(job_id, Requeued())
                self._take_again(job_id, error)
            else:
                await self._apply(job_id, Broke(failure_of(error), self._clock()))
        except Exception as error:
            log.exception("job %s failed", job_id)
            await self._apply(job_id, Broke(failure_of(error), self._clock()))

    def _queue_moved(self) -> None:
        """Somebody left the queue: those behind are told soon, all at once."""
        if len(self._queue) and not self._closing and (self._moving is None or self._moving.done()):
            self._moving = asyncio.create_task(self._tell_places(), name="places")

    async def _tell_places(self) -> None:
        await asyncio.sleep(MOVE_SECONDS)
        try:
            for ahead, job_id in enumerate(self._queue.order()[:MOST_MOVED], 1):
                job = self._live.get(job_id)
                if job and job.place:  # who was never told of a queue is not told now
                    await self._apply(job_id, Moved(ahead))
        except Exception:
            log.exception("those who wait could not be told their places")

    def _has_another_try(self, job_id: str, error: SeeDreamError) -> bool:
        """A rate limit is waited out however often; any other fault, a few times."""
        if not isinstance(error, RateLimited):
            self._failures[job_id] = self._failures.get(job_id, 0) + 1
        return self._failures.get(job_id, 0) <= len(AGAIN_SECONDS)

    def _take_again(self, job_id: str, error: SeeDreamError) -> None:
        """Back to the head of the queue: after a pause for everybody if it was a rate limit."""
        if isinstance(error, RateLimited):
            self._queue.pause(RATE_LIMIT_PAUSE_SECONDS if error.retry_after is None else error.retry_after)
            self._queue.put_first(job_id)
        else:
            delay = AGAIN_SECONDS[self._failures[job_id] - 1]
            asyncio.get_running_loop().call_later(delay, self._queue.put_first, job_id)
