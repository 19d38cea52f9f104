"""A cache in front of a query: how often it reads, and what it never serves."""

from __future__ import annotations

import asyncio

import pytest

from infra.stores import read_cache
from infra.stores.read_cache import ReadCache

LONG = 1000.0


class Table:
    """Values that a test changes, and the ids that were read. A read waits while `gate` is closed."""

    def __init__(self):
        self.values = {}
        self.reads = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self, key):
        self.reads.append(key)
        value = self.values.get(key, 0)
        await self.gate.wait()
        return value


@pytest.fixture
def table():
    return Table()


@pytest.fixture
def cache(table):
    return ReadCache(table.read, seconds=LONG, size=3)


async def test_a_value_is_read_once(cache, table):
    assert [await cache.get(1) for _ in range(3)] == [0, 0, 0]
    assert table.reads == [1]


async def test_concurrent_callers_for_one_id_share_a_read_and_others_do_not_wait_for_it(cache, table):
    table.gate.clear()
    callers = [asyncio.create_task(cache.get(key)) for key in (1, 1, 2, 1)]
    await asyncio.sleep(0)
    assert table.reads == [1, 2]
    table.gate.set()
    assert await asyncio.gather(*callers) == [0, 0, 0, 0]
    assert table.reads == [1, 2]


async def test_a_caller_that_is_cancelled_leaves_the_read_to_the_next(cache, table):
    table.gate.clear()
    first, second = (asyncio.create_task(cache.get(1)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    table.gate.set()
    assert await second == 0


async def test_an_expired_value_is_read_again(cache, table, monkeypatch):
    await cache.get(1)
    table.values[1] = 5
    assert await cache.get(1) == 0
    later = read_cache.time.monotonic() + LONG
    monkeypatch.setattr(read_cache.time, "monotonic", lambda: later)
    assert await cache.get(1) == 5


async def test_a_forgotten_value_is_read_again(cache, table):
    await cache.get(1)
    table.values[1] = 5
    cache.forget(1)
    assert await cache.get(1) == 5


async def test_a_value_that_was_written_is_not_read(cache, table):
    cache.put(1, 7)
    assert await cache.get(1) == 7
    assert table.reads == []


@pytest.mark.parametrize("change", [lambda cache: cache.forget(1), lambda cache: cache.put(1, 5)])
async def test_what_was_read_before_a_change_is_not_kept(cache, table, change):
    table.gate.clear()
    reading = asyncio.create_task(cache.get(1))
    await asyncio.sleep(0)
    table.values[1] = 5
    change(cache)
    table.gate.set()
    assert await reading == 0
    assert await cache.get(1) == 5


async def test_the_most_recently_used_values_are_kept(cache, table):
    for key in (1, 2, 3, 1, 4):
        await cache.get(key)
    table.reads.clear()
    for key in (3, 1, 4):
        await cache.get(key)
    assert table.reads == []
    await cache.get(2)
    assert table.reads == [2]


async def test_nothing_is_kept_for_no_time(table):
    cache = ReadCache(table.read, seconds=0.0, size=3)
    await cache.get(1)
    await cache.get(1)
    assert table.reads == [1, 1]
