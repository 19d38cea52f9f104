"""A cache in front of a query: values by id, read once and kept for a while."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

V = TypeVar("V")


class ReadCache(Generic[V]):
    """Keeps what `read` returned for `seconds`, and of more than `size` values the most recently used.

    Concurrent callers for the same id share one read. Another process's change is seen once the value has expired.
    """

    def __init__(self, read: Callable[[int], Awaitable[V]], *, seconds: float, size: int) -> None:
        self._read = read
        self._seconds = seconds
        self._size = size
        self._kept: OrderedDict[int, tuple[float, V]] = OrderedDict()
        self._reading: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._changes = 0

    async def get(self, key: int) -> V:
        if fresh := self._fresh(key):
            return fresh[1]
        async with self._reading.setdefault(key, asyncio.Lock()):
            if fresh := self._fresh(key):
                return fresh[1]
            changes, until = self._changes, time.monotonic() + self._seconds
            value = await self._read(key)
            if changes == self._changes:  # otherwise it may have been read before the change
                self._keep(key, until, value)
            return value

    def put(self, key: int, value: V) -> None:
        """Keep a value that was just written."""
        self._changes += 1
        self._keep(key, time.monotonic() + self._seconds, value)

    def forget(self, key: int) -> None:
        """Read it again next time: it was changed."""
        self._changes += 1
        self._kept.pop(key, None)

    def _fresh(self, key: int) -> tuple[float, V] | None:
        entry = self._kept.get(key)
        if entry is None or entry[0] <= time.monotonic():
            return None
        self._kept.move_to_end(key)
        return entry

    def _keep(self, key: int, until: float, value: V) -> None:
        self._kept[key] = until, value
        self._kept.move_to_end(key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
