"""A local Discord and a local SeeDream, and `bot.py --check` between them."""

from __future__ import annotations

import io
from contextlib import asynccontextmanager, chdir, redirect_stdout
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

import bot
import check
from infra.config.loading import load_settings
from sandbox.discord.server import LocalDiscord
from sandbox.seedream.server import LocalSeeDream
from tests.e2e.test_program import run
from tests.support.ports import free_port
from tests.support.witness import Witness

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Row:
    """A line of the check, cut into its columns."""

    state: str
    detail: str


@dataclass
class Checked:
    """What came of one run."""

    code: int
    output: str

    @property
    def rows(self) -> dict[str, Row]:
        found = {}
        for line in self.output.splitlines():
            cells = [cell for cell in line.split("  ") if cell]
            if len(cells) == 3 and not line.startswith(" "):
                name, state, detail = map(str.strip, cells)
                found[name] = Row(state, detail)
        return found

    @property
    def states(self) -> dict[str, str]:
        return {name: row.state for name, row in self.rows.items()}

    def failed(self) -> list[str]:
        return [name for name, row in self.rows.items() if row.state == "failed"]


@dataclass
class Place:
    """Both services. `settings`: of the bot, beyond where they are."""

    discord: LocalDiscord
    seedream: LocalSeeDream
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DISCORD_TOKEN": self.discord.token,
            "DISCORD_API_URL": self.discord.api_url,
            "DISCORD_GATEWAY_URL": self.discord.gateway_url,
            "DISCORD_CDN_URL": self.discord.url,
            "SEEDREAM_API_KEY": self.seedream.key,
            "SEEDREAM_BASE_URL": self.seedream.url,
            "DATABASE_URL": f"sqlite+aiosqlite:///{self.folder / 'bot.db'}",
            "ALLOW_LOCAL_URLS": "true",
            **self.settings,
        }

    @property
    def samples(self) -> Path:
        (folder,) = (self.folder / "check-samples").iterdir()
        return folder

    async def check(self, *arguments: str) -> Checked:
        """As `bot.py --check` does, in this process."""
        options = bot.check_options(bot.parse_arguments(["--check", *arguments]))
        with redirect_stdout(io.StringIO()) as output, chdir(self.folder):
            code = await check.check(load_settings(None, self.environment), options)
        return Checked(code, output.getvalue())

    async def run(self, *arguments: str) -> Checked:
        """As a process of its own."""
        code, output, errors = await run("--check", *arguments, cwd=self.folder, **self.environment)
        assert "Traceback" not in output + errors
        return Checked(code, output + errors)

    async def spend(self, *arguments: str) -> Checked:
        return await self.check("--spend", "--yes", *arguments)

    def is_reachable(self) -> None:
        """The service can post to the bot."""
        port = free_port()
        self.settings |= {"PUBLIC_URL": f"http://127.0.0.1:{port}", "WEB_PORT": str(port), "SECRET_KEY": "k" * 32}

    async def books(self) -> dict[str, Any]:
        return await self._call("GET", f"{self.seedream.url}/control/requests")

    async def asked(self) -> list[tuple[str, str]]:
        """The model and the mode of every request that was taken."""
        return [(one["model"], one["mode"]) for one in (await self.books())["requests"] if one["status"] == 200]

    async def set_api(self, **settings: Any) -> None:
        await self._call("PATCH", f"{self.seedream.url}/control/settings", json=settings)

    async def api_fault(self, kind: str, **fault: Any) -> None:
        await self._call("POST", f"{self.seedream.url}/control/faults", json={"kind": kind, **fault})

    async def channel(self, name: str) -> str:
        guilds = (await self._call("GET", f"{self.discord.url}/control/world"))["guilds"]
        return next(one["id"] for guild in guilds for one in guild["channels"] if one["name"] == name)

    async def direct_messages(self, user: str) -> str:
        """The channel of the bot's direct messages with a user."""
        users = (await self._call("GET", f"{self.discord.url}/control/world"))["users"]
        body = {"recipient_id": next(one["id"] for one in users if one["username"] == user)}
        headers = {"Authorization": f"Bot {self.discord.token}"}
        found = await self._call("POST", f"{self.discord.api_url}/users/@me/channels", json=body, headers=headers)
        return found["id"]

    async def discord_fault(self, method: str, route: str, **fault: Any) -> None:
        body = {"method": method, "route": route, **fault}
        await self._call("POST", f"{self.discord.url}/control/faults", json=body)

    async def deny(self, channel: str, *permissions: str) -> None:
        body = {"channel": channel, "deny": permissions, "user": "SeeDream"}
        await self._call("POST", f"{self.discord.url}/control/permissions", json=body)

    async def discord_calls(self) -> list[tuple[str, int]]:
        """The method and status of every call that showed something."""
        calls = await self._call("GET", f"{self.discord.url}/control/log")
        return [(one["method"], one["status"]) for one in calls if "/messages" in one["path"]]

    async def messages(self, channel: str) -> list[Any]:
        query = {"user": "ada", "channel": channel}
        return await self._call("GET", f"{self.discord.url}/control/messages", params=query)

    async def _call(self, method: str, url: str, **options: Any) -> Any:
        async with aiohttp.ClientSession() as session, session.request(method, url, **options) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()


@asynccontextmanager
async def a_place(folder, **settings):
    witness = Witness()
    quick = {"delay": 0.05, "image_interval": 0.1} | settings
    async with LocalSeeDream(**quick) as seedream, LocalDiscord(**witness.seeing) as discord:
        yield Place(discord, seedream, folder)
    witness.judge()


@pytest.fixture
async def place(tmp_path):
    async with a_place(tmp_path) as place:
        yield place
