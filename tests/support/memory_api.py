"""SeeDream in memory: each request goes as the next plan says, and what is made is counted."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

from seedream import GenerationCompleted, ImageReady, Result, Submission, TaskNamed, TaskStatus
from seedream.errors import ContentRefused, ResponseLost, SeeDreamError, ServiceError, StreamBroken

if TYPE_CHECKING:
    from seedream import ImageRequest
    from studio.clock import Clock


COMPLETED = GenerationCompleted()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a request goes.

    `seconds`: until its end. `refused`: raised at once, so that nothing is made. `failed`: it ends with moderation's
    refusal. `lost`: the connection breaks half way, though the work goes on. `named`: the task's id is in the answer.
    `tail`: seconds between a stream's last picture and its end. `made`: how many pictures, if not all. `gateway`: the
    plain answer is a gateway's error page that names the task, though the work goes on.
    """

    seconds: float = 10.0
    refused: SeeDreamError | None = None
    failed: bool = False
    lost: bool = False
    named: bool = True
    tail: float = 0.0
    made: int | None = None
    gateway: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    id: str
    images: int
    ends: float
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A callback that is due at a time; who carries it decides when and how often it comes."""

    job_id: str
    body: bytes
    due: float


class MemoryApi:
    """`begun`, `made`: generations and pictures, by prompt. `posts`: the callbacks that were asked for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.plans: deque[Plan] = deque()
        self.usual = Plan()
        self.requests: list[ImageRequest] = []
        self.begun: Counter[str] = Counter()
        self.made: Counter[str] = Counter()
        self.posts: list[Post] = []
        self.tasks_known: dict[str, _Task] = {}
        self.look_ups = 0
        self.signature = ""  # of the links that a look-up gives
        self._ids = count(1)

    async def stream(self, request):
        task = self._begin(request)
        if task.plan.named:
            yield TaskNamed(task.id, "trace")
        for index in range(task.images):
            if task.plan.lost and index * 2 >= task.images:
                raise StreamBroken
            await asyncio.sleep(task.plan.seconds / task.images)
            yield _picture(task, index)
        if task.plan.failed:
            await asyncio.sleep(task.plan.seconds)
            raise _refusal()
        if task.plan.lost:
            raise StreamBroken
        await asyncio.sleep(task.plan.tail)
        yield COMPLETED

    async def generate(self, request):
        task = self._begin(request)
        await asyncio.sleep(task.plan.seconds)
        if task.plan.lost:
            raise ResponseLost
        if task.plan.gateway:
            raise ServiceError(504, task_id=task.id)
        if task.plan.failed:
            raise _refusal()
        return _result(task)

    async def submit(self, request):
        task = self._begin(request)
        if task.plan.lost:
            raise ResponseLost
        return Submission(task_id=task.id, trace_id="trace")

    async def tasks(self, ids):
        self.look_ups += 1
        return {one: self._status(one) for one in ids}

    async def check_key(self):
        return None

    def _begin(self, request: ImageRequest) -> _Task:
        self.requests.append(request)
        plan = self.plans.popleft() if self.plans else self.usual
        if plan.refused:
            raise plan.refused
        images = 0 if plan.failed else request.max_images if plan.made is None else plan.made
        task = _Task(id=f"task-{next(self._ids)}", images=images, ends=self._clock() + plan.seconds, plan=plan)
        self.tasks_known[task.id] = task
        self.begun[request.prompt] += 1
        self.made[request.prompt] += images
        if request.callback_url:
            self.posts.append(Post(job_id=request.callback_url.rpartition("/")[2], body=_body(task), due=task.ends))
        return task

    def _status(self, task_id: str) -> TaskStatus:
        task = self.tasks_known.get(task_id)
        if task is None:
            return TaskStatus(id=task_id, state="unknown")
        if self._clock() < task.ends:
            return TaskStatus(id=task_id, state="running")
        if task.plan.failed:
            return TaskStatus(id=task_id, state="failed", error=_refusal())
        return TaskStatus(id=task_id, state="succeeded", result=_signed(_result(task), self.signature))


def _refusal() -> ContentRefused:
    return ContentRefused(200, "content_policy", "no")


def _signed(result: Result, signature: str) -> Result:
    images = tuple(replace(image, url=f"{image.url}{signature}") for image in result.images)
    return replace(result, images=images)


def _link(task: _Task, index: int) -> str:
    return f"https://files.example/{task.id}/{index}.jpeg"


def _picture(task: _Task, index: int) -> ImageReady:
    return ImageReady(index, _link(task, index))


def _result(task: _Task) -> Result:
    images = tuple(_picture(task, index) for index in range(task.images))
    return Result(images=images, task_id=task.id if task.plan.named else None, trace_id="trace")


def _body(task: _Task) -> bytes:
    if task.plan.failed:
        error = {"code": "content_policy", "message": "no"}
        return json.dumps({"task_id": task.id, "error": error}).encode()
    data = [{"image_url": _link(task, index)} for index in range(task.images)]
    return json.dumps({"success": True, "task_id": task.id, "data": data}).encode()
