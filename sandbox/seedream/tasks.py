"""Tasks: the results of requests, looked up with POST /seedream/tasks or sent to a callback URL."""

import asyncio
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp

from sandbox.seedream.dialects import dialect_of
from sandbox.seedream.errors import Json, LocalApiError, bad_request, invalid, task_not_found
from sandbox.seedream.json_fields import choice
from sandbox.seedream.renderer import Renderer, RenderJob
from sandbox.seedream.request_log import BULKY, RequestLog
from sandbox.seedream.response_items import Item, count_images
from sandbox.seedream.response_patching import rewritten
from sandbox.seedream.settings import ServiceSettings

MOST_TASKS = 500  # kept to be looked up
CALLBACK_TIMEOUT = aiohttp.ClientTimeout(total=10)  # seconds


@dataclass(slots=True)
class Task:
    """The record of a request; `response` is empty while it runs. Times are in seconds since 1970."""

    id: str
    trace_id: str
    request: Json
    created_at: float = field(default_factory=time.time)
    finished_at: float | None = None
    response: Json = field(default_factory=dict)

    def end(self, response: Json) -> None:
        self.response = response
        self.finished_at = time.time()

    def json(self, settings: ServiceSettings) -> Json:
        """Return the task in the form of the settings."""
        if settings.task_answer == "plain":
            return self.response or {"task_id": self.id, "trace_id": self.trace_id}
        if settings.task_answer == "status":
            return self._status()
        record: Json = {"id": self.id, "created_at": self.created_at, "request": self.request}
        return record | (self._times() if settings.task_times else {}) | {"response": self.response}

    def _times(self) -> Json:
        """Source: AceDataCloud/Docs, seedream tasks guide: `finished_at` is absent until the end."""
        times: Json = {"started_at": self.created_at}
        if self.finished_at is not None:
            times |= {"finished_at": self.finished_at, "elapsed": self.finished_at - self.created_at}
        return times

    def _status(self) -> Json:
        """Source: AceDataCloud/SeedreamAPI 51589e2, which shows one image and does not say how a failure is told."""
        head: Json = {"success": True, "task_id": self.id}
        if not self.response:
            return head | {"data": {"status": "processing"}}
        if "error" in self.response:
            return head | {"success": False, "error": self.response["error"], "data": {"status": "failed"}}
        images = self.response.get("data") or [{}]
        image = images[0] if isinstance(images, list) else images
        return head | {"data": {"status": "succeeded", "model": self.request["model"]} | image}


class Tasks:
    """All tasks, including those that still run."""

    def __init__(self, renderer: Renderer, request_log: RequestLog, session: aiohttp.ClientSession) -> None:
        self._renderer = renderer
        self._request_log = request_log
        self._session = session
        self._kept: OrderedDict[str, Task] = OrderedDict()
        self._running: set[asyncio.Task[None]] = set()

    def open(self, job: RenderJob, body: Json, settings: ServiceSettings) -> Task:
        """Create the task of a request; the settings decide whether it can be looked up."""
        request = {name: value for name, value in body.items() if name not in BULKY}
        request |= {"model": job.order.wire_id, "prompt": job.order.prompt}
        task = Task(job.ids.task_id, job.ids.trace_id, request)
        if settings.task_records == "all" or (settings.task_records == "callback_only" and job.order.callback_url):
            self._keep(task)
        return task

    def _keep(self, task: Task) -> None:
        self._kept[task.id] = task
        while len(self._kept) > MOST_TASKS:
            self._kept.popitem(last=False)

    def lookup(self, body: Json, settings: ServiceSettings) -> Json:
        """Answer POST /seedream/tasks; a batch returns the known tasks. Raises ApiError."""
        if choice(body, "action", ("retrieve", "retrieve_batch"), "retrieve") == "retrieve":
            return self._found(body.get("id"), settings)
        ids = body.get("ids")
        if not isinstance(ids, list) or not all(isinstance(task_id, str) for task_id in ids):
            raise invalid("ids", "is a list of the task_ids of requests.")
        items = [self._kept[task_id].json(settings) for task_id in ids if task_id in self._kept]
        return {"items": items, "count": len(items)}

    def _found(self, task_id: object, settings: ServiceSettings) -> Json:
        if not isinstance(task_id, str):
            raise invalid("id", "is required: the task_id of a request.")
        if task_id in self._kept:
            return self._kept[task_id].json(settings)
        if settings.unknown_task == "empty":
            return {}
        raise bad_request("The task is not found.") if settings.unknown_task == "bad_request" else task_not_found()

    def start(self, task: Task, job: RenderJob, settings: ServiceSettings) -> None:
        running = asyncio.create_task(self.run(task, job, settings))
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    async def run(self, task: Task, job: RenderJob, settings: ServiceSettings) -> None:
        """Create the images, store the result, and send the callback."""
        if "stuck" in job.faults:
            return
        with suppress(LocalApiError):  # the task's response has the error
            await self.finish(task, job, settings)
        if job.order.callback_url:
            await self._push(job.order.callback_url, task, job)

    async def finish(self, task: Task, job: RenderJob, settings: ServiceSettings) -> Json:
        """Create and bill the images, and return the plain response. Raises ApiError if none was created."""
        items = [item async for item in self._renderer.items(job, settings)]
        return self.close(task, job, items, settings)

    def close(self, task: Task, job: RenderJob, items: list[Item], settings: ServiceSettings) -> Json:
        """Bill the images, and return the plain response. Raises ApiError if there are none."""
        try:
            answer = dialect_of(settings).plain(job.order, items, len(job.references), job.ids)
        except LocalApiError as problem:
            self.fail(task, job, problem, settings)
            raise
        job.entry.images = job.entry.billed = count_images(items)
        task.end(rewritten(answer, job.faults))
        return task.response

    def fail(self, task: Task, job: RenderJob, problem: LocalApiError, settings: ServiceSettings) -> None:
        job.entry.code = problem.code
        task.end(rewritten(dialect_of(settings).failure(problem, job.ids), job.faults))

    async def _push(self, url: str, task: Task, job: RenderJob) -> None:
        if "callback_lost" in job.faults:
            return
        if late := job.faults.get("callback_late"):
            await asyncio.sleep(late.seconds)
        for _ in range(2 if "callback_twice" in job.faults else 1):
            try:
                async with self._session.post(url, json=task.response, timeout=CALLBACK_TIMEOUT) as answer:
                    status = answer.status
            except (aiohttp.ClientError, TimeoutError):
                status = 0
            job.entry.callbacks.append({"at": time.time(), "status": status})

    async def stop(self) -> None:
        """Cancel running tasks and forget all tasks."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._kept.clear()
