"""The web server in a test: a door that keeps what it is given, and connections that send what they are told to."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import aiohttp

from infra.web.callbacks import CallbackLimits, Callbacks, Outcome
from infra.web.metrics import Metrics
from infra.web.server import WebServer
from seedream.callbacks import callback_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from infra.web.connections import ConnectionLimits
    from seedream.callbacks import Callback

SECRET = "a secret that is long enough for a test"
JOB = "hYc3_-Zq0aB1"
PATIENCE = 20.0
ANSWER = {"task_id": "task-1", "trace_id": "trace-1", "data": [{"image_url": "https://cdn.acedata.cloud/1.png"}]}
BODY = json.dumps(ANSWER).encode()


class Door:
    """Keeps every callback of the jobs that it knows; `open` is cleared to make it wait, `away` set to make it fail."""

    def __init__(self, *jobs: str) -> None:
        self.jobs = set(jobs)
        self.kept: list[tuple[str, bytes, Callback]] = []
        self.away: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.knocked = asyncio.Event()

    async def on_callback(self, job_id: str, body: bytes, callback: Callback) -> bool:
        self.knocked.set()
        await self.open.wait()
        if self.away:
            raise self.away
        if job_id not in self.jobs:
            return False
        self.kept.append((job_id, body, callback))
        return True


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Web:
    server: WebServer
    door: Door
    metrics: Metrics
    session: aiohttp.ClientSession
    outcomes: asyncio.Queue[Outcome] = field(default_factory=asyncio.Queue)

    def address(self, job_id: str = JOB, secret: str = SECRET) -> str:
        return callback_url(self.server.url, job_id, secret)

    async def ask(self, method: str, url: str, data: object = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        target = url if url.startswith("http") else self.server.url + url
        async with self.session.request(method, target, data=data, headers=named, allow_redirects=False) as answer:
            return Answer(answer.status, dict(answer.headers), await answer.read())

    async def post(self, data: object = BODY, job_id: str = JOB, **headers: str) -> Answer:
        return await self.ask("POST", self.address(job_id), data, **headers)

    async def outcome(self) -> Outcome:
        async with asyncio.timeout(PATIENCE):
            return await self.outcomes.get()

    @property
    def path(self) -> str:
        return self.address().removeprefix(self.server.url)


@asynccontextmanager
async def serving(
    *jobs: str,
    probes=None,
    callbacks: bool = True,
    limits: CallbackLimits | None = None,
    connections: ConnectionLimits | None = None,
    **options,
):
    door, metrics = Door(*(jobs or (JOB,))), Metrics(lambda: 1000.0)
    outcomes: asyncio.Queue[Outcome] = asyncio.Queue()

    def count(outcome: Outcome) -> None:
        metrics.callback(outcome)
        outcomes.put_nowait(outcome)

    submitter = Callbacks(door, secret=SECRET, count=count, limits=limits) if callbacks else None
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with (
        WebServer(
            "127.0.0.1", 0, metrics=metrics, probes=probes or {}, callbacks=submitter, limits=connections, **options
        ) as server,
        aiohttp.ClientSession(timeout=timeout, headers={"Accept-Encoding": "identity"}) as session,
    ):
        yield Web(server, door, metrics, session, outcomes)


class Line:
    """A connection on which bytes are sent as they are."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    @asynccontextmanager
    async def to(cls, web: Web) -> AsyncIterator[Self]:
        host, port = web.server.url.removeprefix("http://").rsplit(":", 1)
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            yield cls(reader, writer)
        finally:
            writer.close()

    async def send(self, content: bytes) -> None:
        self._writer.write(content)
        await self._writer.drain()

    async def post(self, path: str, content: bytes = b"", **headers: str | int) -> None:
        """The head of a request, and what there is of its body."""
        lines = [f"POST {path} HTTP/1.1", "Host: bot.example"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.send("\r\n".join([*lines, "", ""]).encode() + content)

    def half_close(self) -> None:
        """Send nothing more, but still read."""
        self._writer.write_eof()

    async def hang_up(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def answer(self) -> Answer:
        async with asyncio.timeout(PATIENCE):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode().strip()
            line, *fields = head.split("\r\n")
            headers = dict(one.split(": ", 1) for one in fields)
            body = await self._reader.readexactly(int(headers.get("Content-Length", 0)))
        return Answer(int(line.split()[1]), headers, body)

    async def ended(self) -> bytes:
        """What else comes until the server closes the connection."""
        async with asyncio.timeout(PATIENCE):
            return await self._reader.read()
