"""Runs one command: sends the request, or waits for a task, and saves the images."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from seedream.cli.arguments import build_request, connection_settings, parser, read_environment, use_models
from seedream.cli.progress import Progress
from seedream.cli.saving import prepare, save, slug
from seedream.client import SeeDreamClient
from seedream.errors import InvalidRequest, SeeDreamError, UnreadableAnswer
from seedream.polling import poll_interval
from seedream.values import (
    GenerationCompleted,
    ImageEvent,
    ImageFailed,
    ImageReady,
    Result,
    TaskNamed,
    TaskStatus,
    Usage,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncGenerator, Sequence

    from seedream.requests import ImageRequest

SAVED, FAILED, INVALID, INTERRUPTED = 0, 1, 2, 130


@dataclass(slots=True)
class RunSummary:
    """What has happened so far. sent: a request that may be billed has been sent."""

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
    """Saves the images of one request, or of one earlier task, as files."""

    def __init__(self, client: SeeDreamClient, options: argparse.Namespace, summary: RunSummary) -> None:
        self._client = client
        self._options = options
        self._summary = summary

    async def run(self, request: ImageRequest | None) -> int:
        total = request.max_images if request else 1
        async with Progress(total, sys.stderr) as progress:
            if request is not None and request.callback_url is not None and not request.run_async:
                await self._start_with_callback(request, progress)
                return SAVED
            name = slug(request.prompt) if request else slug(f"task {self._options.task}")
            async with aclosing(self._events(request, progress)) as events:
                async for event in events:
                    await self._handle(event, name, progress)
        unsaved = any("url" in failure for failure in self._summary.failures)
        return SAVED if self._summary.images and not unsaved else FAILED

    async def _start_with_callback(self, request: ImageRequest, progress: Progress) -> None:
        await self._submit(request)
        progress.say(f"Task {self._summary.task_id} has started. Its result will be posted to {request.callback_url}.")

    async def _events(self, request: ImageRequest | None, progress: Progress) -> AsyncGenerator[ImageEvent, None]:
        if request is not None and request.stream:
            self._summary.sent = True
            async with aclosing(self._client.stream(request)) as stream:
                async for event in stream:
                    yield event
            return
        result = await self._result(request, progress)
        self._summary.task_id = result.task_id or self._summary.task_id
        self._summary.trace_id = result.trace_id or self._summary.trace_id
        for event in result.events():
            yield event

    async def _result(self, request: ImageRequest | None, progress: Progress) -> Result:
        if request is None:
            self._summary.task_id = self._options.task
            return await self._wait_for(self._options.task)
        if not request.run_async:
            self._summary.sent = True
            return await self._client.generate(request)
        task_id, result = await self._submit(request)
        if task_id:
            progress.say(f"Task {task_id} has started.")
        return result or await self._wait_for(task_id)

    async def _submit(self, request: ImageRequest) -> tuple[str, Result | None]:
        self._summary.sent = True
        submission = await self._client.submit(request)
        self._summary.task_id, self._summary.trace_id = submission.task_id or None, submission.trace_id
        return submission.task_id, submission.result

    async def _wait_for(self, task_id: str) -> Result:
        started = time.monotonic()
        while True:
            status = await self._client.task(task_id)
            if status.state != "running":
                return _result_of(status)
            await asyncio.sleep(poll_interval(time.monotonic() - started))

    async def _handle(self, event: ImageEvent, name: str, progress: Progress) -> None:
        match event:
            case ImageReady():
                await self._save(event, name, progress)
            case ImageFailed(index=index, code=code, message=message):
                self._summary.failures.append({"index": index, "code": code, "message": message})
                progress.say(f"Image {index + 1} was not made: {message or code}")
            case GenerationCompleted(usage=usage):
                self._summary.usage = usage
            case TaskNamed(task_id=task_id, trace_id=trace_id):
                self._summary.task_id = self._summary.task_id or task_id
                self._summary.trace_id = self._summary.trace_id or trace_id

    async def _save(self, image: ImageReady, name: str, progress: Progress) -> None:
        record = {"index": image.index, "url": image.url, "size": str(image.size) if image.size else None}
        try:
            async with aclosing(self._chunks(image)) as chunks:
                path = await save(chunks, self._options.out, name, image.index + 1)
        except (SeeDreamError, OSError) as error:
            self._summary.failures.append(record | {"code": "not_saved", "message": str(error)})
            link = f" Its link works for 24 hours: {image.url}" if image.url else ""
            progress.say(f"Image {image.index + 1} could not be saved: {error}{link}")
            return
        self._summary.images.append(record | {"file": str(path)})
        progress.advance()
        if not self._options.json:
            print(path, flush=True)  # noqa: T201 - the command's output

    async def _chunks(self, image: ImageReady) -> AsyncGenerator[bytes, None]:
        if image.data is not None:
            yield image.data
        elif image.url is not None:
            async with aclosing(self._client.download(image.url)) as chunks:
                async for chunk in chunks:
                    yield chunk


def _result_of(status: TaskStatus) -> Result:
    if status.error is not None:
        raise status.error
    if status.result is None:
        raise UnreadableAnswer(f"The task {status.id} ended without a result.")
    return status.result


async def _run(options: argparse.Namespace, request: ImageRequest | None, summary: RunSummary) -> int:
    key, provider, base_url = connection_settings(options, read_environment())
    async with SeeDreamClient(api_key=key, provider=provider, base_url=base_url) as client:
        return await Command(client, options, summary).run(request)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    summary = RunSummary()
    status = _exit_status(options, summary)
    if options.json and status != INVALID:
        print(summary.as_json())  # noqa: T201 - the command's output
    return status


def _exit_status(options: argparse.Namespace, summary: RunSummary) -> int:
    try:
        use_models(options, read_environment())
        request = None if options.task else build_request(options)
        prepare(options.out)
        return asyncio.run(_run(options, request, summary))
    except InvalidRequest as error:
        _print_error(str(error))
        return INVALID
    except (SeeDreamError, OSError) as error:
        _print_error(" ".join(str(error).split()))
        return FAILED
    except KeyboardInterrupt:
        _print_error(_interrupted(summary))
        return INTERRUPTED


def _interrupted(summary: RunSummary) -> str:
    if summary.task_id:
        command = f"python -m seedream --task {summary.task_id}"
        return f"Interrupted. The task goes on and may be billed. Wait for it with: {command}"
    if summary.sent:
        return "Interrupted. The request may be billed."
    return "Interrupted. Nothing was made."


def _print_error(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 - the command's output
