"""Runs jobs: fairly, a limited number at once, and again if it is certain that the request didn't start.

A 429 puts the job back at the head of the queue and pauses all jobs of all processes (lease PAUSE) for `Retry-After`.
A member's place in the queue is shown when it changes, at most every two seconds and only to the first 25; a job that
starts at once is never edited to say so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from seedream.errors import RateLimited, SeeDreamError
from studio.errors import UnavailableError
from studio.jobs.advance import advance
from studio.jobs.errors import TakenOverError
from studio.jobs.events import Broke, Interrupted, Moved, Requeued, Started
from studio.jobs.failures import failure_of
from studio.jobs.pictures import BadReference
from studio.jobs.queue import FairQueue
from studio.jobs.rate_limits import RateLimits
from studio.jobs.states import Failure, JobState, Reason
from studio.jobs.turns import task_for

if TYPE_CHECKING:
    from studio.clock import Clock
    from studio.jobs.active_jobs import ActiveJobs
    from studio.jobs.admission import Admission
    from studio.jobs.events import Event
    from studio.jobs.job import Job
    from studio.jobs.metrics import MetricsSink
    from studio.jobs.ports import Leases
    from studio.jobs.runner import Runner

log = logging.getLogger(__name__)

MOVE_SECONDS = 2.0  # places in the queue are shown at most this often,
MOST_MOVED = 25  # and only this many: each is an edit
RETRY_SECONDS = (1.0, 3.0)  # before a request that certainly didn't start is sent again
LAST_LOOK_SECONDS = 60.0  # to look up a task of a job that is too old
PAUSE = "api-pause"  # the lease that pauses all processes while the service asks to slow down


class Workers:
    """`most`: jobs at once, of all processes together. `max_age`: seconds after which a waiting job expires."""

    def __init__(
        self,
        rows: ActiveJobs,
        runner: Runner,
        admission: Admission,
        leases: Leases,
        metrics: MetricsSink,
        clock: Clock,
        *,
        most: int,
        max_age: float,
    ) -> None:
        self._rows = rows
        self._admission = admission
        self._metrics = metrics
        self._runner = runner
        self._leases = leases
        self._clock = clock
        self._most = most
        self._max_age = max_age
        self._queue = FairQueue(time.monotonic, most)
        self._held: set[str] = set()  # waiting, running, or about to be retried
        self._running: set[asyncio.Task[None]] = set()
        self._failures: dict[str, int] = {}
        self._rate_limits = RateLimits()
        self._dispatching: asyncio.Task[None] | None = None
        self._moving: asyncio.Task[None] | None = None
        self._closing = False

    def start(self) -> None:
        self._dispatching = asyncio.create_task(self._dispatch(), name="worker-dispatch")

    async def close(self, *, grace: float) -> None:
        """Start no more jobs, and give running ones `grace` seconds to end and to be shown."""
        self._closing = True
        for task in (self._dispatching, self._moving):
            if task:
                task.cancel()
        try:
            async with asyncio.timeout(grace):
                await asyncio.gather(*self._running)
                await self._rows.all_shown()
        except TimeoutError:
            log.warning("not all jobs ended within %g s; another process will take over the rest", grace)

    # --- waiting --------------------------------------------------------------------------------------------------

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._held

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def running(self) -> int:
        return len(self._running)

    def place(self, member: int, *, besides: int) -> int:
        """Return how many jobs are ahead of a new one. `besides`: accepted ones that will join the queue first."""
        return self._queue.place(member, besides=besides)

    def put(self, job: Job) -> None:
        """Queue a job. One that was sent already goes first, as its result is only looked up."""
        if job.id in self._held:
            return
        self._held.add(job.id)
        if job.state is JobState.RUNNING:
            self._queue.put_first(job.id, member=job.origin.user_id)
        else:
            self._queue.put(job.id, place=job.origin.guild_id or job.origin.user_id, member=job.origin.user_id)

    def remove(self, job_id: str) -> None:
        """Take a job out of the queue. A running one goes on."""
        if self._queue.remove(job_id):
            self._release(job_id)
            self._queue_moved()

    def share(self, processes: int, pause: float) -> None:
        """Take this process's share of the jobs at once, and pause for so many seconds."""
        self._queue.share(max(1, self._most // max(1, processes)))
        self._queue.pause(pause)

    def _release(self, job_id: str) -> None:
        self._held.discard(job_id)
        self._failures.pop(job_id, None)

    def _queue_moved(self) -> None:
        """Schedule one update of all places, as a job left the queue."""
        if len(self._queue) and not self._closing and (self._moving is None or self._moving.done()):
            self._moving = asyncio.create_task(self._show_places(), name="places")

    async def _show_places(self) -> None:
        await asyncio.sleep(MOVE_SECONDS)
        try:
            for ahead, job_id in enumerate(self._queue.order()[:MOST_MOVED], 1):
                job = self._rows.current(job_id)
                if job and job.place:  # a job whose placeholder showed no place doesn't get one
                    await self._rows.apply(job_id, Moved(ahead))
        except Exception:
            log.exception("places in the queue could not be shown")

    # --- running --------------------------------------------------------------------------------------------------

    async def _dispatch(self) -> None:
        while True:
            job_id = await self._queue.get()
            task = task_for(self._rows.current(job_id), self._work(job_id), name=f"worker-{job_id}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            self._queue_moved()

    async def _work(self, job_id: str) -> None:
        again = False
        try:
            again = await self._run(job_id)
        except TakenOverError:
            log.warning("job %s was taken over by another process", job_id)
        except UnavailableError as error:
            log.warning("job %s could not be written: %s; recovery will try again", job_id, error)
        except Exception:
            log.exception("job %s could not be run; recovery will try again", job_id)
        finally:
            self._queue.done(job_id)
            if not again:
                self._release(job_id)

    async def _run(self, job_id: str) -> bool:
        """Run a job to its end; True if it was put back and will run again."""
        job = self._rows.current(job_id)
        if job is None or job.state.final:
            return False
        if failure := await self._refused(job):
            await self._rows.apply(job_id, Broke(failure, self._clock()))
            return False
        try:
            async with asyncio.timeout(self._time_for(job)) as in_time:
                await (self._apply_all(job) if job.state is JobState.QUEUED else self._resume(job))
        except (SeeDreamError, BadReference) as error:
            log.warning("job %s: %s", job_id, error)
            if isinstance(error, SeeDreamError):
                self._metrics.api_failed(error)
            if isinstance(error, SeeDreamError) and error.safe_to_resend and self._may_retry(job_id, error):
                sent_at = self._sent_at(job_id)
                await self._rows.apply(job_id, Requeued())
                await self._put_back(job_id, job.origin.user_id, error, sent_at)
                return True
            await self._apply(job_id, Broke(failure_of(error), self._clock()))
        except TimeoutError:
            if not in_time.expired():
                raise
            await self._apply(job_id, Broke(Failure(reason=Reason.EXPIRED), self._clock()))
        except (TakenOverError, UnavailableError):
            raise
        except Exception:
            log.exception("job %s failed", job_id)
            await self._apply(job_id, Broke(Failure(reason=Reason.INTERNAL), self._clock()))
        return False

    async def _refused(self, job: Job) -> Failure | None:
        """Return why the job must not be sent: it is too old, or the circuit breaker is open."""
        if not self._time_for(job):
            return Failure(reason=Reason.EXPIRED)
        return await self._admission.refused(job) if job.state is JobState.QUEUED else None

    def _time_for(self, job: Job) -> float:
        """Return the seconds until the job expires. One that was sent is paid for, so it is always looked up."""
        least = LAST_LOOK_SECONDS if job.state is JobState.RUNNING else 0.0
        return max(least, job.created_at + self._max_age - self._clock())

    async def _resume(self, job: Job) -> None:
        """Go on with a job that was sent. If this process stops in good order meanwhile, no attempt is counted."""
        try:
            await self._apply_all(job)
        except asyncio.CancelledError:
            await self._rows.apply(job.id, Interrupted())
            raise

    async def _apply_all(self, job: Job) -> None:
        async with aclosing(self._runner.run(job)) as events:
            async for event in events:
                changed = await self._apply(job.id, event)
                if isinstance(event, Started) and changed.started_at != event.at:
                    return  # cancelled, deleted or started elsewhere at the last moment: it must not be sent
                if not isinstance(event, Started | Broke):
                    self._rate_limits = self._rate_limits.passed(sent_at=self._sent_at(job.id))

    def _sent_at(self, job_id: str) -> float:
        job = self._rows.current(job_id)
        return self._clock() if job is None or job.started_at is None else job.started_at

    async def _apply(self, job_id: str, event: Event) -> Job:
        """Write what happened to the job, after the circuit breaker knows it: a member may react to what is shown."""
        if job := self._rows.current(job_id):
            await self._admission.learn(advance(job, event))
        return await self._rows.apply(job_id, event)

    def _may_retry(self, job_id: str, error: SeeDreamError) -> bool:
        """Whether to retry: always after a rate limit, and a few times after other errors."""
        if isinstance(error, RateLimited):
            return True
        self._failures[job_id] = self._failures.get(job_id, 0) + 1
        return self._failures[job_id] <= len(RETRY_SECONDS)

    async def _put_back(self, job_id: str, member: int, error: SeeDreamError, sent_at: float) -> None:
        """Put a job back at the head of the queue, after a pause: for all jobs if it met a rate limit."""
        put_first = partial(self._queue.put_first, job_id, member=member)
        if not isinstance(error, RateLimited):
            asyncio.get_running_loop().call_later(RETRY_SECONDS[self._failures[job_id] - 1], put_first)
            return
        self._rate_limits = self._rate_limits.met(sent_at=sent_at, now=self._clock())
        seconds = self._rate_limits.pause() if error.retry_after is None else error.retry_after
        self._queue.pause(seconds)
        put_first()
        try:
            await self._leases.extend(PAUSE, seconds)
        except Exception:
            log.exception("other processes could not be paused after a rate limit")
