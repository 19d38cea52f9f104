"""Reads ahead of a busy consumer: when a connection breaks, everything that was not read by then is lost."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

MAX_CHUNK_BYTES = 64 * 2**10
MAX_CHUNKS = 1024  # a consumer that is further behind slows the sender down


async def read_ahead(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Yield the chunks in order, and raise after the last one what ended them. Use it within `contextlib.aclosing`."""
    queue: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue(MAX_CHUNKS)
    reader = asyncio.create_task(_fill(queue, chunks), name="read-ahead")
    try:
        while (item := await queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader


async def _fill(queue: asyncio.Queue[bytes | BaseException | None], chunks: AsyncIterator[bytes]) -> None:
    """Put the chunks into the queue, then the exception that ended them, or None."""
    try:
        async for chunk in chunks:
            for start in range(0, len(chunk), MAX_CHUNK_BYTES):  # what was unpacked may be larger
                await queue.put(chunk[start : start + MAX_CHUNK_BYTES])
        await queue.put(None)
    except Exception as error:  # noqa: BLE001 - it is raised again in the consumer, after the chunks before it
        await queue.put(error)
