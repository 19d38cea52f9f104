"""Requests that are answered later: looked up with POST /seedream/tasks, pushed to a callback URL."""

import asyncio
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp

from sandbox.seedream import answers
from sandbox.seedream.books import BULKY, Books
from sandbox.seedream.errors import ApiError, Json, bad_request, task_not_found
from sandbox.seedream.fields import choice
from sandbox.seedream.settings import Settings
from sandbox.seedream.studio import Studio, Work

MOST_TASKS = 500  # kept to be looked up
CALLBACK_TIMEOUT = aiohttp.ClientTimeout(total=10)  # seconds


@dataclass(slots=True)
class Task:
    """One request's record; `response` is empty while it runs."""

    id: str
    trace_id: str
    request: Json
    created_at: float = field(default_factory=time.time)
    response: Json = field(default_factory=dict)

    def json(self, form: str) -> Json:
        if form == "plain":
            return self.response or {"task_id": self.id, "trace_id": self.trace_id}
        return {"id": self.id, "created_at": self.created_at, "request": self.request, "response": self.response}


class Tasks:
    """Every task there is, and the work behind those that still run."""

    def __init__(self, studio: Studio, books: Books, session: aiohttp.ClientSession) -> None:
        self._studio = studio
        self._books = books
        self._session = session
        self._kept: OrderedDict[str, Task] = OrderedDict()
        self._running: set[asyncio.Task[None]] = set()

    def open(self, work: Work, body: Json) -> Task:
        request = {name: value for name, value in body.items() if name not in BULKY}
        request |= {"model": work.order.wire_id, "prompt": work.order.prompt}
        task = Task(work.names.task_id, work.names.trace_id, request)
        self._kept[task.id] = task
        while len(self._kept) > MOST_TASKS:
            self._kept.popitem(last=False)
        return task

    def lookup(self, body: Json, form: str) -> Json:
        """The answer of POST /seedream/tasks; of a batch, the tasks that are known. Raises ApiError."""
        self._books.lookups += 1
        if choice(body, "action", ("retrieve", "retrieve_batch"), "retrieve") == "retrieve":
            task_id = body.get("id")
            if not isinstance(task_id, str):
                raise bad_request("id is required: the task_id of a request.")
            if task_id not in self._kept:
                raise task_not_found()
            return self._kept[task_id].json(form)
        ids = body.get("ids")
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            raise bad_request("ids is a list of the task_ids of requests.")
        items = [self._kept[one].json(form) for one in ids if one in self._kept]
        return {"items": items, "count": len(items)}

    def start(self, task: Task, work: Work, settings: Settings) -> None:
        running = asyncio.create_task(self.run(task, work, settings))
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    async def run(self, task: Task, work: Work, settings: Settings) -> None:
        """Make the images, keep the result, push it."""
        if "stuck" in work.faults:
            return
        with suppress(ApiError):  # the task's response says it
            await self.finish(task, work, settings)
        if work.order.callback_url:
            await self._push(work.order.callback_url, task, work)

    async def finish(self, task: Task, work: Work, settings: Settings) -> Json:
        """Make the images, bill them, and give the plain answer. Raises ApiError where nothing was made."""
        items = [item async for item in self._studio.items(work, settings)]
        work.entry.images = work.entry.billed = answers.made(items)
        try:
            task.response = answers.plain(work.order, items, len(work.references), work.names)
        except ApiError as problem:
            task.response = answers.failure(problem, work.names, task=True)
            work.entry.code = problem.code
            raise
        return task.response

    async def _push(self, url: str, task: Task, work: Work) -> None:
        if "callback_lost" in work.faults:
            return
        if late := work.faults.get("callback_late"):
            await asyncio.sleep(late.seconds)
        for _ in range(2 if "callback_twice" in work.faults else 1):
            try:
                async with self._session.post(url, json=task.response, timeout=CALLBACK_TIMEOUT) as answer:
                    status = answer.status
            except (aiohttp.ClientError, TimeoutError):
                status = 0
            work.entry.callbacks.append({"at": time.time(), "status": status})

    async def stop(self) -> None:
        """End the work that still runs and forget every task."""
        running = list(self._running)
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._kept.clear()
