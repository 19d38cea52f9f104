"""POST /seedream/images: check, keep the books, answer in the mode that was asked for."""

import asyncio
from functools import partial

import aiohttp
from aiohttp import web

from sandbox.seedream import answers
from sandbox.seedream.books import Entry, listed
from sandbox.seedream.errors import ApiError, Json, bad_request
from sandbox.seedream.fields import is_web_url
from sandbox.seedream.models import Model, accepted_names
from sandbox.seedream.references import LARGEST, Reference, bytes_of_data_url, check_transparent, checked
from sandbox.seedream.stream import Stream
from sandbox.seedream.studio import Work
from sandbox.seedream.validate import Order, order_of
from sandbox.seedream.world import World, body_of, broken_json, failed, hang_up, refused

FETCH_TIMEOUT = aiohttp.ClientTimeout(total=10)  # seconds for one reference image


class Images:
    """The handler, and the steps that a request takes."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle(self, request: web.Request) -> web.StreamResponse:
        entry = self._world.books.open()
        try:
            body = await body_of(request, self._world.studio)
            entry.take(body)
            self._world.check_key(request)
            order = order_of(body, accepted_names(self._world.settings.accepted_ids))
            references = await self._references(order)
            entry.references = self._kept(references)
            answer = await self._answer(request, entry, body, order, references)
        except ApiError as problem:
            entry.code, answer = problem.code, refused(problem)
        if request.transport and not request.transport.is_closing():
            entry.status = answer.status
        return answer

    async def _references(self, order: Order) -> tuple[Reference, ...]:
        found = [await self._reference(index, source, order.model) for index, source in enumerate(order.sources)]
        if order.transparent:
            check_transparent(found[0])
        return tuple(found)

    async def _reference(self, index: int, source: str, model: Model) -> Reference:
        if is_web_url(source):
            data = await self._fetched(index, source)
            return await self._world.studio.in_thread(partial(checked, index, "url", data, model))
        decoded = partial(bytes_of_data_url, index, source)
        return await self._world.studio.in_thread(lambda: checked(index, "data", decoded(), model))

    async def _fetched(self, index: int, url: str) -> bytes:
        try:
            async with self._world.session.get(url, timeout=FETCH_TIMEOUT) as answer:
                answer.raise_for_status()
                data = bytearray()
                async for chunk in answer.content.iter_chunked(2**16):
                    data += chunk
                    if len(data) > LARGEST:
                        break
                return bytes(data)
        except (aiohttp.ClientError, TimeoutError) as problem:
            raise bad_request(f"image[{index}] can't be fetched from its URL.") from problem

    def _kept(self, references: tuple[Reference, ...]) -> list[Json]:
        for reference in references:
            self._world.inputs.put(reference.sha256, reference.data)
        return listed(references)

    async def _answer(
        self, request: web.Request, entry: Entry, body: Json, order: Order, references: tuple[Reference, ...]
    ) -> web.StreamResponse:
        faults = self._world.faults.take("images", order.mode, order.images)
        if hang := faults.get("hang"):
            await asyncio.sleep(hang.seconds)
        if error := faults.get("error"):
            entry.code = error.code
            return failed(error)
        work = Work(order=order, references=references, faults=faults, entry=entry)
        entry.task_id = work.names.task_id
        if order.mode == "stream":
            return await Stream(self._world, request, work).answer()
        answer = await (self._plain(work, body) if order.mode == "plain" else self._later(work, body))
        if "answer_lost" in faults:
            return hang_up(request)
        return broken_json() if "bad_json" in faults else web.json_response(answer)

    async def _plain(self, work: Work, body: Json) -> Json:
        task = self._world.tasks.open(work, body)
        return await self._world.tasks.finish(task, work, self._world.settings)

    async def _later(self, work: Work, body: Json) -> Json:
        task = self._world.tasks.open(work, body)
        if "callback_early" in work.faults:
            await self._world.tasks.run(task, work, self._world.settings)
        else:
            self._world.tasks.start(task, work, self._world.settings)
        return answers.accepted(work.names)
