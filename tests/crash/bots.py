"""Bot processes that can be killed as the kernel kills."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

QUICK_BOT = Path(__file__).with_name("quick_bot.py")


class BotProcess:
    """One process of the bot, started again as often as it is killed. Its output goes to `log`, its files beside it."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment = os.environ | environment
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, str(QUICK_BOT), cwd=self._log.parent, env=self._environment, stdout=log, stderr=log
            )

    async def kill(self) -> None:
        """SIGKILL: nothing is put in order."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """SIGTERM: as an operator ends it."""
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        if self._process and self._process.returncode is None:
            self._process.send_signal(number)
            await self._process.wait()
