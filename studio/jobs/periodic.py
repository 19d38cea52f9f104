"""Doing something again and again."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

STOPPING_SECONDS = 5.0


class Loop:
    """Does something again and again, so many seconds after it was done; what fails is logged and done again."""

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
        """Do it without waiting for its time."""
        self._due.set()

    async def stop(self) -> None:
        """Let it end what it is at: a statement that is broken off may take its connection with it."""
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
            except Exception:
                log.exception("%s failed; done again in %g s", self._name, self._seconds)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    await self._due.wait()
