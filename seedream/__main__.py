"""SeeDream from a shell: `python -m seedream "a red fox in snow"`."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from seedream.arguments import environment_of, parser, request_of, settings, use_models
from seedream.client import SeeDreamClient
from seedream.errors import InvalidRequest, SeeDreamError, UnreadableAnswer
from seedream.polling import poll_interval
from seedream.progress import Progress
from seedream.saving import prepare, save, slug
from seedream.values import Completed, ImageEvent, ImageFailed, ImageReady, Result, TaskNamed, TaskStatus, Usage

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncGenerator, Sequence

    from seedream.requests import ImageRequest

SAVED, FAILED, INVALID, INTERRUPTED = 0, 1, 2, 130


@dataclass(slots=True)
class Report:
    """What has happened so far. `sent`: a request that may be billed has left."""

    sent: bool = False
    task_id: str | None = None
    trace_id: str | None = None
    usage: Usage | None = None
    images: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> str:
        values = {name: value for name, value in asdict(self).items() if name != "sent"}
        return json.dumps(values, indent=2, ensure_ascii=False)


class Command:
    """One run: the pictures of one request, or of one earlier task, into files."""

    def __init__(self, client: SeeDreamClient, options: argparse.Namespace, report: Report) -> None:
        self._client = client
        self._options = options
        self._report = report

    async def run(self, request: ImageRequest | None) -> int:
        total = request.max_images if request else 1
        async with Progress(total, sys.stderr) as progress:
            if request is not None and request.callback_url is not None and not request.run_async:
                await self._hand_over(request, progress)
                return SAVED
            name = slug(request.prompt) if request else slug(f"task {self._options.task}")
            async with aclosing(self._events(request, progress)) as events:
                async for event in events:
                    await self._take(event, name, progress)
        lost = any("url" in failure for failure in self._report.failures)
        return SAVED if self._report.images and not lost else FAILED

    async def _hand_over(self, request: ImageRequest, progress: Progress) -> None:
        await self._submit(request)
        progress.say(f"Task {self._report.task_id} is started; its result goes to {request.callback_url}.")

    async def _events(self, request: ImageRequest | None, progress: Progress) -> AsyncGenerator[ImageEvent, None]:
        if request is not None and request.stream:
            self._report.sent = True
            async with aclosing(self._client.stream(request)) as stream:
                async for event in stream:
                    yield event
            return
        result = await self._result(request, progress)
        self._report.task_id = result.task_id or self._report.task_id
        self._report.trace_id = result.trace_id or self._report.trace_id
        for event in result.events():
            yield event

    async def _result(self, request: ImageRequest | None, progress: Progress) -> Result:
        if request is None:
            self._report.task_id = self._options.task
            return await self._finished(self._options.task)
        if not request.run_async:
            self._report.sent = True
            return await self._client.generate(request)
        task_id, result = await self._submit(request)
        if task_id:
            progress.say(f"Task {task_id} is started.")
        return result or await self._finished(task_id)

    async def _submit(self, request: ImageRequest) -> tuple[str, Result | None]:
        self._report.sent = True
        submission = await self._client.submit(request)
        self._report.task_id, self._report.trace_id = submission.task_id or None, submission.trace_id
        return submission.task_id, submission.result

    async def _finished(self, task_id: str) -> Result:
        started = time.monotonic()
        while True:
            status = await self._client.task(task_id)
            if status.state != "running":
                return _ended(status)
            await asyncio.sleep(poll_interval(time.monotonic() - started))

    async def _take(self, event: ImageEvent, name: str, progress: Progress) -> None:
        match event:
            case ImageReady():
                await self._save(event, name, progress)
            case ImageFailed(index=index, code=code, message=message):
                self._report.failures.append({"index": index, "code": code, "message": message})
                progress.say(f"Picture {index + 1} was not made: {message or code}")
            case Completed(usage=usage):
                self._report.usage = usage
            case TaskNamed(task_id=task_id, trace_id=trace_id):
                self._report.task_id = self._report.task_id or task_id
                self._report.trace_id = self._report.trace_id or trace_id

    async def _save(self, image: ImageReady, name: str, progress: Progress) -> None:
        record = {"index": image.index, "url": image.url, "size": str(image.size) if image.size else None}
        try:
            async with aclosing(self._pieces(image)) as pieces:
                path = await save(pieces, self._options.out, name, image.index + 1)
        except (SeeDreamError, OSError) as error:
            self._report.failures.append(record | {"code": "not_saved", "message": str(error)})
            link = f" Its link works for 24 hours: {image.url}" if image.url else ""
            progress.say(f"Picture {image.index + 1} could not be saved. {error}{link}")
            return
        self._report.images.append(record | {"file": str(path)})
        progress.advance()
        if not self._options.json:
            print(path, flush=True)  # noqa: T201 - the command's output

    async def _pieces(self, image: ImageReady) -> AsyncGenerator[bytes, None]:
        if image.data is not None:
            yield image.data
        elif image.url is not None:
            async with aclosing(self._client.download(image.url)) as pieces:
                async for piece in pieces:
                    yield piece


def _ended(status: TaskStatus) -> Result:
    if status.error is not None:
        raise status.error
    if status.result is None:
        raise UnreadableAnswer(f"The task {status.id} ended without a result.")
    return status.result


async def _run(options: argparse.Namespace, request: ImageRequest | None, report: Report) -> int:
    key, provider, base_url = settings(options, environment_of())
    async with SeeDreamClient(api_key=key, provider=provider, base_url=base_url) as client:
        return await Command(client, options, report).run(request)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    report = Report()
    status = _status(options, report)
    if options.json and status != INVALID:
        print(report.as_json())  # noqa: T201 - the command's output
    return status


def _status(options: argparse.Namespace, report: Report) -> int:
    try:
        use_models(options, environment_of())
        request = None if options.task else request_of(options)
        prepare(options.out)
        return asyncio.run(_run(options, request, report))
    except InvalidRequest as error:
        _complain(str(error))
        return INVALID
    except (SeeDreamError, OSError) as error:
        _complain(" ".join(str(error).split()))
        return FAILED
    except KeyboardInterrupt:
        _complain(_interrupted(report))
        return INTERRUPTED


def _interrupted(report: Report) -> str:
    if report.task_id:
        return f"Interrupted. The task goes on, and may be billed: python -m seedream --task {report.task_id}"
    if report.sent:
        return "Interrupted. What was sent may be billed."
    return "Interrupted. Nothing was made."


def _complain(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 - the command's output


if __name__ == "__main__":
    sys.exit(main())
