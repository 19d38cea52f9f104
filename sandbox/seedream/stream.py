"""A streamed answer: one event an image as it is ready, and `completed` once, last."""

from aiohttp import web

from sandbox.seedream import answers
from sandbox.seedream.errors import Json, internal_error
from sandbox.seedream.studio import Work
from sandbox.seedream.world import World, hang_up

NDJSON = "application/x-ndjson"
SSE = "text/event-stream"


class Stream:
    """One stream. It is billed when `completed` is sent; its headers leave with the first image."""

    def __init__(self, world: World, request: web.Request, work: Work) -> None:
        accept = request.headers.get("accept", "")
        self._world = world
        self._request = request
        self._work = work
        self._sse = SSE in accept and NDJSON not in accept
        self._response = web.StreamResponse(headers={"content-type": SSE if self._sse else NDJSON})
        self._items: list[answers.Item] = []

    async def answer(self) -> web.StreamResponse:
        try:
            return await (self._lost() if "answer_lost" in self._work.faults else self._told())
        except ConnectionResetError:  # the client has left: what it did not get is not billed
            self._work.entry.code = "client_gone"
            return self._response

    async def _told(self) -> web.StreamResponse:
        async for item in self._world.studio.items(self._work, self._world.settings):
            if await self._spoilt(over=False):
                return self._response
            self._items.append(item)
            self._work.entry.images += answers.made([item])
            await self._send(answers.event(self._work.order, item))
        if not await self._spoilt(over=True):
            self._work.entry.billed = answers.made(self._items)
            await self._send(self._completed())
            if self._sse:
                await self._write(b"data: [DONE]\n\n")
        return self._response

    async def _lost(self) -> web.StreamResponse:
        items = [item async for item in self._world.studio.items(self._work, self._world.settings)]
        self._work.entry.images = self._work.entry.billed = answers.made(items)
        return hang_up(self._request)

    async def _spoilt(self, *, over: bool) -> bool:
        """Whether a fault ends the stream here: after as many images as it says, or at the end."""
        faults = self._work.faults
        if "bad_json" in faults:
            await self._write(b'{"type": "image_generation.partial_\n')
            return True
        fault = faults.get("stream_cut") or faults.get("stream_error")
        if fault is None or (len(self._items) < fault.after and not over):
            return False
        if fault.kind == "stream_error":
            await self._send(answers.stream_error(internal_error()))
        else:
            await self._write(b"")
            if self._request.transport:
                self._request.transport.abort()
        return True

    def _completed(self) -> Json:
        return answers.completed(self._work.order, self._items, len(self._work.references))

    async def _send(self, event: Json) -> None:
        await self._write(answers.framed(event, sse=self._sse))

    async def _write(self, line: bytes) -> None:
        if not self._response.prepared:
            self._work.entry.status = 200
            await self._response.prepare(self._request)
        if line:
            await self._response.write(line)
