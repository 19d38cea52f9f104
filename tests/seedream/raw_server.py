"""An HTTP server that misbehaves as it is told: what it receives and what it writes are bytes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


@dataclass(frozen=True)
class Received:
    """One request. `connection` counts connections from 0."""

    line: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def json(self):
        return json.loads(self.body)


class RawServer:
    """Answers request after request with the next of `answers`, whatever connection it comes on."""

    def __init__(self, *answers: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> None:
        self.answers = list(answers)
        self.received: list[Received] = []
        self.connections = 0
        self.closed_by_client = asyncio.Event()
        self._arrival = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=500)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.current_task())
        connection, self.connections = self.connections, self.connections + 1
        try:
            while not writer.is_closing():
                await self._note(await _read(reader, connection))
                await self.answers.pop(0)(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.closed_by_client.set()
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _note(self, received: Received) -> None:
        async with self._arrival:
            self.received.append(received)
            self._arrival.notify_all()

    async def wait_for_requests(self, count: int) -> None:
        async with self._arrival:
            await self._arrival.wait_for(lambda: len(self.received) >= count)


async def _read(reader: asyncio.StreamReader, connection: int) -> Received:
    line, *head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in head if one)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(line, headers, body, connection)


def reply(status: int, body: object = b"", **headers: str):
    """A whole answer; the connection is kept."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", f"content-length: {len(content)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        await writer.drain()

    return answer


def error(status: int, code: str, message: str = "", **headers: str):
    return reply(status, {"error": {"code": code, "message": message}, "trace_id": "trace-1"}, **headers)


def pieces(*chunks: bytes | asyncio.Event, status: int = 200, finish: bool = True):
    """An answer without a length: each chunk as it is, an Event is waited for; without `finish` it hangs."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} OK\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        for chunk in chunks:
            if isinstance(chunk, asyncio.Event):
                await chunk.wait()
            else:
                writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
                await writer.drain()
        if finish:
            writer.write(b"0\r\n\r\n")

    return answer


def raw(content: bytes):
    """Just these bytes, then the end of the connection."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()
        writer.close()

    return answer


async def drop(writer: asyncio.StreamWriter) -> None:
    """No answer: the connection ends."""
    writer.close()


async def reset(writer: asyncio.StreamWriter) -> None:
    """No answer: the connection is reset."""
    writer.transport.abort()


async def hang(writer: asyncio.StreamWriter) -> None:
    """No answer, and the connection stays."""
