"""Sends one job's request to the API and yields what happens, as the same events by every path."""

from __future__ import annotations

import logging
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from seedream import ImageReady, Result, TaskNamed
from seedream.errors import ApiError, ModelRefused, ResponseLost, SeeDreamError, UnreadableAnswer
from studio.jobs.editing import needs_prepared_reference
from studio.jobs.event_translation import EventTranslator
from studio.jobs.events import Broke, Event, ImageMade, Started, Submitted
from studio.jobs.failures import failure_of
from studio.jobs.requested_images import only_requested
from studio.jobs.states import JobState, Path
from studio.jobs.task_poller import Ended, NoRecordError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from seedream import ImageEvent, ImageRequest, TaskStatus
    from seedream.callbacks import Callback
    from studio.clock import Clock
    from studio.jobs.api_memory import ApiMemory
    from studio.jobs.job import Job
    from studio.jobs.paths import Delivery
    from studio.jobs.ports import ImageApi, Pictures
    from studio.jobs.references import References
    from studio.jobs.task_results import TaskResults

    ApiEvent = ImageEvent | Submitted | ImageMade | Broke

log = logging.getLogger(__name__)

_NOT_OFFERED = {"api_not_implemented", "no_api"}


class Runner:
    """Runs jobs. `is_dropped`: whether a job was stopped. `inline`: send reference images as base64 instead of links.

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
        is_dropped: Callable[[str], Awaitable[bool]],
        inline: bool,
        callback_url: Callable[[str], str] | None = None,
    ) -> None:
        self._api = api
        self._pictures = pictures
        self._translator = EventTranslator(pictures, clock, is_dropped)
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
        async with aclosing(requested) as events, aclosing(self._translator.translated(job, events)) as translated:
            async for event in translated:
                yield event

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
            outcome = await self._posted(job, missed=missed)
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

    async def _posted(self, job: Job, *, missed: bool) -> Callback | Ended | None:
        """Wait for a job's callback or its task's end. If none has ever come, later requests go another way."""
        works = self._memory.profile.works(Path.CALLBACK, self._clock())
        outcome = await self._task_results.posted(job, missed=missed or works is False)
        if isinstance(outcome, Ended) and works is None and not missed:
            log.warning(
                "job %s has ended, but no callback has arrived. Until one does, requests are sent another way. Check "
                "that PUBLIC_URL leads to this bot's web server from outside",
                job.id,
            )
            self._memory.learn_path(Path.CALLBACK, works=False)
        return outcome

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
        """Remember the time of a whole request: it predicts the next of its kind."""
        self._memory.learn_run(job.request.model, seconds, job.wanted)


def _of_result(result: Result) -> list[ApiEvent]:
    """Return the events of a whole answer: first the links to all its pictures, as each takes its time to fetch."""
    links = [ImageMade(image.index, image.url, image.layer) for image in result.images if image.url]
    return [Submitted(result.task_id, result.trace_id), *links, *result.events()]
