"""Shows the progress on stderr: a line that is redrawn on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

_REDRAW_SECONDS = 0.2
_BAR_WIDTH = 24
_ERASE = "\r\x1b[K"


def bar(done: int, total: int, seconds: float) -> str:
    """Return a progress bar such as "[############------------] 2/4  0:31"."""
    filled = _BAR_WIDTH * min(done, total) // max(total, 1)
    minutes, rest = divmod(int(seconds), 60)
    return f"[{'#' * filled}{'-' * (_BAR_WIDTH - filled)}] {done}/{total}  {minutes}:{rest:02}"


class Progress:
    """An async context manager that keeps the time up to date on a terminal while it is open."""

    def __init__(self, total: int, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._stream = stream
        self._clock = clock
        self._started = clock()
        self._done = 0
        self._is_terminal = stream.isatty()
        self._redraw: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._is_terminal:
            self._redraw = asyncio.create_task(self._keep_drawing())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._redraw is not None:
            self._redraw.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._redraw
            self._write(_ERASE)

    def advance(self) -> None:
        """Count one more image."""
        self._done += 1
        if self._is_terminal:
            self._draw()
        else:
            self.say(f"{self._done} of {self._total} after {self._clock() - self._started:.0f} s")

    def say(self, text: str) -> None:
        """Write a line that stays."""
        self._write(f"{_ERASE if self._is_terminal else ''}{text}\n")

    async def _keep_drawing(self) -> None:
        while True:
            self._draw()
            await asyncio.sleep(_REDRAW_SECONDS)

    def _draw(self) -> None:
        self._write(f"{_ERASE}{bar(self._done, self._total, self._clock() - self._started)}")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
