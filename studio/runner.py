"""Takes one job to the API and yields what happens as events: the same events by every path."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from seedream import Completed as ApiCompleted
from seedream import ImageFailed, ImageReady, Result
from seedream.errors import ApiError, NotFound, SeeDreamError, UnreadableAnswer
from studio.events import Broke, Completed, Event, ImageArrived, ImageMissed, Started, Submitted
from studio.failures import failure_of, item_failure
from studio.jobs import Failure, Job, Path, Reason
from studio.links import dies_at
from studio.pictures import PictureUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from seedream import ImageEvent, ImageRequest, TaskStatus
    from studio.jobs import Source
    from studio.ports import Clock, ImageApi, Links, Pictures

log = logging.getLogger(__name__)

# A picture takes 20 to 120 seconds: ask soon for the quick ones, then settle.
POLL_FIRST_SECONDS = 1.0
POLL_SLOWEST_SECONDS = 5.0
POLL_PATIENCE_SECONDS = 30 * 60.0
POLL_REFUSALS_BORNE = 20  # one after the other: more than a minute and a half
LINK_MARGIN_SECONDS = 60.0
_NOT_OFFERED = {"api_not_implemented", "no_api"}


class Runner:
    """`inline`: send reference images as base64 rather than as links. `links`: asked where a link has died."""

    def __init__(
        self,
        api: ImageApi,
        pictures: Pictures,
        links: Links,
        clock: Clock,
        *,
        inline: bool,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._api = api
        self._pictures = pictures
        self._links = links
        self._clock = clock
        self._inline = inline
        self._sleep = sleep
        self._tasks_offered = True

    async def run(self, job: Job) -> AsyncGenerator[Event, None]:
        """All that happens to a job, ending with Completed or Broke.

        `Started` comes before the request leaves: whoever consumes it writes it down first.
        Raises: SeeDreamError, BadReference. Nothing is raised once an image has been yielded but its own error.
        """
        if job.task_id is not None:  # it was submitted by an earlier process
            happening: AsyncGenerator[ImageEvent | Submitted | Broke, None] = self._outcome(job.task_id)
        else:
            request = await self._with_references(job)
            path = self._path(request)
            yield Started(path, self._clock())
            happening = self._images(request, path)
        async with aclosing(happening) as events:
            async for event in events:
                yield await self._taken_home(job, event)

    def _path(self, request: ImageRequest) -> Path:
        if request.capabilities.stream:
            return Path.STREAM
        return Path.POLL if self._tasks_offered else Path.PLAIN

    async def _with_references(self, job: Job) -> ImageRequest:
        """The request with its pictures as the service takes them."""
        request = job.request
        if not request.images:
            return request
        images = [await self._living(url, source) for url, source in zip_longest(request.images, job.sources)]
        if self._inline:
            formats = request.capabilities.reference_formats
            images = [await self._pictures.reference(url, formats=formats) for url in images]
        return replace(request, images=tuple(images))

    async def _living(self, url: str, source: Source | None) -> str:
        """The link, or a fresh one where it has died or would within the minute."""
        ends = dies_at(url)
        if source is None or ends is None or ends > self._clock() + LINK_MARGIN_SECONDS:
            return url
        return await self._links.fresh_link(source, url) or url

    async def _images(self, request: ImageRequest, path: Path) -> AsyncGenerator[ImageEvent | Submitted | Broke, None]:
        match path:
            case Path.STREAM:
                async with aclosing(self._api.stream(replace(request, stream=True))) as stream:
                    async for event in stream:
                        yield event
            case Path.POLL:
                async with aclosing(self._polled(request)) as polled:
                    async for happened in polled:
                        yield happened
            case Path.PLAIN:
                for told in _of_result(await self._api.generate(request)):
                    yield told

    async def _polled(self, request: ImageRequest) -> AsyncGenerator[ImageEvent | Submitted | Broke, None]:
        try:
            submission = await self._api.submit(replace(request, run_async=True))
        except ApiError as error:
            if error.code not in _NOT_OFFERED:
                raise
            log.warning("the service offers no tasks; jobs of such models take one long request from now on")
            self._tasks_offered = False
            for event in _of_result(await self._api.generate(request)):
                yield event
            return
        yield Submitted(submission.task_id, submission.trace_id)
        if submission.result is not None:  # it was done at once: there may be no task to look up
            for event in _of_result(submission.result):
                yield event
            return
        async with aclosing(self._outcome(submission.task_id)) as outcome:
            async for told in outcome:
                yield told

    async def _outcome(self, task_id: str) -> AsyncGenerator[ImageEvent | Submitted | Broke, None]:
        """What a task comes to, however long ago it was submitted."""
        status = await self._finished_task(task_id)
        if status.error is not None:
            yield Broke(failure_of(status.error), self._clock())
        elif status.result is not None:
            for event in _of_result(status.result):
                yield event

    async def _finished_task(self, task_id: str) -> TaskStatus:
        """Ask until the task has ended. A failed look-up costs nothing, so it is simply asked again.

        What it makes is paid for, so one refused look-up (a key that is just being changed, say) does not end it.
        """
        delay, until, refused = POLL_FIRST_SECONDS, self._clock() + POLL_PATIENCE_SECONDS, 0
        while self._clock() < until:
            await self._sleep(delay)
            delay = min(delay * 1.5, POLL_SLOWEST_SECONDS)
            try:
                status = (await self._api.tasks([task_id]))[task_id]
            except SeeDreamError as error:
                refused += isinstance(error, NotFound) or (isinstance(error, ApiError) and error.who == "operator")
                if refused > POLL_REFUSALS_BORNE:
                    raise
                log.info("task %s could not be looked up just now: %s", task_id, error)
                continue
            if status.state in {"succeeded", "failed"}:
                return status
            refused = refused + 1 if status.state == "unknown" else 0
            if refused > POLL_REFUSALS_BORNE:
                raise UnreadableAnswer(f"The service does not know the task {task_id} any more.")
        raise UnreadableAnswer(f"The task {task_id} did not end within {POLL_PATIENCE_SECONDS / 60:g} minutes.")

    async def _taken_home(self, job: Job, event: ImageEvent | Submitted | Broke) -> Event:
        """An API event as one of ours; a picture is fetched here, once."""
        match event:
            case ImageReady(index=index, url=url, data=data):
                return await self._fetched(job, index, url, data)
            case ImageFailed(index=index, code=code, message=message):
                return ImageMissed(index, item_failure(code, message))
            case ApiCompleted():
                return Completed(self._clock())
            case _:
                return event

    async def _fetched(self, job: Job, index: int, url: str | None, data: bytes | None) -> Event:
        source = data if data is not None else url
        if source is None:
            return ImageMissed(index, Failure(reason=Reason.PICTURE, detail="The answer held no picture."))
        try:
            return ImageArrived(index, await self._pictures.fetch(job.id, index, source), url)
        except PictureUnavailable as error:
            return ImageMissed(index, failure_of(error), url)


def _of_result(result: Result) -> list[ImageEvent | Submitted]:
    return [Submitted(result.task_id, result.trace_id), *result.events()]
