"""Runs one command: sends the request, or waits for a task, and saves the images."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import aclosing
from typing import TYPE_CHECKING

from seedream.cli.progress import Progress
from seedream.cli.saving import save, slug
from seedream.errors import SeeDreamError, UnreadableAnswer, one_line
from seedream.polling import poll_interval
from seedream.values import (
    GenerationCompleted,
    ImageEvent,
    ImageFailed,
    ImageReady,
    Result,
    TaskNamed,
    TaskStatus,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncGenerator

    from seedream.cli.screen import Screen
    from seedream.cli.summary import RunSummary
    from seedream.client import SeeDreamClient
    from seedream.requests import ImageRequest


class Command:
    """Saves the images of one request, or of one earlier task, as files."""

    def __init__(
        self, client: SeeDreamClient, options: argparse.Namespace, summary: RunSummary, screen: Screen
    ) -> None:
        self._client = client
        self._options = options
        self._summary = summary
        self._screen = screen
        self._printed = 0

    async def run(self, request: ImageRequest | None) -> bool:
        """Returns whether all went well: there are images, and every one is saved."""
        if request is not None and request.callback_url is not None and not request.run_async:
            await self._start_with_callback(request)
            return True
        try:
            async with Progress(request.max_images if request else 1, self._screen) as progress:
                await self._save_all(request, progress)
        finally:
            self._print_names()
        return bool(self._summary.images) and not any("url" in failure for failure in self._summary.failures)

    async def _start_with_callback(self, request: ImageRequest) -> None:
        await self._submit(request)
        task = self._summary.task_id
        self._screen.say(f"Task {task} has started. Its result will be posted to {request.callback_url}.")

    async def _save_all(self, request: ImageRequest | None, progress: Progress) -> None:
        """Save the images before their names are printed; those of a stream one by one, as they are made."""
        prompt = request.prompt if request else f"task {self._options.task}"
        # A printed name must be the name of a file, so it is one that both the disk and stdout can hold.
        name = slug(prompt, sys.getfilesystemencoding(), self._screen.encoding)
        async with aclosing(self._events(request)) as events:
            async for event in events:
                await self._handle(event, name, progress)
                if request is not None and request.stream:
                    self._print_names()

    def _print_names(self) -> None:
        images, self._printed = self._summary.images[self._printed :], len(self._summary.images)
        for image in images if not self._options.json else ():
            self._screen.output(image["file"])

    async def _events(self, request: ImageRequest | None) -> AsyncGenerator[ImageEvent, None]:
        if request is not None and request.stream:
            self._summary.sent = True
            async with aclosing(self._client.stream(request)) as stream:
                async for event in stream:
                    yield event
            return
        result = await self._result(request)
        self._summary.task_id = result.task_id or self._summary.task_id
        self._summary.trace_id = result.trace_id or self._summary.trace_id
        for event in result.events():
            yield event

    async def _result(self, request: ImageRequest | None) -> Result:
        if request is None:
            self._summary.task_id = self._options.task
            return await self._wait_for(self._options.task)
        if not request.run_async:
            self._summary.sent = True
            return await self._client.generate(request)
        task_id, result = await self._submit(request)
        if task_id:
            self._screen.say(f"Task {task_id} has started.")
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
                self._screen.say(f"Image {index + 1} was not made: {one_line(message or code)}")
            case GenerationCompleted(usage=usage):
                self._summary.usage = usage
            case TaskNamed(task_id=task_id, trace_id=trace_id):
                self._summary.task_id = self._summary.task_id or task_id
                self._summary.trace_id = self._summary.trace_id or trace_id

    async def _save(self, image: ImageReady, name: str, progress: Progress) -> None:
        record = {"index": image.index, "url": image.url, "size": str(image.size) if image.size else None}
        unknown = "bin" if image.data is not None else None  # without a link, it can't be fetched again
        try:
            async with aclosing(self._chunks(image)) as chunks:
                path = await save(chunks, self._options.out, name, image.index + 1, unknown)
        except (SeeDreamError, OSError) as error:
            self._summary.failures.append(record | {"code": "not_saved", "message": str(error)})
            link = f" Its link works for 24 hours: {image.url}" if image.url else ""
            self._screen.say(f"Image {image.index + 1} could not be saved: {error}{link}")
            return
        self._summary.images.append(record | {"file": str(path)})
        progress.advance()

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
