"""`make demo`: the local world with the bot in it, and a member who types commands in the terminal.

The bot is a process of its own, started with nothing but the local world's addresses. So it is the real program that
runs, and it can be killed at any moment.
"""

from __future__ import annotations

import asyncio
import os
import sys
import webbrowser
from typing import TYPE_CHECKING

from sandbox.demo.local_world import LocalWorld
from sandbox.demo.terminal import CHANNEL, MEMBER, OUT, act, read_commands
from sandbox.serving import stop_event

if TYPE_CHECKING:
    from collections.abc import Sequence


async def demo(command: Sequence[str], once: str | None) -> int:
    """Serve the local world, with the bot that `command` starts, until SIGINT or SIGTERM. Return the exit code.

    With `once`, give that one command instead, and end.
    """
    stop = stop_event()
    async with LocalWorld(command) as world:
        ends = [asyncio.create_task(event.wait()) for event in (stop, world.bot.fell)]
        starting = asyncio.create_task(world.ready() if once is None else act(world.discord.url, once))
        await asyncio.wait({starting, *ends}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            return 0 if stop.is_set() else 1
        if once is not None:
            return starting.result()
        print(_instructions(world.page.url), flush=True)
        await asyncio.to_thread(_open_page, world.page.url)
        reading = asyncio.create_task(read_commands(world.discord.url))
        await stop.wait()
        reading.cancel()
        return 0


def _instructions(page: str) -> str:
    return (
        f"The bot is running in its local world. Open it in a browser:\n\n  {page}\n\n"
        f"Or type a command here as {MEMBER} in #{CHANNEL}, such as\n"
        "  /imagine prompt:a red fox in snow images:4\n"
        f"and find the pictures in {OUT}/. Press Ctrl-C to stop."
    )


def _open_page(url: str) -> None:
    """Open the page if there is a screen; without one, Python would start a browser in the terminal."""
    screen = sys.platform in {"darwin", "win32"} or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if screen and sys.stdout.isatty():
        webbrowser.open(url)
