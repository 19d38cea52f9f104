"""Runs both local services, their page, and the bot as a supervised process."""

from __future__ import annotations

import os
import secrets
import socket
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from sandbox.demo.control_api import ControlApi
from sandbox.discord.server import LocalDiscord
from sandbox.page.server import LocalPage
from sandbox.seedream.server import LocalSeeDream
from sandbox.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Variables that every program needs. The settings of a real bot in the environment are left out.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")


class LocalWorld:
    """An async context manager; `command` starts the bot."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="seedream-demo-")))
            self.seedream = await stack.enter_async_context(LocalSeeDream())
            self.discord = await stack.enter_async_context(LocalDiscord())
            self.page = await stack.enter_async_context(LocalPage(self.discord, self.seedream))
            self.bot = Supervisor(self._command, folder, self._environment(folder), self._bot_changed)
            self.discord.state.bot = self.bot
            await stack.enter_async_context(self.bot)
            self._open = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    def _environment(self, folder: Path) -> Mapping[str, str]:
        """Return the bot's environment: the services' addresses, and its own for callbacks."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        return {name: os.environ[name] for name in _INHERITED if name in os.environ} | {
            "DISCORD_TOKEN": self.discord.token,
            "DISCORD_API_URL": self.discord.api_url,
            "DISCORD_GATEWAY_URL": self.discord.gateway_url,
            "DISCORD_CDN_URL": self.discord.url,
            "SEEDREAM_API_KEY": self.seedream.key,
            "SEEDREAM_BASE_URL": self.seedream.url,
            "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.db",
            "ALLOW_LOCAL_URLS": "true",
            "OPERATOR_DAILY_LIMIT": "unlimited",  # nothing here costs money
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "WEB_PORT": str(port),
            "SECRET_KEY": secrets.token_urlsafe(32),
            "LOG_LEVEL": "WARNING",
        }

    def _bot_changed(self) -> None:
        self.discord.state.emit("bot", {"running": self.bot.running})
        if self.bot.fell.is_set():
            print(f"The bot ended unexpectedly, with exit code {self.bot.exit_code}.", file=sys.stderr, flush=True)

    async def ready(self) -> int:
        """Wait until the bot is connected and has registered its commands. Return 0, or 1 if it takes too long."""
        async with ControlApi(self.discord.url) as api:
            return 0 if await api.wait_until_ready() else 1
