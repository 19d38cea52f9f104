"""Runs local servers from the command line until they are told to end."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Server(Protocol):
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *details: object) -> None: ...
    def described(self) -> dict[str, str]: ...


def main(about: str, servers: Callable[[argparse.Namespace], Sequence[Server]]) -> int:
    """Serve until SIGINT or SIGTERM; the first line printed is JSON with every server's part."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--delay", type=float, default=1.0, help="seconds that the local SeeDream takes for a picture")
    asyncio.run(_serve(servers(parser.parse_args())))
    return 0


async def _serve(servers: Sequence[Server]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        described: dict[str, str] = {}
        for server in servers:
            await stack.enter_async_context(server)
            described |= server.described()
        print(json.dumps(described), flush=True)  # noqa: T201 - it is what callers read
        await stop.wait()
