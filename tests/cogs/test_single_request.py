"""How often a request is sent to Discord, and how long its answer is waited for: over real sockets."""

from __future__ import annotations

import asyncio
import io
import socket
import time

import aiohttp
import discord
import pytest
from aiohttp import web
from discord.http import Route

from cogs import single_request as bounds
from cogs.single_request import ServerFaultError, observed, single_request
from sandbox.discord.server import LocalDiscord

FILE = 8 * 2**20


class Line:
    """A client of the local Discord, and what that is asked."""

    def __init__(self, local: LocalDiscord, client: discord.Client) -> None:
        self._local = local
        self.client = client

    async def fault(self, **fault) -> None:
        url, body = f"{self._local.url}/control/faults", {"route": "/channels/*", "times": None} | fault
        async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
            assert answer.status == 200, await answer.text()

    @property
    def asked(self) -> list[int]:
        """The answers to requests about channels."""
        return [call["status"] for call in self._local.state.log if call["path"].startswith("/channels")]


@pytest.fixture
async def line(monkeypatch):
    async with (
        LocalDiscord() as local,
        discord.Client(intents=discord.Intents.none(), http_trace=observed(aiohttp.TraceConfig())) as client,
    ):
        monkeypatch.setattr(Route, "BASE", local.api_url)
        await client.login(local.token)
        yield Line(local, client)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_is_known_at_once(line, status):
    await line.fault(status=status)
    for _ in range(2):
        with pytest.raises(ServerFaultError) as failed:
            async with asyncio.timeout(0.9), single_request():  # discord.py pauses for a second
                await line.client.fetch_channel(1)
        assert failed.value.status == status
    assert line.asked == [status, status]


async def test_elsewhere_discord_py_sends_again(line):
    await line.fault(status=500, times=1)
    with pytest.raises(discord.NotFound):
        await line.client.fetch_channel(1)
    assert line.asked == [500, 404]


async def test_an_answer_that_does_not_come_is_given_up(line, monkeypatch):
    monkeypatch.setattr(bounds, "ANSWER_SECONDS", 0.1)
    await line.fault(delay=60)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(10), single_request():
            await line.client.fetch_channel(1)


async def test_a_rate_limit_is_waited_for_all_the_same(line, monkeypatch):
    monkeypatch.setattr(bounds, "ANSWER_SECONDS", 0.2)
    await line.fault(status=429, retry_after=0.5, times=1)
    with pytest.raises(discord.NotFound):
        async with single_request():
            await line.client.fetch_channel(1)
    assert line.asked == [429, 404]


async def test_a_refusal_is_raised_as_it_is(line):
    with pytest.raises(discord.NotFound):
        async with single_request():
            await line.client.fetch_channel(1)


async def test_who_ends_it_ends_it(line):
    await line.fault(delay=60)

    async def ask() -> None:
        async with single_request():
            await line.client.fetch_channel(1)

    task = asyncio.create_task(ask())
    await asyncio.sleep(0)  # it has begun
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.fixture
async def slow_line():
    """The address of a server that has 64 KiB of a body taken every 20 ms, and how large the bodies were."""
    taken: list[int] = []

    async def take(request: web.Request) -> web.Response:
        size = 0
        while chunk := await request.content.read(2**16):
            size += len(chunk)
            await asyncio.sleep(0.02)
        taken.append(size)
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/upload", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    door = socket.create_server(("127.0.0.1", 0))
    door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)  # or what the line has taken would be the server's
    await web.SockSite(runner, door).start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}", taken
    finally:
        await runner.cleanup()


async def test_an_upload_takes_as_long_as_its_line_needs(line, slow_line, monkeypatch):
    address, taken = slow_line
    monkeypatch.setattr(bounds, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(bounds, "SLOWEST_LINE", 4 * 2**20)
    monkeypatch.setattr(Route, "BASE", address)
    form = [{"name": "files[0]", "value": io.BytesIO(bytes(FILE)), "filename": "fox.png"}]
    begun = time.monotonic()
    async with single_request():
        await line.client.http.request(Route("POST", "/upload"), form=form)
    assert taken[0] > FILE
    assert time.monotonic() - begun > 0.5 + bounds.BUFFERED_BYTES / bounds.SLOWEST_LINE
