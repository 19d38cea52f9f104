"""The bot as tests run it: quickly, in the tests' own process, or as one that the kernel can kill."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import bot
from infra.config.loading import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
BOT = ROOT / "bot.py"
QUICK_BOT = ROOT / "tests" / "crash" / "quick_bot.py"


class Bot(Protocol):
    """Started again as often as it has ended."""

    async def start(self, environment: Mapping[str, str]) -> None: ...

    async def stop(self) -> None:
        """As an operator ends it."""
        ...

    async def ended(self) -> None:
        """Wait until it does. Raises what it ended with."""
        ...


class BotTask:
    """A task beside the tests: no time is spent on starting Python. It can't be killed."""

    def __init__(self) -> None:
        self._running: asyncio.Task[None] | None = None

    async def start(self, environment: Mapping[str, str]) -> None:
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(bot.run(load_settings(None, environment), self._stop))

    async def stop(self) -> None:
        if self._running:
            self._stop.set()
            await self.ended()

    async def ended(self) -> None:
        if self._running:
            try:
                await asyncio.shield(self._running)
            finally:
                if self._running and self._running.done():
                    self._running = None


class BotProcess:
    """A process. Its output goes to `log`, its files beside it."""

    def __init__(self, log: Path, *, program: Path = BOT) -> None:
        self._log = log
        self._program = program
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self, environment: Mapping[str, str]) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, str(self._program), cwd=self._log.parent, env=kept | environment, stdout=log, stderr=log
            )

    async def kill(self) -> None:
        """SIGKILL: nothing is put in order."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def ended(self) -> None:
        if self._process and await self._process.wait():
            raise BotEndedError(self._log.read_text(errors="replace")[-2000:])

    async def _end(self, number: signal.Signals) -> None:
        if self._process and self._process.returncode is None:
            self._process.send_signal(number)
            await self._process.wait()


class BotEndedError(Exception):
    """A bot's process that ended by itself, with the last of what it wrote."""
