"""Stops the program by signals, on every platform."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def ending_signals() -> Iterator[signal.Signals]:
    """Yield the signals that end the bot. SIGHUP, when the terminal closes, is left alone under nohup."""
    yield from (signal.SIGINT, signal.SIGTERM)
    hangup = getattr(signal, "SIGHUP", None)  # Windows has none, and Ctrl-Break in its place
    if hangup and signal.getsignal(hangup) is not signal.SIG_IGN:
        yield hangup
    if hasattr(signal, "SIGBREAK"):
        yield signal.SIGBREAK


def on_signals(stop: Callable[[], object]) -> None:
    """Call `stop` in the running loop at each of the signals that end the bot, until the process ends."""
    loop, numbers = asyncio.get_running_loop(), list(ending_signals())
    try:
        for number in numbers:
            loop.add_signal_handler(number, stop)
    except NotImplementedError:  # Windows' loops only wake up for Python's own handlers
        for number in numbers:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
