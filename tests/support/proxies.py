"""An HTTP proxy on a real socket: absolute URLs and CONNECT, one request for each connection."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Self
from urllib.parse import urlsplit

REFUSALS = {403: b"Forbidden", 407: b"Proxy Authentication Required", 502: b"Bad Gateway"}


class HttpProxy:
    """seen: `METHOD target` of every request. refuse: a status to answer instead. login: the Authorization it wants.

    places: host -> (host, port) to connect to in its stead.
    """

    def __init__(self, *, login: str | None = None, ssl=None) -> None:
        self.seen: list[str] = []
        self.refuse: int | None = None
        self.places: dict[str, tuple[str, int]] = {}
        self._login = login
        self._ssl = ssl
        self._tasks: set[asyncio.Task] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._ssl)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if self._ssl else 'http'}://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.wait_for(self._ended(), 10)

    async def _ended(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def cut(self) -> None:
        """Cut all connections."""
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def passed(self, part: str) -> bool:
        """Whether a request with this in its target came by."""
        return any(part in target for target in self.seen)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.current_task())
        try:
            await self._pass(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.partition("\r\n")[0].split(" ")
        self.seen.append(f"{method} {target}")
        refused = 407 if self._login and f"Proxy-Authorization: {self._login}\r\n" not in head else self.refuse
        if refused:
            writer.write(b"HTTP/1.1 %d %s\r\nContent-Length: 0\r\n\r\n" % (refused, REFUSALS[refused]))
            await writer.drain()
            return
        parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
        host, port = self.places.get(parts.hostname, (parts.hostname, parts.port))
        upstream, sink = await asyncio.open_connection(host, port)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            path = parts._replace(scheme="", netloc="").geturl() or "/"
            close = head if "Upgrade:" in head else head.replace("\r\n", "\r\nConnection: close\r\n", 1)
            sink.write(close.replace(target, path, 1).encode())
        try:
            await asyncio.gather(_pump(reader, sink), _pump(upstream, writer))
        finally:
            sink.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()
