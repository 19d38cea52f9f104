"""Sends one job's request to the API and yields what happens, as the same events by every path."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from seedream import GenerationCompleted, ImageFailed, ImageReady, Result, TaskNamed
from seedream.errors import ApiError, ModelRefused, ResponseLost, SeeDreamError, UnreadableAnswer
from studio.jobs.editing import needs_prepared_reference
from studio.jobs.events import (
    Attempted,
    Broke,
    Event,
    Finished,
    ImageArrived,
    ImageMade,
    ImageMissed,
    Started,
    Submitted,
)
from studio.jobs.failures import failure_of, item_failure
from studio.jobs.job import MAX_ATTEMPTS, Failure, Job, JobState, Path, Reason
from studio.jobs.pictures import PictureUnavailable
from studio.jobs.requested_images import only_requested
from studio.jobs.task_poller import Ended, NoRecordError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from seedream import ImageEvent, ImageRequest, TaskStatus
    from seedream.callbacks import Callback
    from studio.clock import Clock
    from studio.jobs.api_memory import ApiMemory
    from studio.jobs.paths import Delivery
    from studio.jobs.pictures import Picture
    from studio.jobs.ports import ImageApi, Pictures
    from studio.jobs.references import References
    from studio.jobs.task_results import TaskResults

    ApiEvent = ImageEvent | Submitted | ImageMade | Broke

log = logging.getLogger(__name__)

_NOT_OFFERED = {"api_not_implemented", "no_api"}
REFETCH_SECONDS = (1.0, 5.0, 15.0, 30.0)  # before a picture is written again, as on a full disk


class Runner:
    """Runs jobs. `inline`: send reference images as base64 instead of links.

    `callback_url`: makes a job's own callback address; None if the service can't reach us.
    """

    def __init__(
        self,
        api: ImageApi,
        pictures: Pictures,
        references: References,
        task_results: TaskResults,
        memory: ApiMemory,
        delivery: Delivery,
        clock: Clock,
        *,
        inline: bool,
        callback_url: Callable[[str], str] | None = None,
    ) -> None:
        self._api = api
        self._pictures = pictures
        self._references = references
        self._task_results = task_results
        self._memory = memory
        self._delivery = delivery
        self._clock = clock
        self._inline = inline
        self._callback_url = callback_url

    async def run(self, job: Job) -> AsyncGenerator[Event, None]:
        """Yield all events of a job, ending with Finished or Broke.

        `Started` comes before the request is sent: the consumer must write it first. A job that runs already was sent
        by an earlier process: it isn't sent again, its end is waited for.
        Raises: SeeDreamError, BadReference.
        """
        if job.state is JobState.RUNNING:
            api_events = self._end(job, missed=True)
        else:
            request = await self._with_references(job)
            path, now = self._delivery.path(request, self._memory.profile, self._clock()), self._clock()
            yield Started(path, now)
            api_events = self._send(replace(job, path=path, started_at=now), request)
        requested = only_requested(job, api_events)
        async with aclosing(requested) as events, aclosing(self._translated(job, events)) as translated:
            async for event in translated:
                yield event

    async def _translated(self, job: Job, events: AsyncGenerator[ApiEvent, None]) -> AsyncGenerator[Event, None]:
        """Translate events, with what is noted before a picture is fetched.

        In a job that an earlier process has sent, a picture may be what that process died of: these fetches are
        counted, and the picture that two processes have died of is left to its link.
        """
        is_resumed, is_deadly = job.state is JobState.RUNNING, job.attempts >= MAX_ATTEMPTS
        arrived = {image.index for image in job.images if image.arrived}
        async for event in events:
            if isinstance(event, ImageReady) and event.url:
                yield ImageMade(event.index, event.url, event.layer)
            if isinstance(event, ImageReady) and is_resumed and event.index not in arrived:
                if is_deadly:
                    is_deadly = False
                    yield ImageMissed(event.index, Failure(reason=Reason.PICTURE), event.url, event.layer)
                    continue
                yield Attempted()
            yield await self._translate(job, event)

    async def _with_references(self, job: Job) -> ImageRequest:
        """Return the request with its pictures as they were prepared. One is sent as a link only if it is unchanged."""
        request = job.request
        if not request.images:
            return request
        prepared = await self._references.prepare(job)
        inline = self._inline or needs_prepared_reference(request)
        images = [
            await (self._pictures.reference(job.id, index) if inline or not unchanged else self._link(job, index))
            for index, unchanged in sorted(prepared.items())
        ]
        return replace(request, images=tuple(images))

    async def _link(self, job: Job, index: int) -> str:
        """Return a link that works, or the picture itself where there is none any more."""
        source = job.sources[index] if index < len(job.sources) else None
        link = await self._references.living(job.request.images[index], source)
        return link or await self._pictures.reference(job.id, index)

    # --- paths ------------------------------------------------------------------------------------------------------

    def _send(self, job: Job, request: ImageRequest) -> AsyncGenerator[ApiEvent, None]:
        match job.path:
            case Path.STREAM:
                return self._at_once(job, self._api.stream(replace(request, stream=True)))
            case Path.CALLBACK if self._callback_url:
                return self._submitted(job, replace(request, callback_url=self._callback_url(job.id)))
            case Path.POLL:
                return self._submitted(job, replace(request, run_async=True))
            case _:
                return self._at_once(job, self._answered(request))

    async def _answered(self, request: ImageRequest) -> AsyncGenerator[ApiEvent, None]:
        for event in _of_result(await self._api.generate(request)):
            yield event

    async def _at_once(self, job: Job, answer: AsyncGenerator[ApiEvent, None]) -> AsyncGenerator[ApiEvent, None]:
        """Yield an answer from the open connection. If that breaks, the task is looked up, provided it was named."""
        task_id, made = None, False
        try:
            async with aclosing(answer):
                async for event in answer:
                    task_id = task_id or (event.task_id if isinstance(event, TaskNamed) else None)
                    made = made or isinstance(event, ImageReady)
                    yield event
            if made:
                self._learn_run(job, self._age(job))
        except SeeDreamError as error:
            task_id = task_id or (error.task_id if isinstance(error, ApiError) else None)
            if task_id is None or not error.may_be_running:
                raise
            log.warning("job %s: the connection broke; looking up its task %s: %s", job.id, task_id, error)
            yield Submitted(task_id, None)
            async for event in self._end(replace(job, task_id=task_id), missed=False):
                yield event

    async def _submitted(self, job: Job, request: ImageRequest) -> AsyncGenerator[ApiEvent, None]:
        """Submit a task. A callback's address names our job, so its result arrives even if this answer is lost."""
        try:
            submission = await self._api.submit(request)
        except SeeDreamError as error:
            if isinstance(error, ApiError) and error.code in _NOT_OFFERED:
                async for event in self._without_tasks(job, request):
                    yield event
                return
            if job.path is not Path.CALLBACK or not error.may_be_running:
                raise
            log.warning("job %s: the answer was lost; waiting for its callback: %s", job.id, error)
        else:
            yield Submitted(submission.task_id or None, submission.trace_id)
            if submission.result is not None:  # it was finished at once: there may be no task to look up
                for event in _of_result(submission.result):
                    yield event
                return
            job = replace(job, task_id=submission.task_id)
        async for event in self._end(job, missed=False):
            yield event

    async def _without_tasks(self, job: Job, request: ImageRequest) -> AsyncGenerator[ApiEvent, None]:
        """Send the request for a plain answer, as the service has refused it as a task, so nothing has started."""
        self._memory.learn_path(job.path or Path.POLL, works=False)
        answer = self._answered(replace(request, run_async=False, callback_url=None))
        async for event in self._at_once(replace(job, path=Path.PLAIN), answer):
            yield event

    async def _end(self, job: Job, *, missed: bool) -> AsyncGenerator[ApiEvent, None]:
        """Yield the end of a job that was sent, however long ago.

        `missed`: a callback may have been posted while no process was there to receive it.
        """
        outcome: Callback | Ended | None = None
        if job.path is Path.CALLBACK:
            outcome = await self._task_results.posted(job, missed=missed)
        elif job.task_id is not None:
            outcome = await self._looked_up(job)
        match outcome:
            case None:  # it may have been carried out, so it isn't sent again
                yield Broke(failure_of(ResponseLost()), self._clock())
                return
            case Ended(status=status, seconds=seconds):
                events = self._of_outcome(job, status, status.seconds if missed else seconds)
            case _:
                events = self._of_outcome(job, outcome, None if missed else self._age(job))
        for event in events:
            yield event

    async def _looked_up(self, job: Job) -> Ended:
        """Look up the end of a job's task, and remember whether the service offers tasks."""
        try:
            ended = await self._task_results.looked_up(job)
        except NoRecordError:
            if job.path is Path.POLL:
                self._memory.learn_path(Path.POLL, works=False)
            raise
        if job.path is Path.POLL:
            self._memory.learn_path(Path.POLL, works=True)
        return ended

    def _of_outcome(self, job: Job, outcome: Callback | TaskStatus, seconds: float | None) -> list[ApiEvent]:
        """Translate how a job ended into events. `seconds`: how long it took, None if no process was watching."""
        if isinstance(outcome.error, ModelRefused):
            self._memory.learn_refusal(job.request.capabilities, outcome.error)
        if outcome.error is not None:
            return [Broke(failure_of(outcome.error), self._clock())]
        if outcome.result is None:
            error = UnreadableAnswer("The task has ended with neither a result nor an error.")
            return [Broke(failure_of(error), self._clock())]
        if seconds is not None:
            self._learn_run(job, seconds)
        return _of_result(outcome.result)

    def _age(self, job: Job) -> float:
        return self._clock() - (job.started_at or self._clock())

    def _learn_run(self, job: Job, seconds: float) -> None:
        """Remember a single picture's time: it predicts the next. A set's time says nothing about one picture."""
        if job.wanted == 1:
            self._memory.learn_run(job.request.model, seconds)

    # --- pictures -----------------------------------------------------------------------------------------------------

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


def _of_result(result: Result) -> list[ApiEvent]:
    """Return the events of a whole answer: first the links to all its pictures, as each takes its time to fetch."""
    links = [ImageMade(image.index, image.url, image.layer) for image in result.images if image.url]
    return [Submitted(result.task_id, result.trace_id), *links, *result.events()]
