"""The page's server: what it hands on, and whom it answers."""

from __future__ import annotations

import aiohttp
import pytest

from sandbox.discord.server import LocalDiscord
from sandbox.page.server import LocalPage
from sandbox.seedream.server import LocalSeeDream


@pytest.fixture
async def world():
    async with LocalSeeDream() as seedream, LocalDiscord() as discord, LocalPage(discord, seedream) as page:
        yield {"page": page.url, "discord": f"{discord.url}/", "seedream": f"{seedream.url}/"}


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as session:
        yield session


PATHS = {"page": "discord/world", "discord": "control/world", "seedream": "control/requests"}


@pytest.mark.parametrize("server", PATHS)
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}])
async def test_a_page_of_another_origin_is_refused_everywhere(world, http, server, headers):
    async with http.get(world[server] + PATHS[server], headers=headers) as answer:
        assert answer.status == 403
        assert headers["Origin"] in (await answer.json())["error"]


@pytest.mark.parametrize("server", PATHS)
async def test_a_rebound_host_name_is_another_origin(world, http, server):
    headers = {"Origin": "http://evil.example:80", "Host": "evil.example:80"}
    async with http.get(world[server] + PATHS[server], headers=headers) as answer:
        assert answer.status == 403


async def test_the_page_may_load_only_its_own_files(world, http):
    async with http.get(world["page"]) as answer:
        assert answer.status == 200
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert world["discord"].rstrip("/") in policy


async def test_calls_are_forwarded_with_query_body_and_refusals(world, http):
    async with http.get(f"{world['page']}discord/messages", params={"user": "ada", "channel": "general"}) as answer:
        assert await answer.json() == []
    body = {"user": "ada", "channel": "general", "content": "hello"}
    async with http.post(f"{world['page']}discord/message", json=body) as answer:
        assert (await answer.json())["content"] == "hello"
    async with http.post(f"{world['page']}discord/message", json=body | {"user": "nobody"}) as answer:
        assert (answer.status, (await answer.json())["error"]) == (400, "There is no user nobody.")


async def test_one_socket_sends_discord_events_and_charges(world, http):
    async with http.ws_connect(f"{world['page']}live") as socket:
        assert (await socket.receive_json(timeout=5))["kind"] == "requests"
        body = {"user": "ada", "channel": "general", "content": "hello"}
        await http.post(f"{world['page']}discord/message", json=body)
        event = await socket.receive_json(timeout=5)
        assert (event["kind"], event["data"]["message"]["content"]) == ("message_create", "hello")


async def test_only_the_pages_own_files_are_served(world, http):
    for path in ("nothing.js", "../server.py", "%2e%2e/server.py", "..%2fserver.py"):
        async with http.get(world["page"] + path) as answer:
            assert answer.status in {403, 404}


async def test_an_unreachable_world_is_reported_in_a_sentence(http):
    async with LocalSeeDream() as seedream:
        async with LocalDiscord() as discord:
            pass
        async with LocalPage(discord, seedream) as page, http.get(f"{page.url}discord/world") as answer:
            assert answer.status == 502
            assert "doesn't respond" in (await answer.json())["error"]
