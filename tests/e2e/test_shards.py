"""Shards, in one process or in several: each server is served, and nobody identifies faster than Discord allows."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

import bot
from cogs.client.bot import StudioBot
from cogs.i18n.locale import LocaleTranslator
from infra.db import identify
from infra.db.engine import migrate, open_engine
from infra.db.leases import SqlLeases
from infra.stores.guilds import SqlGuildStore
from infra.stores.synced_commands import SqlSyncedCommands

ROOT = Path(__file__).parents[2]
ALL_PLACES = ("ada", "ada_in_workshop", "ada_in_dm")


@pytest.fixture
async def calm(world):
    """The world without its bot, as if none had ever been there."""
    await world.stop_bot()
    await world.post("/control/reset", {})
    await world.discord_setting(identify_interval=0)
    return world


@pytest.fixture
async def new_database(postgresql):
    """The address of a database that processes can share, with nothing in it."""
    async with postgresql.new_database() as url:
        yield url


@asynccontextmanager
async def process(world, folder, **environment):
    """A bot as a process of its own."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "bot.py"), cwd=folder, env=os.environ | world.environment | environment,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield started
    finally:
        if started.returncode is None:
            started.send_signal(signal.SIGTERM)
        _, errors = await started.communicate()
        assert b"Traceback" not in errors, errors.decode()


async def test_two_processes_serve_a_shard_each_at_discords_pace_and_one_registers_the_commands(
    calm, new_database, tmp_path
):
    await calm.discord_setting(shards=2, guilds_per_shard=1, identify_interval=4)  # 5, and a second for a busy machine
    shared = {"SHARD_COUNT": "2", "DATABASE_URL": new_database}
    async with (
        process(calm, tmp_path, **shared, SHARD_IDS="0"),
        process(calm, tmp_path, **shared, SHARD_IDS="1") as second,
    ):
        await calm.shards_are_served([0, 2], [1, 2])
        assert await calm.session_starts() == 2  # none was refused as too fast
        assert await registrations(calm) == 1
        for place in ALL_PLACES:
            await getattr(calm, place).imagine_to_end(prompt=f"a fox for {place}")
        second.send_signal(signal.SIGTERM)
        assert await second.wait() == 0
        await calm.ada.imagine_to_end(prompt="a fox of the one that is left")
    assert len(await calm.requests()) == 4


async def registrations(world):
    """How often commands were registered."""
    calls = await world.all_discord_calls()
    return sum(call["method"] == "PUT" and call["path"].endswith("/commands") for call in calls)


async def test_of_many_that_start_at_once_one_registers_the_commands_and_the_others_see_it_done(calm, new_database):
    await calm.discord_setting(shards=4, max_concurrency=4)
    await calm.discord_fault("/applications/*/commands", method="PUT", delay=1)
    engine = open_engine(new_database)
    await migrate(engine)

    async def nothing_more():
        pass

    bots = [
        StudioBot(
            lambda _: (), SqlSyncedCommands(engine), nothing_more, SqlLeases(engine, f"process {number}"),
            LocaleTranslator(SqlGuildStore(engine, time.time)), clock=time.time, offered=frozenset,
            shard_count=4, shard_ids=[number],
            guild_ready_timeout=0.1,
        )
        for number in range(4)
    ]  # fmt: skip
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        for one in bots:
            await stack.enter_async_context(one)
        serving = [asyncio.create_task(one.start(calm.environment["DISCORD_TOKEN"])) for one in bots]
        await calm.shards_are_served(*([number, 4] for number in range(4)))
    await asyncio.gather(*serving)
    assert await registrations(calm) == 1


async def test_one_process_serves_as_many_shards_as_discord_asks_for(calm):
    await calm.discord_setting(shards=2, guilds_per_shard=1, max_concurrency=2)
    await calm.start_bot(SHARDS="auto")
    await calm.shards_are_served([0, 2], [1, 2])
    for place in ALL_PLACES:
        await getattr(calm, place).imagine_to_end(prompt=f"a fox for {place}")


async def test_a_shard_whose_session_is_lost_waits_for_its_turn_and_comes_back_alone(calm, monkeypatch):
    monkeypatch.setattr("infra.db.identify.TURN_SECONDS", 1.0)
    await calm.discord_setting(shards=2, max_concurrency=2, identify_interval=0.5)  # half a second for a busy machine
    await calm.start_bot(SHARD_COUNT="2")
    await calm.shards_are_served([0, 2], [1, 2])
    await calm.gateway("invalidate", shard=1)
    await calm.shards_are_served([0, 2], [1, 2], after_starts=3)
    assert await calm.session_starts() == 3
    await calm.ada_in_workshop.imagine_to_end(prompt="a fox")


async def test_a_connection_that_is_lost_is_resumed_without_a_turn(calm):
    await calm.discord_setting(shards=2, max_concurrency=2)
    await calm.start_bot(SHARD_COUNT="2")
    await calm.shards_are_served([0, 2], [1, 2])
    await calm.gateway("reconnect")
    await calm.ada.imagine_to_end(prompt="a fox")
    await calm.ada_in_workshop.imagine_to_end(prompt="a fox")
    assert await calm.session_starts() == 2


async def test_a_bot_that_waits_for_its_turn_can_be_stopped_at_once(calm, monkeypatch):
    monkeypatch.setattr(identify, "TURN_SECONDS", 600.0)
    await calm.discord_setting(shards=2)
    starting = asyncio.create_task(calm.start_bot(SHARD_COUNT="2"))
    await calm.shards_are_served([0, 2])
    await starting
    await calm.stop_bot()  # the second shard's turn would be ten minutes later
    assert await calm.session_starts() == 1


@pytest.mark.parametrize(
    ("discord", "environment", "told"),
    [
        ({"guilds_per_shard": 1}, {}, "too many servers for so few shards"),
        ({"session_starts": 1}, {"SHARD_COUNT": "2"}, "1 of the 1 session starts that Discord allows per day are left"),
    ],
    ids=["too few shards", "too few starts left"],
)
async def test_what_discord_does_not_let_in_ends_with_one_plain_line(calm, discord, environment, told):
    await calm.discord_setting(**discord)
    with pytest.raises(bot.StartError, match=told):
        await calm.start_bot(**environment)
    assert await calm.served_shards() == []


async def test_a_token_that_is_no_longer_taken_ends_the_bot_with_one_plain_line(world):
    await world.gateway("drop", code=4004)
    with pytest.raises(bot.StartError, match="DISCORD_TOKEN: Discord no longer accepts it"):
        await world.bot_ends()
