"""The core of jobs on ports in memory, in processes that can die at any moment: between any two of their calls."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from seedream import ImageRequest
from seedream.callbacks import parse_callback
from seedream.providers import DEFAULT_PROVIDER
from seedream.wire_ids import WireIds
from studio.jobs.api_memory import ApiMemory
from studio.jobs.job import PreparedRequest
from studio.jobs.paths import Delivery
from studio.jobs.ports import JobPorts
from studio.jobs.service import ImageService
from studio.jobs.states import Path
from studio.quota.limits import Member
from tests.support.jobs import ORIGIN
from tests.support.memory import (
    MemoryAlerts,
    MemoryGuilds,
    MemoryLeases,
    MemoryLinks,
    MemoryMetrics,
    MemoryPictures,
    MemoryQuotas,
    MemoryRetention,
    MemorySharedState,
    MemoryStore,
)
from tests.support.memory_api import MemoryApi
from tests.support.memory_presenter import MemoryPresenter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from studio.jobs.job import Job
    from tests.support.memory_api import Post
    from tests.support.memory_presenter import View
    from tests.support.virtual_time import VirtualLoop

MAX_AGE = 1800.0
HOUR = 3600.0

_RUNNING: ContextVar[Process | None] = ContextVar("running", default=None)


class Died(BaseException):
    """The process is dead: nothing that it still does reaches anything. No `except Exception` may hide that."""


class Port:
    """A port as one process reaches it: it may die just before a call takes effect, or just after it."""

    def __init__(self, port: object, process: Process) -> None:
        self._port = port
        self._process = process

    def __getattr__(self, name: str) -> Callable:
        method = getattr(self._port, name)
        if inspect.isasyncgenfunction(method):
            return lambda *args: self._streamed(method(*args))
        if not inspect.iscoroutinefunction(method):
            return method
        return lambda *args, **kwargs: self._called(method(*args, **kwargs))

    async def _called(self, call):
        try:
            self._process.step()
            await asyncio.sleep(0)  # a call of a real port lets others run
            self._process.step()
        except BaseException:
            call.close()
            raise
        result = await call
        self._process.step()
        return result

    async def _streamed(self, events):
        self._process.step()
        async for event in events:
            self._process.step()
            yield event


class Process:
    """One process of the bot. `path`: how it sends requests."""

    def __init__(self, world: World, number: int, path: Path, most: int, *, inline: bool) -> None:
        self.name = f"process:{number}"
        self.alive = True
        self.calls_left: int | None = None
        self.tasks: list[asyncio.Task] = []
        self.metrics = MemoryMetrics()
        self.retention = MemoryRetention()
        clock = world.clock
        leases = MemoryLeases(world.leases, self.name, clock)
        reach = {"api": world.api, "store": world.store, "pictures": world.pictures, "presenter": world.presenter}
        reached = {name: Port(port, self) for name, port in reach.items()}
        shared = Port(world.shared, self)
        ports = JobPorts(
            **reached,
            quotas=Port(world.quotas, self),
            guilds=world.guilds,
            leases=Port(leases, self),
            shared=shared,
            alerts=world.alerts,
            retention=self.retention,
            links=MemoryLinks(),
            metrics=self.metrics,
            clock=clock,
        )
        self.service = ImageService(
            ports,
            ApiMemory(shared, WireIds(DEFAULT_PROVIDER, clock), clock, address="https://api.example"),
            Delivery(provider=replace(DEFAULT_PROVIDER, tasks=True), reachable=True, forced=path),
            process=self.name,
            max_in_flight=most,
            max_age=MAX_AGE,
            inline=inline,
            callback_url=lambda job_id: f"https://bot.example/callbacks/{job_id}",
        )

    def step(self) -> None:
        """A call is made, or comes back. Raises: Died."""
        if self.calls_left is not None:
            self.calls_left -= 1
            if self.calls_left <= 0:
                self.die()
        if not self.alive:
            raise Died

    async def do(self, coroutine):
        """Run it as a part of this process; None where the process dies of it."""
        token = _RUNNING.set(self)
        try:
            return await coroutine
        except (Died, asyncio.CancelledError):
            if self.alive:
                raise
            return None
        finally:
            _RUNNING.reset(token)

    def die(self) -> None:
        """Nothing more comes of anything that it is at."""
        self.alive = False
        for task in self.tasks:
            task.cancel()


class World:
    """What outlives processes: the database, SeeDream, Discord; and time."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.clock = loop.clock
        self.leases: dict[str, tuple[str, float]] = {}
        self.store = MemoryStore(self.leases, self.clock)
        self.quotas = MemoryQuotas(self.store)
        self.guilds = MemoryGuilds()
        self.shared = MemorySharedState()
        self.alerts = MemoryAlerts()
        self.pictures = MemoryPictures()
        self.presenter = MemoryPresenter(clock=self.clock)
        self.api = MemoryApi(self.clock)
        self.processes: list[Process] = []
        self._numbers = count(1)
        self._prompts = count(1)
        loop.set_task_factory(_owned)

    @property
    def alive(self) -> list[Process]:
        return [process for process in self.processes if process.alive]

    @property
    def jobs(self) -> Iterator[Job]:
        return iter(list(self.store.jobs.values()))

    async def start(self, path: Path = Path.STREAM, *, most: int = 4, inline: bool = False) -> Process:
        process = Process(self, next(self._numbers), path, most, inline=inline)
        self.processes.append(process)
        await process.do(process.service.start())
        return process

    async def submit(
        self, process: Process, *, user_id: int = 4, private: bool = False, mention: bool = False, **request
    ) -> Job | None:
        """Accepted, and not yet posted; None where the process died."""
        asked = ImageRequest(**{"prompt": f"fox {next(self._prompts)}", "size": "2K"} | request)
        origin = replace(ORIGIN, user_id=user_id, token_expires=self.clock() + 900, private=private)
        member, prepared = (
            Member(user_id=user_id, server_id=ORIGIN.guild_id),
            PreparedRequest(request=asked, mention=mention),
        )
        return await process.do(process.service.submit(origin, prepared, member=member, channels=(ORIGIN.channel_id,)))

    async def post(self, process: Process, job: Job) -> None:
        """Its placeholder, and the process's note of it."""
        await process.do(process.service.posted(job.id, self.presenter.post(job)))

    async def ask(self, process: Process, **request) -> Job:
        job = await self.submit(process, **request)
        await self.post(process, job)
        return job

    async def call_back(self, process: Process, post: Post) -> bool | None:
        return await process.do(process.service.on_callback(post.job_id, post.body, parse_callback(post.body)))

    async def carry_callbacks(self, process: Process) -> None:
        """Deliver every callback that was asked for so far, each when it is due."""
        for post in self.api.posts:
            await asyncio.sleep(max(0.0, post.due - self.clock()))
            await self.call_back(process, post)

    def row(self, job: Job) -> Job:
        return self.store.jobs[job.id]

    def change(self, process: Process, job: Job, **changes) -> None:
        """Change a row in the store and in the memory of its process."""
        changed = self.store.jobs[job.id] = replace(self.row(job), **changes)
        if process.service._rows.current(job.id):
            process.service._rows.adopt(changed)

    def shown(self, job: Job) -> View:
        """What the job's first message says."""
        return self.presenter.messages[self.row(job).messages[0].id]

    def charged(self, job: Job) -> int:
        return self.store.charges[job.id].images

    async def until(self, holds: Callable[[], bool], *, within: float = HOUR) -> None:
        """Let time pass until it holds. Raises: AssertionError where it does not within so many seconds."""
        ends = self.clock() + within
        while not holds():
            assert self.clock() < ends, f"not within {within:g} s"
            await asyncio.sleep(max(0.25, within / 10_000))

    async def settled(self, *jobs: Job, within: float = HOUR) -> None:
        await self.until(lambda: all(self.row(job).settled for job in jobs or self.jobs), within=within)

    async def end(self) -> None:
        """Every process dies."""
        for process in self.processes:
            process.die()
        tasks = [task for process in self.processes for task in process.tasks]
        await asyncio.gather(*tasks, return_exceptions=True)


def _owned(loop, coroutine, **options) -> asyncio.Task:
    """A task belongs to the process that starts it."""
    task = asyncio.Task(coroutine, loop=loop, **options)
    if process := _RUNNING.get():
        process.tasks.append(task)
        task.add_done_callback(_noticed)
    return task


def _noticed(task: asyncio.Task) -> None:
    """What a dead process's tasks end with is nobody's business."""
    if not task.cancelled():
        task.exception()


@asynccontextmanager
async def a_world():
    world = World(asyncio.get_running_loop())
    try:
        yield world
    finally:
        await world.end()
