"""Takes new jobs in: their reference pictures are downloaded and prepared, and only then do they wait for their turn.

So a picture that can't be used is refused at once, a link can't expire in the queue, and a picture that takes long to
prepare holds none of the places of MAX_IN_FLIGHT. Members take turns here as they do in the queue. Jobs whose
preparation a process didn't survive are prepared one at a time, beside the others: should it die of one again, the
others are new, and none of them is given up.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from seedream.phrases import Phrase
from studio.jobs.errors import TakenOverError
from studio.jobs.events import Attempted, Broke, Interrupted
from studio.jobs.failures import failure_of
from studio.jobs.job import MAX_ATTEMPTS
from studio.jobs.pictures import BadReference
from studio.jobs.queue import FairQueue
from studio.jobs.states import Failure, JobState, Reason
from studio.jobs.turns import task_for

if TYPE_CHECKING:
    from studio.clock import Clock
    from studio.jobs.active_jobs import ActiveJobs
    from studio.jobs.job import Job
    from studio.jobs.references import References
    from studio.jobs.workers import Workers

log = logging.getLogger(__name__)

AT_ONCE = 4
PREPARING_SECONDS = 180.0
_TOO_SLOW = Phrase("A reference picture took too long to download and prepare. Attach a smaller one.")


class Intake:
    """Stands before `Workers`, with the same interface for jobs that wait."""

    def __init__(self, rows: ActiveJobs, references: References, workers: Workers, clock: Clock) -> None:
        self._rows = rows
        self._references = references
        self._workers = workers
        self._clock = clock
        self._new = FairQueue(time.monotonic, AT_ONCE)
        self._tried = FairQueue(time.monotonic, 1)
        self._held: set[str] = set()  # waiting to be prepared, or being prepared
        self._preparing: dict[str, asyncio.Task[None]] = {}
        self._dispatching: list[asyncio.Task[None]] = []

    def start(self) -> None:
        queues = (self._new, self._tried)
        self._dispatching = [asyncio.create_task(self._dispatch(queue), name="intake-dispatch") for queue in queues]

    async def close(self) -> None:
        """Prepare nothing more; another process prepares what is left."""
        tasks = [*self._dispatching, *self._preparing.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._held or job_id in self._workers

    @property
    def waiting(self) -> int:
        return len(self._held) + self._workers.waiting

    def place(self, member: int, *, besides: int) -> int:
        """Return how many jobs are ahead of a new one. `besides`: accepted ones that will be taken in first."""
        return self._workers.place(member, besides=besides + len(self._held))

    def put(self, job: Job) -> None:
        """Take a job in. One without reference pictures, or one that was sent, has nothing to prepare."""
        if job.id in self:
            return
        if job.state is JobState.RUNNING or not job.request.images:
            self._workers.put(job)
            return
        self._held.add(job.id)
        queue = self._tried if job.attempts else self._new
        queue.put(job.id, place=job.origin.guild_id or job.origin.user_id, member=job.origin.user_id)

    def remove(self, job_id: str) -> None:
        """Take a job out that isn't to run."""
        if self._new.remove(job_id) or self._tried.remove(job_id):
            self._held.discard(job_id)
        elif task := self._preparing.get(job_id):
            task.cancel()
        self._workers.remove(job_id)

    async def _dispatch(self, queue: FairQueue) -> None:
        while True:
            job_id = await queue.get()
            job = self._rows.current(job_id)
            self._preparing[job_id] = task_for(job, self._take_in(job_id, queue), name=f"intake-{job_id}")

    async def _take_in(self, job_id: str, queue: FairQueue) -> None:
        """Prepare the pictures of a job from a queue, and have it wait for its turn. Never raises."""
        job = None
        try:
            job = await self._prepare(job_id)
        except TakenOverError:
            log.warning("job %s was taken over by another process", job_id)
        except Exception:
            log.exception("job %s could not be prepared; recovery will try again", job_id)
        finally:
            queue.done(job_id)
            self._held.discard(job_id)
            self._preparing.pop(job_id, None)
        if job is not None and job.state is JobState.QUEUED:
            self._workers.put(job)

    async def _prepare(self, job_id: str) -> Job | None:
        """Return the job once its pictures are prepared, or as it has ended."""
        job = self._rows.current(job_id)
        if job is None or job.state is not JobState.QUEUED:
            return None
        if await self._references.are_prepared(job):
            return job
        if job.attempts >= MAX_ATTEMPTS:
            return await self._rows.apply(job_id, Broke(Failure(reason=Reason.CRASHED), self._clock()))
        job = await self._rows.apply(job_id, Attempted())
        try:
            async with asyncio.timeout(PREPARING_SECONDS):
                await self._references.prepare(job)
        except TimeoutError:
            return await self._end(job_id, BadReference(_TOO_SLOW))
        except BadReference as error:
            return await self._end(job_id, error)
        except asyncio.CancelledError:
            await self._rows.apply(job_id, Interrupted())
            raise
        return self._rows.current(job_id)

    async def _end(self, job_id: str, error: BadReference) -> Job:
        log.info("job %s: %s", job_id, error)
        return await self._rows.apply(job_id, Broke(failure_of(error), self._clock()))
