"""The bot's web server, with the whole bot behind it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

import bot
from infra.config.loading import load_settings
from sandbox.discord.server import LocalDiscord
from tests.support.ports import free_port

TIMEOUT = 30.0


def settings_of(discord: LocalDiscord, tmp_path, **more: str):
    environ = {
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "SEEDREAM_API_KEY": "a-local-key",
        "SEEDREAM_BASE_URL": "http://127.0.0.1:9",
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
        "ALLOW_LOCAL_URLS": "true",
        "GRACE": "0",
    }
    return load_settings(None, environ | more)


@asynccontextmanager
async def running_bot(settings):
    """The bot, and its web server to ask."""
    stop = asyncio.Event()
    serving = asyncio.create_task(bot.run(settings, stop))
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{settings.web_port}") as session:
            yield session
    finally:
        stop.set()
        await serving


async def is_answered(session: aiohttp.ClientSession, path: str, status: int) -> str:
    """Wait until it is answered so; what it says."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            try:
                async with session.get(path) as answer:
                    text = await answer.text()
                    if answer.status == status:
                        return text
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0)  # it does not listen yet


async def test_it_is_ready_while_discord_is_there_and_runs_all_the_time(tmp_path):
    async with AsyncExitStack() as discord_is_there:
        discord = await discord_is_there.enter_async_context(LocalDiscord())
        settings = settings_of(discord, tmp_path, WEB_PORT=str(free_port()))
        async with running_bot(settings) as session:
            ready = await is_answered(session, "/readyz", 200)
            assert ready == '{"gateway": "ok", "database": "ok", "spool": "ok", "queue": "ok"}'
            names = {one.name for one in text_string_to_metric_families(await is_answered(session, "/metrics", 200))}
            assert {"seedream_discord_calls", "seedream_queue_length"} <= names
            await discord_is_there.aclose()
            assert await is_answered(session, "/readyz", 503) == ready.replace('way": "ok"', 'way": "failed"')
            assert await is_answered(session, "/healthz", 200) == "ok\n"


def public(port: int) -> dict[str, str]:
    address = f"http://127.0.0.1:{port}"
    return {"PUBLIC_URL": address, "WEB_PORT": str(port), "SECRET_KEY": "s" * 32}


async def counted(session: aiohttp.ClientSession, name: str) -> dict[str, float]:
    families = {one.name: one for one in text_string_to_metric_families(await is_answered(session, "/metrics", 200))}
    return {"/".join(sample.labels.values()): sample.value for sample in families[name].samples}


async def test_with_a_public_address_a_picture_comes_by_being_posted(world):
    await world.stop_bot()
    settings = load_settings(None, world.environment | public(free_port()))
    async with running_bot(settings) as session:
        await is_answered(session, "/readyz", 200)
        result = await world.ada.imagine_to_end(prompt="a red fox in snow")
        assert len(result.pictures) == 1
        (request,) = await world.requests()
        assert request["mode"] == "callback"
        assert [one["status"] for one in request["callbacks"]] == [200]
        assert (await counted(session, "seedream_callbacks"))["taken"] == 1
        assert (await counted(session, "seedream_discord_calls"))["POST/2xx"] >= 1


@pytest.mark.parametrize("fault", ["callback_twice", "callback_early"])
async def test_a_picture_that_is_posted_twice_or_before_the_answer_is_shown_once(world, fault):
    await world.stop_bot()
    settings = load_settings(None, world.environment | public(free_port()))
    async with running_bot(settings) as session:
        await is_answered(session, "/readyz", 200)
        await world.api_fault(fault)
        result = await world.ada.imagine_to_end(prompt="a red fox in snow")
        assert len(result.pictures) == 1
        assert len(await world.requests()) == 1
        assert len([one for one in await world.ada.messages() if one.pictures]) == 1


async def test_without_a_port_and_a_public_address_nothing_listens(tmp_path, caplog):
    caplog.set_level("INFO")
    async with LocalDiscord() as discord:
        settings = settings_of(discord, tmp_path)
        stop = asyncio.Event()
        serving = asyncio.create_task(bot.run(settings, stop))
        async with aiohttp.ClientSession() as session:
            await session.get(f"{discord.url}/control/wait", params={"for": "ready", "timeout": str(TIMEOUT)})
        stop.set()
        await serving
    assert "connected to Gateway" in caplog.text
    assert "listening" not in caplog.text


async def test_a_port_that_is_taken_is_told_in_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with LocalDiscord() as discord:
            settings = settings_of(discord, tmp_path, WEB_PORT=str(port))
            with pytest.raises(bot.StartError, match=f"WEB_PORT: can't listen at 127.0.0.1, port {port}: .*in use"):
                await bot.run(settings, asyncio.Event())
