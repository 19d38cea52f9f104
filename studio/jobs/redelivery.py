"""Tries again what Discord has refused: a result that could be delivered nowhere, a message that nobody may edit.

Links that stand for pictures are renewed here before they die, and files that could not be got by them are fetched.

If a thread is locked while a job runs, the job's message is out of date and can't be edited until the thread is opened.
What is left to do is in the job's row, so any process can do it: when it is due (`retry_at`), and at once when Discord
reports that the thread was opened.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from studio.errors import StudioError
from studio.jobs.errors import DeliveredAlreadyError, DeliveryDelayedError, UndeliverableError
from studio.jobs.events import GivenUp, ImageRecovered, LinksRenewed, Tidied
from studio.jobs.file_recovery import new_links, require
from studio.jobs.job import UNDELIVERED_SECONDS
from studio.jobs.job_log import job_fields
from studio.jobs.links import renews_at, to_fetch
from studio.jobs.pictures import PictureUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from studio.clock import Clock
    from studio.jobs.active_jobs import ActiveJobs
    from studio.jobs.events import Shown
    from studio.jobs.job import Job
    from studio.jobs.ports import JobPorts

log = logging.getLogger(__name__)


class Redelivery:
    def __init__(self, ports: JobPorts, rows: ActiveJobs) -> None:
        self._store = ports.store
        self._rows = rows
        self._api = ports.api
        self._pictures = ports.pictures
        self._presenter = ports.presenter
        self._clock: Clock = ports.clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def hand_over(self, job: Job, show: Callable[[Job], Awaitable[Shown]]) -> None:
        """Deliver such a result by `show`, which may raise what a presenter does.

        Raises: PictureUnavailable; DeliveredAlreadyError if it was delivered meanwhile.
        """
        async with self._lock(job.id):
            job = await self._rows.get(job.id)
            if not job.undelivered:
                raise DeliveredAlreadyError
            await require(job, self._pictures, self._clock())
            await self._tidy(await self._rows.apply(job.id, await show(job), anybody=True))

    async def due(self) -> None:
        """Try everything that is due."""
        await self._retry_all(await self._store.to_retry(until=self._clock()))

    async def of_channel(self, channel_id: int) -> None:
        """Try everything that was refused in a channel, as something has changed there."""
        await self._retry_all(await self._store.refused_in(channel_id))

    async def _retry_all(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            try:
                async with self._lock(job.id):
                    await self._retry(await self._rows.get(job.id))
            except StudioError as error:
                log.debug("job %s was not delivered again: %s", job.id, error or type(error).__name__)
            except Exception:
                log.exception("job %s could not be delivered again", job.id, extra=job_fields(job))

    async def renew_links(self, job: Job) -> Job:
        """Look the job's task up for new links to pictures that aren't on Discord."""
        return await self._rows.apply(
            job.id, LinksRenewed(await new_links(job, self._api), self._clock()), anybody=True
        )

    async def _retry(self, job: Job) -> None:
        due = renews_at(job)
        if due is not None and due <= self._clock():
            job = await self.renew_links(job)
        job = await self._fetch_missing(job)
        is_being_shown = job.shown_version < job.version  # as something has changed just now
        if job.undelivered and job.state.final and not is_being_shown:
            job = await self._rows.apply(job.id, await self._show(job), anybody=True)
        await self._tidy(job)

    async def _fetch_missing(self, job: Job) -> Job:
        """Fetch pictures that only their links stand for; their message then shows them."""
        try:
            for image in to_fetch(job, self._clock()):
                picture = await self._pictures.fetch(job.id, image.index, image.link or "")
                job = await self._rows.apply(job.id, ImageRecovered(image.index, picture), anybody=True)
        except PictureUnavailable as error:  # the others are on the same host
            log.debug("job %s: %s", job.id, error)
        return job

    async def _tidy(self, job: Job) -> None:
        """Make replaced messages point to their successors, and set when there is something to do again."""
        done = await self._presenter.tidy(job) if job.replaced else frozenset[int]()
        if job.replaced or (job.retry_at is not None and job.retry_at <= self._clock()):
            await self._rows.apply(job.id, Tidied(done, self._clock()), anybody=True)

    async def _show(self, job: Job) -> Shown | GivenUp:
        try:
            await require(job, self._pictures, self._clock())
            return await self._presenter.show(job)
        except (UndeliverableError, PictureUnavailable) as error:
            log.debug("job %s is still not delivered: %s", job.id, error)
            return GivenUp(job.version, self._clock())
        except DeliveryDelayedError as error:  # that is no reason to take back what its messages show
            log.debug("job %s is not delivered yet: %s", job.id, error)
            return GivenUp(job.version, min(self._clock(), (job.finished_at or job.created_at) + UNDELIVERED_SECONDS))

    def _lock(self, job_id: str) -> asyncio.Lock:
        """Return the job's lock, so that a result isn't delivered twice at once."""
        lock = self._locks.get(job_id) or asyncio.Lock()
        self._locks[job_id] = lock
        return lock
