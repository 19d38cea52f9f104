"""One picture by each way of sending a request, as the bot sends it."""

from __future__ import annotations

import time
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from check import facts
from check.plan import request_for
from check.rows import State, counted
from infra.fetching import FetchError
from infra.imaging import NotAPictureError, inspect
from infra.pictures import MAX_RESULT_BYTES
from seedream import GenerationCompleted, ImageFailed, ImageReady, Result
from seedream.errors import BadRequest, ModelRefused, NothingMade, SeeDreamError, UnreadableAnswer
from seedream.responses import parse_result, parse_submission
from studio.jobs import Path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from check.findings import Findings, Tools
    from check.inbox import Inbox
    from check.tasks import TaskTest
    from infra.imaging import Header
    from seedream import ImageRequest, Model, Submission, TaskStatus
    from seedream.callbacks import Callback

    Way = Callable[[Model], Awaitable[str]]


class Ways:
    """Each way gives in words what came of it. Raises: SeeDreamError. What else it shows is noted in the findings."""

    def __init__(self, tools: Tools, findings: Findings) -> None:
        self._tools = tools
        self._findings = findings
        self._named_short = False

    def beside_plain(self, model: Model) -> dict[Path, Way]:
        """The ways that there are for a model, but for the plain one."""
        ways: dict[Path, Way] = {}
        if model.stream:
            ways[Path.STREAM] = self._streamed
        if self._tools.tasks:
            ways[Path.POLL] = partial(self._looked_up, self._tools.tasks)
        if self._tools.inbox:
            ways[Path.CALLBACK] = partial(self._posted, self._tools.inbox)
        return ways

    # --- plain --------------------------------------------------------------------------------------------------------

    async def plain(self, model: Model) -> str:
        """The first picture of all is asked for by its model's short name first: refusing it costs nothing."""
        request, first, started = request_for(model, Path.PLAIN), not self._named_short, time.monotonic()
        self._named_short = True
        result = await self._by_short_name(model, request) if first else None
        result = result or await self._generated(model, request, "plain" if first else f"plain_{model.name}")
        seconds = time.monotonic() - started
        self._findings.runs.append((model.name, seconds))
        if first:
            self._findings.rows += [*([facts.ids_row(result)] if self._tools.tasks else []), facts.usage_row(result)]
        shown = await self._shown(request, result)
        accepted = self._tools.api.wire_ids.known.accepted.get(model.name)
        return f"as {accepted.wire_id if accepted else model.name}: {shown} after {seconds:.1f} s"

    async def _by_short_name(self, model: Model, request: ImageRequest) -> Result | None:
        self._tools.recorder.asking = "short_name"
        body = request.to_wire(model.name)
        with self._tools.spending.request(request.max_images, self._tools.plan.price(model)) as made:
            try:
                result = parse_result(await self._tools.api.probe(self._tools.provider.images_path, body))
            except (ModelRefused, BadRequest) as error:
                made(0)
                detail = f"{model.name}: HTTP {error.status} {error.code}"
                self._findings.add(facts.SHORT_NAME, State.OK, detail)
                return None
            made(_billed(result))
        self._findings.add(facts.SHORT_NAME, State.NOTE, f"{model.name} is accepted, too")
        return result

    async def _generated(self, model: Model, request: ImageRequest, name: str) -> Result:
        self._tools.recorder.asking = name
        with self._tools.spending.request(request.max_images, self._tools.plan.price(model)) as made:
            result = await self._tools.api.generate(request)
            made(_billed(result))
        return result

    # --- streamed -----------------------------------------------------------------------------------------------------

    async def _streamed(self, model: Model) -> str:
        request, started = request_for(model, Path.STREAM), time.monotonic()
        with self._tools.spending.request(request.max_images, self._tools.plan.price(model)) as made:
            result, arrived = await self._read(request, started)
            made(_billed(result))
        seconds = time.monotonic() - started
        self._findings.rows.append(facts.early_row(arrived))
        return f"{await self._shown(request, result)}, complete after {seconds:.1f} s"

    async def _read(self, request: ImageRequest, started: float) -> tuple[Result, list[float]]:
        """What a stream says, and the seconds after which it told of each picture."""
        images, failures, usage, arrived = list[ImageReady](), list[ImageFailed](), None, list[float]()
        self._tools.recorder.asking = "stream"
        async with aclosing(self._tools.api.stream(request)) as events:
            async for event in events:
                match event:
                    case ImageReady():
                        images.append(event)
                        arrived.append(time.monotonic() - started)
                    case ImageFailed():
                        failures.append(event)
                    case GenerationCompleted():
                        usage = event.usage
        return Result(images=tuple(images), failures=tuple(failures), usage=usage), arrived

    # --- as a task ----------------------------------------------------------------------------------------------------

    async def _looked_up(self, tasks: TaskTest, model: Model) -> str:
        request, started, trace_id = request_for(model, Path.POLL), time.monotonic(), str(uuid4())
        with self._tools.spending.request(request.max_images, self._tools.plan.price(model)) as made:
            submission = await self._submitted(model, request, trace_id)
            answered = time.monotonic() - started
            looks = await self._recorded(tasks, submission)
            end = looks[-1]
            made(_billed(end.result))
        seconds = time.monotonic() - started
        self._findings.rows += [facts.finished_row(looks), await tasks.batch(submission.task_id)]
        if not self._findings.has(facts.TRACE):
            self._findings.rows.append(await tasks.by_trace(trace_id))
        if end.error is not None:
            raise end.error
        self._findings.runs.append((model.name, seconds if end.seconds is None else end.seconds))
        shown = await self._shown(request, end.result or Result())
        return f"answered after {answered:.1f} s; {shown} after {seconds:.1f} s"

    async def _submitted(self, model: Model, request: ImageRequest, trace_id: str) -> Submission:
        """With a trace id of ours, where the service takes one."""
        api, self._tools.recorder.asking = self._tools.api, "submission"
        wire_id = next(iter(api.wire_ids.candidates(model)), model.name)
        body = request.to_wire(wire_id) | {"trace_id": trace_id}
        try:
            return parse_submission(await api.probe(self._tools.provider.images_path, body))
        except BadRequest as error:
            detail = f"no: a request with one is refused: {facts.told(error)}"
            self._findings.add(facts.TRACE, State.NOTE, detail)
            return await api.submit(request)

    async def _recorded(self, tasks: TaskTest, submission: Submission) -> list[TaskStatus]:
        try:
            looks = await tasks.ended(submission.task_id)
        except SeeDreamError as error:
            self._findings.add(facts.RECORDS, State.NOTE, f"not this one: {error}")
            raise UnreadableAnswer("The service keeps no record of the task.") from error
        self._findings.add(facts.RECORDS, State.OK, f"found after {counted(len(looks), 'look')}: {looks[-1].state}")
        return looks

    # --- by callback --------------------------------------------------------------------------------------------------

    async def _posted(self, inbox: Inbox, model: Model) -> str:
        request = replace(request_for(model, Path.CALLBACK), callback_url=inbox.url)
        started, self._tools.recorder.asking = time.monotonic(), "submission_callback"
        with self._tools.spending.request(request.max_images, self._tools.plan.price(model)) as made:
            await self._tools.api.submit(request)
            callback = await self._waited_for(inbox)
            made(_billed(callback.result))
        seconds = time.monotonic() - started
        state = State.OK if callback.task_id else State.NOTE
        self._findings.add(facts.POSTED, state, "yes" if callback.task_id else "posted, but without a task id")
        if callback.error is not None:
            raise callback.error
        return f"{await self._shown(request, callback.result or Result())} after {seconds:.1f} s"

    async def _waited_for(self, inbox: Inbox) -> Callback:
        seconds = self._tools.patience.callback
        if (callback := await inbox.wait(seconds)) is None:
            detail = f"nothing came within {seconds:g} s. Check that /callbacks/ there leads to this machine"
            self._findings.add(facts.POSTED, State.NOTE, detail)
            raise UnreadableAnswer("No callback came.")
        return callback

    # --- pictures -----------------------------------------------------------------------------------------------------

    async def _shown(self, request: ImageRequest, result: Result) -> str:
        """The pictures of an answer in words, once they were fetched as the bot does. Raises: NothingMade."""
        headers = [shown for image in result.images if (shown := await self._fetched(request, image))]
        if not result.images:
            raise NothingMade(200, "", "; ".join(one.message for one in result.failures))
        return (
            ", ".join(f"{one.width}x{one.height} {one.format}" for one in headers) or "a picture that can't be fetched"
        )

    async def _fetched(self, request: ImageRequest, image: ImageReady) -> Header | None:
        try:
            header = inspect(image.data if image.data is not None else await self._read_link(image.url or ""))
        except (FetchError, NotAPictureError) as error:
            self._findings.problems.append(str(error))
            return None
        self._findings.pictures.append((request.wire_size, header))
        return header

    async def _read_link(self, url: str) -> bytes:
        self._findings.links.append(url)
        return await self._tools.fetcher.read(url, most=MAX_RESULT_BYTES)


def _billed(result: Result | None) -> int:
    """How many pictures an answer costs: as many as the service says, or as there are."""
    if result is None:
        return 0
    told = result.usage.generated_images if result.usage else None
    return len(result.images) if told is None else told
