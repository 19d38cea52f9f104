"""One WebSocket of the gateway: queued sending, compression and closing. Source: API reference, "Gateway"."""

from __future__ import annotations

import asyncio
import importlib
import json
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiohttp import WSMessage, web

    from sandbox.discord.world import Json

RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 7, 9, 10, 11


class Connection:
    """Sends payloads from a queue, so that dispatching an event never waits for a slow client."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._transport = request.transport
        self._outgoing: asyncio.Queue[Json | int] = asyncio.Queue()
        self._compress = _compressor(request.query.get("compress"))

    def compress_payloads(self) -> None:
        """Compress each payload separately, unless the connection already has a compressed transport."""
        if self._compress is None:
            self._compress = zlib.compress

    def send(self, payload: Json) -> None:
        self._outgoing.put_nowait(payload)

    def send_operation(self, operation: int, data: Any = None) -> None:
        """Send a payload that is not an event."""
        self.send({"op": operation, "d": data, "s": None, "t": None})

    def end(self, code: int) -> None:
        """Close the connection after everything queued has been sent."""
        self._outgoing.put_nowait(code)

    async def close(self, code: int) -> None:
        await self._socket.close(code=code)

    def abort(self) -> None:
        """Break the connection without a close frame, as a network failure does."""
        if self._transport:
            self._transport.abort()

    async def receive(self, timeout: float) -> WSMessage:  # noqa: ASYNC109 - aiohttp's own
        """Return the next frame. Raises: TimeoutError."""
        return await self._socket.receive(timeout=timeout)

    async def write(self) -> None:
        """Send queued payloads until the connection ends."""
        while not isinstance(payload := await self._outgoing.get(), int):
            text = json.dumps(payload, separators=(",", ":"))
            if self._socket.closed:
                return
            if self._compress:
                await self._socket.send_bytes(self._compress(text.encode()))
            else:
                await self._socket.send_str(text)
        await self.close(payload)


def _compressor(kind: str | None) -> Any:
    """Return the function of a compressed transport: one continuous stream, flushed after each payload."""
    if kind == "zlib-stream":
        stream = zlib.compressobj()
        return lambda data: stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)
    return _zstd_stream() if kind == "zstd-stream" else None


def _zstd_stream() -> Any:
    """Python has Zstandard since 3.14; before that, it comes with discord.py[speed]. Without it, return None."""
    with suppress(ImportError):
        stream = importlib.import_module("compression.zstd").ZstdCompressor()
        return lambda data: stream.compress(data, stream.FLUSH_BLOCK)
    with suppress(ImportError):
        zstandard = importlib.import_module("zstandard")
        frames = zstandard.ZstdCompressor().compressobj()
        return lambda data: frames.compress(data) + frames.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return None
