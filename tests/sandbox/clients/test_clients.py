"""Other clients than ours use the local world as it is: bots of hikari and discord.js, and the provider's own SDK.

They are installed by `make clients`, into an environment of their own; what is not there is skipped.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from sandbox.discord.server import LocalDiscord
from sandbox.seedream.server import LocalSeeDream
from tests.support.pictures import png
from tests.support.witness import Witness

HERE = Path(__file__).parent
PYTHON = HERE / ".venv" / "bin" / "python"
DISCORD_JS = HERE / "node_modules" / "discord.js"
SECONDS = 30
EPHEMERAL, V2 = 64, 1 << 15
FOX = png(40, 30)
ADA = {"user": "ada", "channel": "general"}

absent = pytest.mark.skipif(not PYTHON.exists(), reason="not installed: `make clients` installs it and runs this")
no_js = pytest.mark.skipif(
    not (DISCORD_JS.exists() and shutil.which("node")),
    reason="not installed: with Node.js 20 or later, `make clients` installs it and runs this",
)
BOTS = [
    pytest.param([str(PYTHON), "-W", "ignore", str(HERE / "hikari_bot.py")], marks=absent, id="hikari"),
    pytest.param(["node", str(HERE / "discordjs_bot.mjs")], marks=no_js, id="discord.js"),
]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the clients are started as on a Unix")


class Member:
    """Ada, before a running bot of another library."""

    def __init__(self, discord, http):
        self.discord = discord
        self.http = http

    async def control(self, path, **body):
        async with self.http.post(f"{self.discord.url}/control/{path}", json=body) as answer:
            found = await answer.json()
            assert answer.status == 200, found
            return found

    async def does(self, path, **body):
        return await self.control(path, **ADA | body)

    async def sees(self, **query):
        """Wait until a message is seen; the message."""
        query = ADA | {"for": "message", "timeout": SECONDS} | query
        async with self.http.get(f"{self.discord.url}/control/wait", params=query) as answer:
            assert answer.status == 200, (query, [one["content"] for one in await self.messages()])
            return (await answer.json())["found"]

    async def messages(self):
        async with self.http.get(f"{self.discord.url}/control/messages", params=ADA) as answer:
            return await answer.json()

    async def until(self, condition):
        assert await self.discord.state.until(condition, SECONDS)

    def connections(self):
        return {one.connection for one in self.discord.state.sessions.values() if one.connection}


@asynccontextmanager
async def running(command, **more):
    """A bot of another library in a world of its own; what it wrote to its standard error must be nothing."""
    witness = Witness()
    async with LocalDiscord(**witness.seeing) as discord, aiohttp.ClientSession() as http:
        where = {"DISCORD_API": discord.api_url, "DISCORD_TOKEN": discord.token}
        process = await asyncio.create_subprocess_exec(
            *command, env=os.environ | where | more, stderr=asyncio.subprocess.PIPE
        )
        member = Member(discord, http)
        try:
            await member.until(lambda: discord.state.commands.get("") and member.connections())
            yield member
        finally:
            process.terminate()
            _, errors = await asyncio.wait_for(process.communicate(), SECONDS)
        assert not errors, errors.decode()
    witness.judge()


@pytest.mark.parametrize("bot", BOTS)
async def test_commands_are_answered_at_once_later_and_in_private(bot):
    async with running(bot) as member:
        given = {"fox.png": {"name": "fox.png", "data": base64.b64encode(FOX).decode()}}
        options = {"prompt": "now", "who": "ben"}
        await member.does("command", name="imagine", options=options, attachments={"reference": given["fox.png"]})
        shown = await member.sees(text=f"fox.png, {len(FOX)} bytes, for ben")
        assert [one["filename"] for one in shown["attachments"]] == ["a.png"]

        await member.does("command", name="imagine", options={"prompt": "later"})
        followed = await member.sees(text="psst")
        shown = await member.sees(text="later")
        assert [one["filename"] for one in shown["attachments"]] == ["a.png", "c.png"]
        assert followed["flags"] & EPHEMERAL

        await member.does("command", name="imagine", options={"prompt": "private"})
        assert (await member.sees(text="only you"))["flags"] & (EPHEMERAL | V2) == EPHEMERAL | V2
        await member.does("command", name="Repeat", target=shown["id"])
        await member.sees(text="again: later")


@pytest.mark.parametrize("bot", BOTS)
async def test_components_modals_and_completion_work(bot):
    async with running(bot) as member:
        found = await member.does(
            "autocomplete", name="imagine", options={"prompt": "x", "model": "see"}, focused="model"
        )
        assert found == {"choices": [{"name": "see-5", "value": "see-5.0"}]}

        await member.does("command", name="imagine", options={"prompt": "layout"})
        shown = await member.sees(text="two foxes")
        gallery = next(one for one in shown["components"][0]["components"] if one["type"] == 12)
        assert [one["media"]["attachment_id"] for one in gallery["items"]] == [one["id"] for one in shown["files"]]
        async with member.http.get(gallery["items"][0]["media"]["url"]) as picture:
            assert picture.content_type == "image/png"

        await member.does("press", message=shown["id"], button="Details")
        assert (await member.sees(text="details"))["flags"] & EPHEMERAL
        pressed = await member.does("press", message=shown["id"], button="Words", wait=True)
        await member.does("modal", interaction=pressed["interaction"], fields={"said": "so"})
        assert not (await member.sees(text="said so", id=shown["id"]))["files"]
        await member.does("press", message=shown["id"], button="pick", values=["b"])
        await member.sees(text="picked b", id=shown["id"])


@pytest.mark.parametrize("bot", BOTS)
async def test_messages_are_answered_and_the_server_is_read(bot):
    async with running(bot) as member:
        said = await member.does("message", content=f"<@{member.discord.state.world.application_id}> hello")
        heard = await member.sees(text="heard")
        assert (heard["type"], heard["message_reference"]["message_id"]) == (19, said["id"])
        assert heard["files"][0]["id"] in heard["embeds"][0]["image"]["url"]
        reactions = member.discord.state.world.find_message(said["id"]).reactions
        assert list(reactions) == ["🔥"]

        await member.does("command", name="look")
        seen = json.loads((await member.sees(text="{"))["content"])
        counts = {"count": 5, "channels": 5, "roles": 4, "members": 5, "cached": 5, "history": 2, "shards": 1}
        assert seen == {"guild": "Studio"} | counts


@pytest.mark.parametrize("bot", BOTS)
async def test_lost_connections_rate_limits_and_failures_are_handled(bot):
    async with running(bot) as member:
        for action in ("drop", "reconnect", "invalidate"):
            before = member.connections()
            sessions = set(member.discord.state.sessions)
            await member.control("gateway", action=action)
            await member.until(lambda old=before: member.connections() - old)
            assert (set(member.discord.state.sessions) == sessions) is (action != "invalidate")
        await member.control("faults", route="/webhooks/*", status=429, retry_after=0.2)
        await member.does("command", name="imagine", options={"prompt": "later"})
        await member.sees(text="psst")


@pytest.mark.parametrize("bot", BOTS)
async def test_two_shards_share_the_servers(bot):
    async with running(bot, SHARDS="2") as member:
        await member.until(lambda: len(member.connections()) == 2)
        await member.does("command", name="look")
        assert json.loads((await member.sees(text="{"))["content"])["shards"] == 2


@absent
async def test_the_providers_own_sdk_works():
    async with LocalSeeDream(delay=0, image_interval=0) as api:
        process = await asyncio.create_subprocess_exec(
            str(PYTHON), str(HERE / "acedatacloud_calls.py"),
            env=os.environ | {"SEEDREAM_URL": api.url, "SEEDREAM_KEY": api.key}, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode == 0
    told = {}
    for line in output.splitlines():
        told |= json.loads(line)
    made = {name: len(told.pop(name)) for name in ("waited", "at once", "group", "edit", "opaque")}
    assert made == {"waited": 1, "at once": 1, "group": 3, "edit": 1, "opaque": 1}
    assert told == {
        "running": False,
        "looked up": True,
        "streamed": ["image_generation.partial_succeeded", "image_generation.completed"],
        "wrong model": ["ValidationError", "bad_request"],
        "wrong size": ["ValidationError", "bad_request"],
        "wrong key": ["AuthenticationError", "invalid_token"],
        "unknown task": ["APIError", "not_found"],
    }
