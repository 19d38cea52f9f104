"""Reading ahead of a busy caller: a connection that breaks takes with it whatever was not read by then."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

MOST_PIECES = 1024  # of at most 64 KiB each; a caller that is further behind slows the sender down


async def read_ahead(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The pieces in their order, and after the last of them the error that ended them. Use it within `aclosing`."""
    arrived: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue(MOST_PIECES)

    async def read() -> None:
        try:
            async for piece in pieces:
                await arrived.put(piece)
            await arrived.put(None)
        except Exception as error:  # noqa: BLE001 - it is raised again where the caller has caught up
            await arrived.put(error)

    reading = asyncio.create_task(read(), name="read-ahead")
    try:
        while (piece := await arrived.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
