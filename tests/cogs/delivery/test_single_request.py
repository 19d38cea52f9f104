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

from cogs.delivery import single_request as bounds
from cogs.delivery.single_request import ServerFaultError, observed, single_request
from sandbox.discord.server import LocalDiscord

BUFFER = 2**16  # bytes on either side, lest what the line has taken were the system's


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


def small_socket(address):
    made = socket.socket(*address[:3])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    return made


@pytest.fixture
async def line(monkeypatch):
    async with (
        LocalDiscord() as local,
        discord.Client(
            intents=discord.Intents.none(),
            http_trace=observed(aiohttp.TraceConfig()),
            connector=aiohttp.TCPConnector(limit=0, socket_factory=small_socket),
        ) as client,
    ):
        monkeypatch.setattr(Route, "BASE", local.api_url)
        await client.login(local.token)
        yield Line(local, client)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_is_known_at_once(line, status):
    await line.fault(status=status)
    for _ in range(2):
        with pytest.raises(ServerFaultError) as failed:
            async with single_request():
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
    monkeypatch.setattr(bounds, "ANSWER_SECONDS", 1.0)
    await line.fault(status=429, retry_after=1.5, times=1)
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
async def server():
    """The address of a server that pauses so many seconds after each 64 KiB of a body, and before it answers."""

    async def take(request: web.Request) -> web.Response:
        async for _ in request.content.iter_chunked(2**16):
            await asyncio.sleep(float(request.query.get("pause", "0")))
        await asyncio.sleep(float(request.query.get("wait", "0")))
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/upload", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    door = socket.create_server(("127.0.0.1", 0))
    door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    await web.SockSite(runner, door).start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        await runner.cleanup()


async def upload(line, size, **how):
    """Send a file, and wait for the answer."""
    form = [{"name": "files[0]", "value": io.BytesIO(bytes(size)), "filename": "fox.png"}]
    async with single_request():
        await line.client.http.request(Route("POST", "/upload"), form=form, params=how)


async def test_an_upload_takes_as_long_as_its_line_needs(line, server, monkeypatch):
    monkeypatch.setattr(Route, "BASE", server)
    monkeypatch.setattr(bounds, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(bounds, "BUFFERED_BYTES", 0)
    begun = time.monotonic()
    await upload(line, 4 * 2**20, pause="0.02")
    assert time.monotonic() - begun > 2 * 0.5


async def test_what_may_wait_in_the_systems_buffer_has_its_time_as_well(line, server, monkeypatch):
    monkeypatch.setattr(Route, "BASE", server)
    monkeypatch.setattr(bounds, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(bounds, "SLOWEST_LINE", 2**16)
    await upload(line, 2**20, wait="1")
    with pytest.raises(TimeoutError):
        await upload(line, 1, wait="1")
