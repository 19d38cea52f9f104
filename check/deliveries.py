"""The live test of each way of delivery: one picture each, requested as the bot does."""

from __future__ import annotations

import time
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from check import expectations
from check.plan import request_for
from check.results import CheckStatus, counted
from infra.images.fetching import FetchError
from infra.images.spool_files import MAX_RESULT_BYTES
from seedream import GenerationCompleted, ImageFailed, ImageReady, Result
from seedream.errors import BadRequest, ModelRefused, NothingMade, SeeDreamError, UnreadableAnswer
from seedream.images import NotAnImageError, inspect
from seedream.responses import parse_result, parse_submission
from studio.jobs.states import Path

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from check.callback_listener import CallbackListener
    from check.findings import Findings, LiveTestContext
    from check.spending import PaidRequest
    from check.tasks import TaskTests
    from seedream import ImageRequest, Model, Submission, TaskStatus
    from seedream.callbacks import Callback
    from seedream.images import ImageStructure


class DeliveryTests:
    """Tests each way of delivery and returns what happened as text. Other facts that it shows go into the findings.

    Every method raises: SeeDreamError.
    """

    def __init__(self, context: LiveTestContext, findings: Findings) -> None:
        self._context = context
        self._findings = findings
        self._has_tried_short_name = False

    def other_paths(self, model: Model) -> list[Path]:
        """Return the ways of delivery for a model besides the plain one."""
        available = {
            Path.STREAM: model.stream,
            Path.POLL: self._context.tasks is not None,
            Path.CALLBACK: self._context.listener is not None,
        }
        return [path for path, is_available in available.items() if is_available]

    async def run(self, path: Path, model: Model) -> str:
        """Test one of the `other_paths`."""
        context = self._context
        if path is Path.POLL and context.tasks:
            return await self._polled(context.tasks, model)
        if path is Path.CALLBACK and context.listener:
            return await self._by_callback(context.listener, model)
        return await self._streamed(model)

    def _paid(self, model: Model, request: ImageRequest) -> AbstractContextManager[PaidRequest]:
        return self._context.spending.request(request.max_images, self._context.plan.price(model))

    # --- plain --------------------------------------------------------------------------------------------------------

    async def plain(self, model: Model) -> str:
        """Test a plain request. The very first one also tries the model's short name: a refusal costs nothing."""
        request, is_first, started = request_for(model, Path.PLAIN), not self._has_tried_short_name, time.monotonic()
        self._has_tried_short_name = True
        result = await self._by_short_name(model, request) if is_first else None
        result = result or await self._generate(model, request, "plain" if is_first else f"plain_{model.name}")
        seconds = time.monotonic() - started
        self._findings.runs.append((model.name, seconds))
        if is_first:
            self._add_first_results(result)
        text = await self._downloaded(request, result)
        accepted = self._context.api.wire_ids.known.accepted.get(model.name)
        return f"as {accepted.wire_id if accepted else model.name}: {text} after {seconds:.1f} s"

    def _add_first_results(self, result: Result) -> None:
        if self._context.tasks:
            self._findings.results.append(expectations.ids_result(result))
        self._findings.results.append(expectations.usage_result(result))

    async def _by_short_name(self, model: Model, request: ImageRequest) -> Result | None:
        self._context.recorder.call_name = "short_name"
        body = request.to_wire(model.name)
        with self._paid(model, request) as paid:
            try:
                result = parse_result(await self._context.api.probe(self._context.provider.images_path, body))
            except (ModelRefused, BadRequest) as error:
                paid.settle(0)
                detail = f"{model.name}: HTTP {error.status} {error.code}"
                self._findings.add(expectations.SHORT_NAME, CheckStatus.OK, detail)
                return None
            paid.settle(_billed(result))
        self._findings.add(expectations.SHORT_NAME, CheckStatus.NOTE, f"{model.name} is accepted, too")
        return result

    async def _generate(self, model: Model, request: ImageRequest, call_name: str) -> Result:
        self._context.recorder.call_name = call_name
        with self._paid(model, request) as paid:
            result = await self._context.api.generate(request)
            paid.settle(_billed(result))
        return result

    # --- streamed -----------------------------------------------------------------------------------------------------

    async def _streamed(self, model: Model) -> str:
        request, started = request_for(model, Path.STREAM), time.monotonic()
        with self._paid(model, request) as paid:
            result, arrival_times = await self._read_stream(request, started)
            paid.settle(_billed(result))
        seconds = time.monotonic() - started
        self._findings.results.append(expectations.early_result(arrival_times))
        return f"{await self._downloaded(request, result)}, complete after {seconds:.1f} s"

    async def _read_stream(self, request: ImageRequest, started: float) -> tuple[Result, list[float]]:
        """Return what a stream contains, and after how many seconds each picture arrived."""
        images, failures, usage, arrival_times = list[ImageReady](), list[ImageFailed](), None, list[float]()
        self._context.recorder.call_name = "stream"
        async with aclosing(self._context.api.stream(request)) as events:
            async for event in events:
                match event:
                    case ImageReady():
                        images.append(event)
                        arrival_times.append(time.monotonic() - started)
                    case ImageFailed():
                        failures.append(event)
                    case GenerationCompleted():
                        usage = event.usage
        return Result(images=tuple(images), failures=tuple(failures), usage=usage), arrival_times

    # --- as a polled task ---------------------------------------------------------------------------------------------

    async def _polled(self, tasks: TaskTests, model: Model) -> str:
        request, started, trace_id = request_for(model, Path.POLL), time.monotonic(), str(uuid4())
        with self._paid(model, request) as paid:
            submission = await self._submit(model, request, trace_id)
            answered = time.monotonic() - started
            statuses = await self._wait_for_end(tasks, submission)
            end = statuses[-1]
            paid.settle(_billed(end.result))
        seconds = time.monotonic() - started
        self._findings.results += [expectations.finished_result(statuses), await tasks.batch(submission.task_id)]
        if not self._findings.has(expectations.TRACE):
            self._findings.results.append(await tasks.by_trace(trace_id))
        if end.error is not None:
            raise end.error
        self._findings.runs.append((model.name, seconds if end.seconds is None else end.seconds))
        text = await self._downloaded(request, end.result or Result())
        return f"answered after {answered:.1f} s; {text} after {seconds:.1f} s"

    async def _submit(self, model: Model, request: ImageRequest, trace_id: str) -> Submission:
        """Start a task with a trace id of our own, if the service accepts one."""
        api, self._context.recorder.call_name = self._context.api, "submission"
        wire_id = next(iter(api.wire_ids.candidates(model)), model.name)
        body = request.to_wire(wire_id) | {"trace_id": trace_id}
        try:
            return parse_submission(await api.probe(self._context.provider.images_path, body))
        except BadRequest as error:
            detail = f"no: the service refuses a request with one: {expectations.error_text(error)}"
            self._findings.add(expectations.TRACE, CheckStatus.NOTE, detail)
            return await api.submit(request)

    async def _wait_for_end(self, tasks: TaskTests, submission: Submission) -> list[TaskStatus]:
        try:
            statuses = await tasks.wait_for_end(submission.task_id)
        except SeeDreamError as error:
            self._findings.add(expectations.RECORDS, CheckStatus.NOTE, f"not this one: {error}")
            raise UnreadableAnswer("The service keeps no record of the task.") from error
        detail = f"found after {counted(len(statuses), 'look-up')}: {statuses[-1].state}"
        self._findings.add(expectations.RECORDS, CheckStatus.OK, detail)
        return statuses

    # --- by callback --------------------------------------------------------------------------------------------------

    async def _by_callback(self, listener: CallbackListener, model: Model) -> str:
        request = replace(request_for(model, Path.CALLBACK), callback_url=listener.url)
        started, self._context.recorder.call_name = time.monotonic(), "submission_callback"
        with self._paid(model, request) as paid:
            await self._context.api.submit(request)
            callback = await self._wait_for_callback(listener)
            paid.settle(_billed(callback.result))
        seconds = time.monotonic() - started
        status = CheckStatus.OK if callback.task_id else CheckStatus.NOTE
        self._findings.add(expectations.POSTED, status, "yes" if callback.task_id else "posted, but without a task id")
        if callback.error is not None:
            raise callback.error
        return f"{await self._downloaded(request, callback.result or Result())} after {seconds:.1f} s"

    async def _wait_for_callback(self, listener: CallbackListener) -> Callback:
        seconds = self._context.wait_limits.callback
        if (callback := await listener.wait(seconds)) is None:
            detail = f"nothing came within {seconds:g} s. Check that /callbacks/ there leads to this machine"
            self._findings.add(expectations.POSTED, CheckStatus.NOTE, detail)
            raise UnreadableAnswer("No callback came.")
        return callback

    # --- pictures -----------------------------------------------------------------------------------------------------

    async def _downloaded(self, request: ImageRequest, result: Result) -> str:
        """Download the pictures as the bot does, and return their sizes and formats as text. Raises: NothingMade."""
        headers = [header for image in result.images if (header := await self._inspect(request, image))]
        if not result.images:
            raise NothingMade(200, "", "; ".join(failure.message for failure in result.failures))
        texts = [f"{header.width}x{header.height} {header.format}" for header in headers]
        return ", ".join(texts) or "a picture that can't be downloaded"

    async def _inspect(self, request: ImageRequest, image: ImageReady) -> ImageStructure | None:
        try:
            header = inspect(image.data if image.data is not None else await self._fetch(image.url or ""))
        except (FetchError, NotAnImageError) as error:
            self._findings.link_problems.append(str(error))
            return None
        self._findings.pictures.append((request.wire_size, header))
        return header

    async def _fetch(self, url: str) -> bytes:
        self._findings.links.append(url)
        return await self._context.fetcher.read(url, most=MAX_RESULT_BYTES)


def _billed(result: Result | None) -> int:
    """Return how many pictures are billed: as the service says, or else those that came."""
    if result is None:
        return 0
    reported = result.usage.generated_images if result.usage else None
    return len(result.images) if reported is None else reported
