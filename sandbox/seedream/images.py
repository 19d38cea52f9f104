"""POST /seedream/images and ByteDance's /images/generations: check, keep the books, answer in the mode asked for."""

import asyncio
from functools import partial

import aiohttp
from aiohttp import web

from sandbox.seedream.books import Entry, listed
from sandbox.seedream.errors import ApiError, Json, invalid, timed_out
from sandbox.seedream.faults import Fault
from sandbox.seedream.fields import is_web_url
from sandbox.seedream.forms import form_of
from sandbox.seedream.models import Model, accepted_names
from sandbox.seedream.references import (
    LARGEST,
    Reference,
    bytes_of_data_url,
    check_layer_input,
    check_transparent,
    checked,
)
from sandbox.seedream.stream import Stream
from sandbox.seedream.studio import Work
from sandbox.seedream.tasks import Task
from sandbox.seedream.validate import Order, order_of
from sandbox.seedream.world import World, body_of, broken_json, hang_up

# ByteDance's own hosts have neither tasks nor callbacks, and pass over fields that they do not know.
NOT_OF_ARK = frozenset({"async", "callback_url"})
FETCH_TIMEOUT = aiohttp.ClientTimeout(total=10)  # seconds for one reference image


class Images:
    """The handler, and the steps that a request takes."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """POST /seedream/images."""
        self._world.check_dialect("acedata", request.path)
        return await self._handled(request, ignored=frozenset())

    async def handle_ark(self, request: web.Request) -> web.StreamResponse:
        """POST .../images/generations."""
        self._world.check_dialect("ark", request.path)
        return await self._handled(request, ignored=NOT_OF_ARK)

    async def _handled(self, request: web.Request, *, ignored: frozenset[str]) -> web.StreamResponse:
        entry = self._world.books.open()
        try:
            body = await body_of(request, self._world.studio)
            entry.take(body, ignored)
            self._world.check_key(request)
            answer = await self._served(request, entry, {name: body[name] for name in body if name not in ignored})
        except ApiError as problem:
            entry.code, answer = problem.code, self._world.refused(problem)
        if request.transport and not request.transport.is_closing():
            entry.status = answer.status
        return answer

    async def _served(self, request: web.Request, entry: Entry, body: Json) -> web.StreamResponse:
        settings = self._world.settings
        names = accepted_names(settings.accepted_ids, settings.withdrawn, settings.extra_models)
        order = order_of(body, names, settings)
        references = await self._references(order)
        entry.references = self._kept(references)
        faults = self._world.faults.take("images", order.mode, order.images)
        work = Work(order=order, references=references, faults=faults, entry=entry)
        return await self._answer(request, work, body)

    async def _references(self, order: Order) -> tuple[Reference, ...]:
        found = [await self._reference(index, source, order.model) for index, source in enumerate(order.sources)]
        if order.transparent:
            check_transparent(found[0])
        if order.level:
            check_layer_input(found[0])
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
            raise invalid(f"image[{index}]", "can't be fetched from its URL.") from problem

    def _kept(self, references: tuple[Reference, ...]) -> list[Json]:
        for reference in references:
            self._world.inputs.put(reference.sha256, reference.data)
        return listed(references)

    async def _answer(self, request: web.Request, work: Work, body: Json) -> web.StreamResponse:
        if hang := work.faults.get("hang"):
            await asyncio.sleep(hang.seconds)
        if error := work.faults.get("error"):
            return self._failed(error, work, body)
        work.entry.task_id = work.names.task_id
        task = self._world.tasks.open(work, body, self._world.settings)
        if work.order.mode == "stream":
            return await Stream(self._world, request, work, task).answer()
        if cut := work.faults.get("idle_cut"):
            return await self._silent(request, cut, work, task)
        answer = await (self._plain(work, task) if work.order.mode == "plain" else self._later(work, task))
        if "answer_lost" in work.faults:
            return hang_up(request)
        return broken_json() if "bad_json" in work.faults else answer

    def _failed(self, error: Fault, work: Work, body: Json) -> web.Response:
        """An error; where it is billed, the work is done all the same and can be looked up."""
        if error.billed:
            work.entry.task_id = work.names.task_id
            task = self._world.tasks.open(work, body, self._world.settings)
            self._world.tasks.start(task, work, self._world.settings)
        work.entry.code = error.code
        return self._world.failed(error, work.names)

    async def _silent(self, request: web.Request, cut: Fault, work: Work, task: Task) -> web.Response:
        """Nothing is heard for a while, and then the connection is closed."""
        if cut.billed:
            self._world.tasks.start(task, work, self._world.settings)
        else:
            self._world.tasks.fail(task, work, timed_out(), self._world.settings)
        await asyncio.sleep(cut.seconds)
        return hang_up(request)

    async def _plain(self, work: Work, task: Task) -> web.Response:
        try:
            return web.json_response(await self._world.tasks.finish(task, work, self._world.settings))
        except ApiError as problem:
            return self._world.refused(problem, work.names)

    async def _later(self, work: Work, task: Task) -> web.Response:
        if "callback_early" in work.faults:
            await self._world.tasks.run(task, work, self._world.settings)
        else:
            self._world.tasks.start(task, work, self._world.settings)
        return web.json_response(form_of(self._world.settings).accepted(work.names))
