"""The process that the demo supervises, and the control calls that end and start it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import aiohttp
import pytest

from sandbox.discord.server import LocalDiscord
from sandbox.supervisor import Supervisor

ENDED_WHEN_ASKED = 3
BOT = """
import os, signal, socket, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
there = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
there.sendall(b"%d\\n" % os.getpid())
signal.pause()
"""


class World:
    """A supervised process that tells its id when it is there, and how often a change was told."""

    def __init__(self, folder, port):
        self.ids = asyncio.Queue()
        self.changes = 0
        self.told = asyncio.Event()
        command = [sys.executable, "-c", BOT, str(port)]
        self.bot = Supervisor(command, folder, {"PATH": os.environ["PATH"]}, self._changed)

    def _changed(self):
        self.changes += 1
        self.told.set()

    async def arrives(self) -> int:
        """The id of a process, once it is there."""
        async with asyncio.timeout(20):
            return await self.ids.get()


@pytest.fixture
async def world(tmp_path):
    async def arrived(reader, writer):
        world.ids.put_nowait(int(await reader.readline()))
        writer.close()

    async with await asyncio.start_server(arrived, "127.0.0.1", 0) as server:
        world = World(tmp_path, server.sockets[0].getsockname()[1])
        async with world.bot:
            yield world


async def test_the_process_runs_as_long_as_the_context_and_is_then_terminated(world):
    await world.arrives()
    assert world.bot.running
    await world.bot.__aexit__()
    assert (world.bot.exit_code, world.bot.fell.is_set(), world.changes) == (ENDED_WHEN_ASKED, False, 2)


async def test_a_killed_process_has_no_time_to_clean_up(world):
    await world.arrives()
    await world.bot.kill()
    assert (world.bot.exit_code, world.bot.fell.is_set()) == (-signal.SIGKILL, False)


async def test_a_restart_makes_a_new_process_and_starting_a_running_one_does_nothing(world):
    first = await world.arrives()
    await world.bot.start()
    await world.bot.restart()
    assert await world.arrives() != first
    assert world.ids.empty()


async def test_a_process_that_exits_by_itself_counts_as_crashed_until_it_is_restarted(world):
    first = await world.arrives()
    world.told.clear()
    os.kill(first, signal.SIGKILL)
    async with asyncio.timeout(20):
        await world.told.wait()
    assert world.bot.fell.is_set()
    await world.bot.start()
    await world.arrives()
    assert not world.bot.fell.is_set()


async def test_the_control_api_stops_and_starts_the_process(world):
    async with LocalDiscord() as discord, aiohttp.ClientSession(discord.url) as http:

        async def told(action):
            async with http.post("/control/bot", json={"action": action}) as answer:
                return answer.status, await answer.json()

        status, found = await told("kill")
        assert (status, "isn't supervised here" in found["error"]) == (400, True)
        discord.state.bot = world.bot
        assert await told("kill") == (200, {"connected": False, "supervised": True, "running": False})
        assert (await told("kill"))[0] == 400
        assert (await told("start"))[1]["running"] is True
        assert (await told("restart"))[1]["running"] is True
        assert (await told("explode")) == (400, {"error": "explode: the actions are kill, start and restart."})
        async with http.get("/control/bot") as answer:
            assert (await answer.json())["supervised"] is True


async def test_concurrent_starts_make_one_process(world):
    await world.arrives()
    await world.bot.kill()
    changes = world.changes
    await asyncio.gather(*(world.bot.start() for _ in range(5)))
    assert world.changes == changes + 1
