"""A plain client of the local SeeDream: requests as dictionaries, answers as they come."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from PIL import Image

from sandbox.seedream import LocalSeeDream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

V4 = "doubao-seedream-4-0-250828"
LITE = "doubao-seedream-5-0-lite-260128"
T2I = "doubao-seedream-3-0-t2i-250415"
EDIT = "doubao-seededit-3-0-i2i-250628"
PRO = "doubao-seedream-5-0-pro-260628"
FLASH = "doubao-seedream-5-0-flash-260915"


def group(images: int) -> dict:
    options = {"max_images": images}
    return {"sequential_image_generation": "auto", "sequential_image_generation_options": options}


def data_url(width: int = 64, height: int = 64, kind: str = "png", colour: str = "#f00", mode: str = "RGB") -> str:
    file = io.BytesIO()
    Image.new(mode, (width, height), colour).save(file, kind)
    return f"data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode()}"


def size_of(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        return picture.size


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> dict:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        return self.json["error"]["code"]

    @property
    def message(self) -> str:
        return self.json["error"]["message"]

    @property
    def events(self) -> list[dict]:
        return [json.loads(line) for line in self.text.splitlines()]


class Client:
    def __init__(self, session: aiohttp.ClientSession, url: str, key: str) -> None:
        self.session = session
        self.url = url
        self.key = key

    async def call(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        keyed = {"authorization": f"Bearer {self.key}"} | headers
        data = io.BytesIO(json.dumps(body).encode())
        async with self.session.request(method, self.url + path, data=data, headers=keyed) as answer:
            return Answer(answer.status, dict(answer.headers), await answer.text())

    async def ask(self, model: str = V4, *, accept: str = "application/json", **parameters) -> Answer:
        body = {"model": model, "prompt": "a red fox in snow"} | parameters
        if model == V4:
            body.setdefault("size", "1K")
        return await self.call("POST", "/seedream/images", body, accept=accept)

    async def ask_ark(self, model: str = V4, base: str = "/api/v3", **parameters) -> Answer:
        """Ask in ByteDance's own dialect."""
        body = {"model": model, "prompt": "a red fox in snow", "size": "1K"} | parameters
        return await self.call("POST", f"{base}/images/generations", body)

    async def look_up_all(self, *ids: str) -> dict:
        return (await self.call("POST", "/seedream/tasks", {"ids": ids, "action": "retrieve_batch"})).json

    async def look_up(self, task_id: str) -> Answer:
        return await self.call("POST", "/seedream/tasks", {"id": task_id, "action": "retrieve"})

    async def ended(self, task_id: str) -> dict:
        """The task's response, once it has one."""
        async with asyncio.timeout(5):
            while not (response := (await self.look_up(task_id)).json["response"]):  # noqa: ASYNC110  (it is polled)
                await asyncio.sleep(0.005)
        return response

    async def fetch(self, url: str) -> bytes:
        async with self.session.get(url) as answer:
            answer.raise_for_status()
            return await answer.read()

    async def fault(self, kind: str, **details) -> None:
        answer = await self.call("POST", "/control/faults", {"kind": kind} | details)
        assert answer.status == 201, answer.text

    async def settings(self, **changes) -> Answer:
        return await self.call("PATCH", "/control/settings", changes)

    async def request_log(self) -> dict:
        return (await self.call("GET", "/control/requests")).json

    async def entry(self) -> dict:
        """The newest request in the request log."""
        return (await self.request_log())["requests"][-1]

    async def settled(self, ready: Callable[[dict], bool]) -> dict:
        """The newest request in the request log, once it is as expected."""
        async with asyncio.timeout(5):
            while not ready(entry := await self.entry()):  # noqa: ASYNC110  (it is polled)
                await asyncio.sleep(0.005)
        return entry


@asynccontextmanager
async def local_client(**settings) -> AsyncIterator[Client]:
    """A client of a service of its own that takes no time."""
    async with LocalSeeDream(**{"delay": 0, "image_interval": 0} | settings) as api, aiohttp.ClientSession() as session:
        yield Client(session, api.url, api.key)


@asynccontextmanager
async def callback_inbox() -> AsyncIterator[tuple[str, asyncio.Queue[dict]]]:
    """A URL that takes callbacks, and the queue that they land in."""
    landed: asyncio.Queue[dict] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        landed.put_nowait(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/done", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/done", landed
    finally:
        await runner.cleanup()
