"""Works ahead of a loop: the next item is already made while the last one is used."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

T = TypeVar("T")

_END = object()


async def ahead(items: AsyncIterator[T]) -> AsyncIterator[T]:
    """Yield the items. While one is used, a task waits for the next, so that a database can work meanwhile."""
    following = asyncio.ensure_future(anext(items, _END))
    try:
        while (item := await following) is not _END:
            following = asyncio.ensure_future(anext(items, _END))
            yield cast("T", item)
    finally:
        following.cancel()
