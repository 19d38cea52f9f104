"""Translates what the API says about a job into the job's events. Pictures are fetched here, once."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from seedream import GenerationCompleted, ImageFailed, ImageReady, TaskNamed
from studio.jobs.events import (
    Attempted,
    Broke,
    Event,
    Finished,
    ImageArrived,
    ImageDropped,
    ImageMade,
    ImageMissed,
    Submitted,
)
from studio.jobs.failures import failure_of, item_failure
from studio.jobs.job import MAX_ATTEMPTS, Job
from studio.jobs.pictures import PictureUnavailable
from studio.jobs.states import Failure, JobState, Reason

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from seedream import ImageEvent
    from studio.clock import Clock
    from studio.jobs.pictures import Picture
    from studio.jobs.ports import Pictures

    ApiEvent = ImageEvent | Submitted | ImageMade | Broke

log = logging.getLogger(__name__)

REFETCH_SECONDS = (1.0, 5.0, 15.0, 30.0)  # before a picture is written again, as on a full disk


class EventTranslator:
    def __init__(self, pictures: Pictures, clock: Clock, is_dropped: Callable[[str], Awaitable[bool]]) -> None:
        self._pictures = pictures
        self._is_dropped = is_dropped
        self._clock = clock

    async def translated(self, job: Job, events: AsyncGenerator[ApiEvent, None]) -> AsyncGenerator[Event, None]:
        """Translate events, with what is noted before a picture is fetched.

        In a job that an earlier process has sent, a picture may be what that process died of: these fetches are
        counted, and the picture that two processes have died of is left to its link. A stopped job's aren't fetched.
        """
        is_resumed, is_deadly = job.state is JobState.RUNNING, job.attempts >= MAX_ATTEMPTS
        arrived = {image.index for image in job.images if image.arrived}
        async for event in events:
            if isinstance(event, ImageReady) and await self._is_dropped(job.id):
                yield ImageDropped(event.index)
                continue
            if isinstance(event, ImageReady) and event.url:
                yield ImageMade(event.index, event.url, event.layer)
            if isinstance(event, ImageReady) and is_resumed and event.index not in arrived:
                if is_deadly:
                    is_deadly = False
                    yield ImageMissed(event.index, Failure(reason=Reason.PICTURE), event.url, event.layer)
                    continue
                yield Attempted()
            yield await self._translate(job, event)

    async def _translate(self, job: Job, event: ApiEvent) -> Event:
        """Turn an API event into one of ours. A picture is fetched here, once."""
        match event:
            case ImageReady():
                return await self._fetch(job, event)
            case ImageFailed(index=index, code=code, message=message):
                return ImageMissed(index, item_failure(code, message))
            case TaskNamed(task_id=task_id, trace_id=trace_id):
                return Submitted(task_id, trace_id)
            case GenerationCompleted():
                return Finished(self._clock())
            case _:
                return event

    async def _fetch(self, job: Job, image: ImageReady) -> Event:
        index, url, layer = image.index, image.url, image.layer
        source = image.data if image.data is not None else url
        if source is None:
            failure = Failure(reason=Reason.PICTURE, detail="The answer held no picture.")
            return ImageMissed(index, failure, layer=layer)
        try:
            return ImageArrived(index, await self._kept(job, index, source), url, layer)
        except PictureUnavailable as error:
            return ImageMissed(index, failure_of(error), url, layer, again=error.again)
        except Exception:
            log.exception("job %s: picture %d could not be kept", job.id, index + 1)
            return ImageMissed(index, Failure(reason=Reason.PICTURE), url, layer)

    async def _kept(self, job: Job, index: int, source: str | bytes) -> Picture:
        """Fetch a picture into its file. One that came without a link is tried again, as it is lost otherwise.

        So is any picture on a disk that is full for a moment. Raises: PictureUnavailable.
        """
        for pause in REFETCH_SECONDS:
            try:
                return await self._pictures.fetch(job.id, index, source)
            except PictureUnavailable as error:
                if not error.soon and not (error.again and isinstance(source, bytes)):
                    raise
                log.info("job %s: picture %d is tried again in %g s", job.id, index + 1, pause)
            await asyncio.sleep(pause)
        return await self._pictures.fetch(job.id, index, source)
