"""Runs local servers from the command line until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Protocol, Self

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence


_LOCAL = re.compile(r"(localhost|[\d.]+|\[[0-9a-f:.]+\])(:\d+)?")


class Server(Protocol):
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *details: object) -> None: ...
    def described(self) -> dict[str, str]: ...


@web.middleware
async def own_origin_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuse requests of other origins' pages, which can reach a local server from the user's browser.

    Host names other than localhost are refused too: their owner could point them to this machine.
    """
    origin = request.headers.get("Origin")
    if origin is not None and (origin != f"http://{request.host}" or not _LOCAL.fullmatch(request.host)):
        return web.json_response({"error": f"Pages of {origin} can't use this server."}, status=403)
    return await handler(request)


def parser(about: str, *, port: str = "0, the default, takes a free one") -> argparse.ArgumentParser:
    """Create a parser with the options of every local server."""
    options = argparse.ArgumentParser(description=about)
    options.add_argument("--host", default="127.0.0.1", help="where to listen (default: %(default)s)")
    options.add_argument("--port", type=int, default=0, help=port)
    return options


def add_pace(options: argparse.ArgumentParser) -> None:
    """Add the options of the local SeeDream."""
    options.add_argument("--delay", type=float, default=1.0, help="seconds before the first image (%(default)s)")
    options.add_argument("--image-interval", type=float, default=0.3, help="seconds before each further image")
    options.add_argument(
        "--profile", choices=("october-2026", "guide"), help="the service as of October 2026, or as in the guide"
    )
    options.add_argument("--dialect", choices=("acedata", "ark"), help="the provider's form, or ByteDance's own")
    options.add_argument("--accepted-ids", choices=("current", "dated", "short", "both", "modelark"))


def pace_of(options: argparse.Namespace) -> dict[str, Any]:
    """Return the given settings of the local SeeDream; the profile sets the others."""
    names = ("delay", "image_interval", "profile", "dialect", "accepted_ids")
    return {name: value for name in names if (value := getattr(options, name)) is not None}


def run(*servers: Server) -> int:
    """Serve until SIGINT or SIGTERM, and return the exit code. The first line printed is JSON about all servers."""
    try:
        asyncio.run(_serve(servers))
    except OSError as error:
        print(f"can't listen there: {error.strerror or error}", file=sys.stderr)  # noqa: T201 - one plain line
        return 2
    return 0


def stop_event() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set, on Windows Ctrl-C and Ctrl-Break."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, getattr(signal, "SIGBREAK", signal.SIGTERM)):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows' loops only wake up for Python's own handlers
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    return stop


async def _serve(servers: Sequence[Server]) -> None:
    stop = stop_event()
    async with AsyncExitStack() as stack:
        described: dict[str, str] = {}
        for server in servers:
            await stack.enter_async_context(server)
            described |= server.described()
        print(json.dumps(described), flush=True)  # noqa: T201 - callers read it
        await stop.wait()
