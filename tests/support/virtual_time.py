"""An event loop whose time passes at once: when nothing is left to do now, its clock jumps to the next timer."""

from __future__ import annotations

import asyncio
import selectors
from functools import wraps
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from studio.jobs import task_results, workers

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

EPOCH = 1_800_000_000.0


class VirtualLoop(asyncio.SelectorEventLoop):
    """Deterministic, and as fast as the code in it: an hour's sleep takes no time. It knows no threads or sockets."""

    def __init__(self) -> None:
        self._virtual = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        return self._virtual

    def clock(self) -> float:
        """Seconds since the epoch."""
        return EPOCH + self._virtual

    def jump(self, seconds: float) -> None:
        self._virtual += seconds


class _Jumping(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout=None):
        if timeout is None:
            raise AssertionError("everything waits for what will never happen")
        self._loop.jump(max(0.0, timeout))
        return super().select(0)


def virtual_time():
    """Have what measures by `time.monotonic` in the core of jobs measure by the running loop; a context manager."""
    patch = pytest.MonkeyPatch()
    for module in (workers, task_results):
        patch.setattr(module, "time", SimpleNamespace(monotonic=lambda: asyncio.get_running_loop().time()))
    return patch


def in_virtual_time(test: Callable[..., Coroutine]) -> Callable[..., None]:
    """Run an async test in a loop of its own, whose time passes at once."""

    @wraps(test)
    def run(*args, **kwargs) -> None:
        patch = virtual_time()
        try:
            with asyncio.Runner(loop_factory=VirtualLoop) as runner:
                runner.run(test(*args, **kwargs))
        finally:
            patch.undo()

    return run
