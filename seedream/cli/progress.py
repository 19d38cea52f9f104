"""Shows the progress: a line that is redrawn on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    from seedream.cli.screen import Screen

_REDRAW_SECONDS = 0.2
_STEPS_PER_SECOND = 4
_BAR_WIDTH = 24


def bar(done: int, total: int, seconds: float) -> str:
    """Return a progress bar such as "[############---->-------] 2/4  0:31".

    How long an image takes is unknown. The mark that wanders through the part to come shows that the program is alive.
    """
    filled = _BAR_WIDTH * min(done, total) // max(total, 1)
    rest = list("-" * (_BAR_WIDTH - filled))
    if rest:
        rest[int(seconds * _STEPS_PER_SECOND) % len(rest)] = ">"
    minutes, second = divmod(int(seconds), 60)
    return f"[{'#' * filled}{''.join(rest)}] {done}/{total}  {minutes}:{second:02}"


class Progress:
    """An async context manager that keeps the time up to date on a terminal while it is open."""

    def __init__(self, total: int, screen: Screen, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._screen = screen
        self._clock = clock
        self._started = clock()
        self._done = 0
        self._redraw: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._screen.has_status:
            self._redraw = asyncio.create_task(self._keep_drawing())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._redraw is not None:
            self._redraw.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._redraw

    def advance(self) -> None:
        """Count one more image."""
        self._done += 1
        if self._screen.has_status:
            self._draw()
        else:
            self._screen.say(f"{self._done} of {self._total} after {self._clock() - self._started:.0f} s")

    async def _keep_drawing(self) -> None:
        while True:
            self._draw()
            await asyncio.sleep(_REDRAW_SECONDS)

    def _draw(self) -> None:
        self._screen.show_status(bar(self._done, self._total, self._clock() - self._started))
