"""Streams a response: one event per image when it is ready, then `completed`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

from aiohttp import web

from sandbox.seedream.dialects import dialect_of
from sandbox.seedream.errors import Json, LocalApiError, timed_out
from sandbox.seedream.faults import Fault
from sandbox.seedream.renderer import RenderJob
from sandbox.seedream.response_items import Item, count_images, stream_line
from sandbox.seedream.state import ServiceState, hang_up
from sandbox.seedream.tasks import Task

NDJSON = "application/x-ndjson"
SSE = "text/event-stream"
SIGNS_OF_LIFE = 1000  # at a time
ENDINGS = ("bad_json", "stream_cut", "stream_error", "idle_cut", "unending")  # faults that end a stream early


class Stream:
    """One stream. It is billed when `completed` is sent; its headers are sent with the first image."""

    def __init__(self, state: ServiceState, request: web.Request, job: RenderJob, task: Task) -> None:
        accept = request.headers.get("accept", "")
        self._state = state
        self._settings = state.settings
        self._dialect = dialect_of(state.settings)
        self._request = request
        self._job = job
        self._task = task
        self._sse = state.settings.dialect == "ark" or (SSE in accept and NDJSON not in accept)
        self._response = web.StreamResponse(headers={"content-type": SSE if self._sse else NDJSON})
        self._items: list[Item] = []

    async def answer(self) -> web.StreamResponse:
        try:
            return await (self._lost() if "answer_lost" in self._job.faults else self._stream())
        except ConnectionResetError:  # the client has disconnected: nothing is billed
            self._state.tasks.fail(self._task, self._job, timed_out(), self._settings)
            self._job.entry.code = "client_gone"
            return self._response

    async def _stream(self) -> web.StreamResponse:
        coming = self._state.renderer.items(self._job, self._settings)
        async for item in coming:
            if fault := self._ending(over=False):
                await self._end(fault, item, coming)
                return self._response
            self._items.append(item)
            self._job.entry.images += count_images([item])
            told = replace(item, index=0) if "one_index" in self._job.faults else item
            await self._send(self._dialect.event(self._job.order, told, self._job.ids))
        if fault := self._ending(over=True):
            await self._end(fault, None, coming)
        else:
            await self._complete()
        return self._response

    async def _complete(self) -> None:
        self._close()
        order, references = self._job.order, len(self._job.references)
        await self._send(self._dialect.completed(order, self._items, references, self._job.ids))
        if self._sse:
            await self._write(b"data: [DONE]\n\n")

    async def _lost(self) -> web.StreamResponse:
        self._items = [item async for item in self._state.renderer.items(self._job, self._settings)]
        self._close()
        return hang_up(self._request)

    def _close(self) -> None:
        with suppress(LocalApiError):  # no image was created: the task's response has the error
            self._state.tasks.close(self._task, self._job, self._items, self._settings)

    def _ending(self, *, over: bool) -> Fault | None:
        """Return the fault that ends the stream now: after its number of images, or at the end."""
        fault = next((self._job.faults[kind] for kind in ENDINGS if kind in self._job.faults), None)
        if fault is None or (fault.kind != "bad_json" and len(self._items) < fault.after and not over):
            return None
        return fault

    async def _end(self, fault: Fault, item: Item | None, coming: AsyncIterator[Item]) -> None:
        """End the stream as the fault says; if it is billed, create the remaining images without sending them."""
        await self._apply(fault)
        if not fault.billed:
            self._state.tasks.fail(self._task, self._job, fault.error, self._settings)
            return
        self._items += [each for each in (item, *[each async for each in coming]) if each]
        self._close()

    async def _apply(self, fault: Fault) -> None:
        if fault.kind == "bad_json":
            await self._write(b'{"type": "image_generation.partial_\n')
        elif fault.kind == "stream_error":
            await self._send(self._dialect.stream_error(fault.error, self._job.ids))
        elif fault.kind == "idle_cut":
            await self._fall_silent(fault)
        elif fault.kind == "unending":
            await self._go_on()
        else:
            await self._write(b"")
            self._abort()

    async def _go_on(self) -> None:
        """Send signs of life until the client hangs up."""
        while not (self._request.transport is None or self._request.transport.is_closing()):
            await self._write((b": still here\n\n" if self._sse else b"\n") * SIGNS_OF_LIFE)

    async def _fall_silent(self, fault: Fault) -> None:
        await asyncio.sleep(fault.seconds)
        self._abort()

    def _abort(self) -> None:
        if self._request.transport:
            self._request.transport.abort()

    async def _send(self, event: Json) -> None:
        await self._write(stream_line(event, sse=self._sse))

    async def _write(self, line: bytes) -> None:
        if not self._response.prepared:
            self._job.entry.status = 200
            await self._response.prepare(self._request)
        if line:
            await self._response.write(line)
