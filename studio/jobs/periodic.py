"""Runs something periodically."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from studio.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

STOPPING_SECONDS = 5.0


class PeriodicTask:
    """Calls `do`, waits `seconds`, and calls it again. Failures are logged and don't end it."""

    def __init__(self, name: str, do: Callable[[], Awaitable[None]], seconds: float) -> None:
        self._name = name
        self._do = do
        self._seconds = seconds
        self._due = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"loop-{self._name}")

    def soon(self) -> None:
        """Run it now instead of at its time."""
        self._due.set()

    async def stop(self) -> None:
        """Stop after the current run: cancelling a statement midway may cost its database connection."""
        self._stopping = True
        self._due.set()
        if self._task:
            _, late = await asyncio.wait([self._task], timeout=STOPPING_SECONDS)
            for task in late:
                task.cancel()

    async def _run(self) -> None:
        while not self._stopping:
            self._due.clear()
            try:
                await self._do()
            except UnavailableError as error:
                log.warning("%s failed: the database is unavailable: %s", self._name, error)
            except Exception:
                log.exception("%s failed; trying again in %g s", self._name, self._seconds)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    await self._due.wait()
