"""Handle POST /seedream/images and ByteDance's /images/generations: validate, log, answer in the requested mode."""

import asyncio
from functools import partial

import aiohttp
from aiohttp import web

from sandbox.seedream.dialects import dialect_of
from sandbox.seedream.errors import Json, LocalApiError, invalid, timed_out
from sandbox.seedream.faults import Fault
from sandbox.seedream.hostile import spoilt
from sandbox.seedream.json_fields import is_web_url
from sandbox.seedream.models import ServedModel, accepted_names
from sandbox.seedream.references import (
    LARGEST,
    Reference,
    bytes_of_data_url,
    check_layer_input,
    check_transparent,
    checked,
)
from sandbox.seedream.renderer import RenderJob
from sandbox.seedream.request_log import LoggedRequest, listed
from sandbox.seedream.state import ServiceState, body_of, hang_up
from sandbox.seedream.stream import Stream
from sandbox.seedream.tasks import Task
from sandbox.seedream.validation import Order, order_of

# ByteDance's own hosts have no tasks and no callbacks, and ignore unknown fields.
NOT_OF_ARK = frozenset({"async", "callback_url"})
FETCH_TIMEOUT = aiohttp.ClientTimeout(total=10)  # seconds for one reference image


class Images:
    """Handles image requests."""

    def __init__(self, state: ServiceState) -> None:
        self._state = state

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """POST /seedream/images."""
        self._state.check_dialect("acedata", request.path)
        return await self._handled(request, ignored=frozenset())

    async def handle_ark(self, request: web.Request) -> web.StreamResponse:
        """POST .../images/generations."""
        self._state.check_dialect("ark", request.path)
        return await self._handled(request, ignored=NOT_OF_ARK)

    async def _handled(self, request: web.Request, *, ignored: frozenset[str]) -> web.StreamResponse:
        entry = self._state.request_log.open()
        try:
            body = await body_of(request, self._state.renderer)
            entry.record(body, ignored)
            self._state.check_key(request)
            answer = await self._served(request, entry, {name: body[name] for name in body if name not in ignored})
        except LocalApiError as problem:
            entry.code, answer = problem.code, self._state.refused(problem)
        if request.transport and not request.transport.is_closing():
            entry.status = answer.status
        return answer

    async def _served(self, request: web.Request, entry: LoggedRequest, body: Json) -> web.StreamResponse:
        settings = self._state.settings
        models = accepted_names(settings.accepted_ids, settings.withdrawn, settings.extra_models)
        order = order_of(body, models, settings)
        references = await self._references(order)
        entry.references = self._kept(references)
        faults = self._state.faults.take("images", order.mode, order.images)
        job = RenderJob(order=order, references=references, faults=faults, entry=entry)
        return await self._answer(request, job, body)

    async def _references(self, order: Order) -> tuple[Reference, ...]:
        references = [await self._reference(index, source, order.model) for index, source in enumerate(order.sources)]
        if order.transparent:
            check_transparent(references[0])
        if order.level:
            check_layer_input(references[0])
        return tuple(references)

    async def _reference(self, index: int, source: str, model: ServedModel) -> Reference:
        if is_web_url(source):
            data = await self._fetched(index, source)
            return await self._state.renderer.in_thread(partial(checked, index, "url", data, model))
        decoded = partial(bytes_of_data_url, index, source)
        return await self._state.renderer.in_thread(lambda: checked(index, "data", decoded(), model))

    async def _fetched(self, index: int, url: str) -> bytes:
        try:
            async with self._state.session.get(url, timeout=FETCH_TIMEOUT) as answer:
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
            self._state.inputs.put(reference.sha256, reference.data)
        return listed(references)

    async def _answer(self, request: web.Request, job: RenderJob, body: Json) -> web.StreamResponse:
        if hang := job.faults.get("hang"):
            await asyncio.sleep(hang.seconds)
        if error := job.faults.get("error"):
            return self._failed(error, job, body)
        job.entry.task_id = job.ids.task_id
        task = self._state.tasks.open(job, body, self._state.settings)
        if job.order.mode == "stream":
            return await Stream(self._state, request, job, task).answer()
        if cut := job.faults.get("idle_cut"):
            return await self._silent(request, cut, job, task)
        answer = await (self._plain(job, task) if job.order.mode == "plain" else self._later(job, task))
        if "answer_lost" in job.faults:
            return hang_up(request)
        return spoilt(job.faults) or answer

    def _failed(self, error: Fault, job: RenderJob, body: Json) -> web.Response:
        """Respond with an error; if it is billed, the images are still created and can be looked up."""
        if error.billed:
            job.entry.task_id = job.ids.task_id
            task = self._state.tasks.open(job, body, self._state.settings)
            self._state.tasks.start(task, job, self._state.settings)
        job.entry.code = error.code
        return self._state.failed(error, job.ids)

    async def _silent(self, request: web.Request, cut: Fault, job: RenderJob, task: Task) -> web.Response:
        """Send nothing for a while, then close the connection."""
        if cut.billed:
            self._state.tasks.start(task, job, self._state.settings)
        else:
            self._state.tasks.fail(task, job, timed_out(), self._state.settings)
        await asyncio.sleep(cut.seconds)
        return hang_up(request)

    async def _plain(self, job: RenderJob, task: Task) -> web.Response:
        try:
            return web.json_response(await self._state.tasks.finish(task, job, self._state.settings))
        except LocalApiError as problem:
            return self._state.refused(problem, job.ids)

    async def _later(self, job: RenderJob, task: Task) -> web.Response:
        if "callback_early" in job.faults:
            await self._state.tasks.run(task, job, self._state.settings)
        else:
            self._state.tasks.start(task, job, self._state.settings)
        return web.json_response(dialect_of(self._state.settings).accepted(job.ids))
