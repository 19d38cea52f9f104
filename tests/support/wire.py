"""The way to a PostgreSQL server, with faults on it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import Enum
from typing import Self


class Fault(Enum):
    """What becomes of the next COMMIT."""

    NONE = "it arrives, and so does the answer"
    ANSWER_LOST = "it arrives, and the connection breaks before the answer"
    LOST = "the connection breaks before it arrives"
    HELD = "the connection breaks on the bot's side; the server does not know yet"
    SWALLOWED = "it does not arrive, and nobody is told"


class Wire:
    """Takes connections at `port` and hands on what comes and goes."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._held: list[asyncio.StreamWriter] = []
        self._pumps: set[asyncio.Task[None]] = set()
        self.fault = Fault.NONE
        self.happened = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.let_go()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    def let_go(self) -> None:
        """The server is told of what was held."""
        for writer in self._held:
            writer.close()
        self._held.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serve = asyncio.create_task(self._serve(reader, writer))
        self._pumps.add(serve)
        serve.add_done_callback(self._pumps.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._to_port)
        answers = asyncio.create_task(_pump(from_server, writer))
        try:
            with suppress(ConnectionError):
                while data := await reader.read(65536):
                    if self.fault is Fault.NONE or b"COMMIT;" not in data:
                        to_server.write(data)
                        continue
                    fault, self.fault = self.fault, Fault.NONE
                    answers.cancel()
                    await asyncio.wait([answers])
                    if fault is Fault.ANSWER_LOST:
                        to_server.write(data)
                        await from_server.read(1)  # its answer is there: it is committed
                    if fault in {Fault.HELD, Fault.SWALLOWED}:
                        self._held.append(to_server)
                    self.happened.set()
                    if fault is Fault.SWALLOWED:
                        await reader.read()
                    break
        finally:
            answers.cancel()
            writer.close()
            if to_server not in self._held:
                to_server.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()
