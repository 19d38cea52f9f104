"""Turns to identify, over a real database: one in a while for each bucket, of whichever process."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from sqlalchemy import select

from infra.db import identify
from infra.db.identify import IdentifyTurns
from infra.db.leases import SqlLeases
from infra.db.tables import LEASES

TURN = 0.3
CLOCK_STEP = 0.002  # SQLite's clock has milliseconds


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(identify, "TURN_SECONDS", TURN)
    monkeypatch.setattr(identify, "MAX_PAUSE", 0.01)


@pytest.fixture
def processes(engine):
    return [IdentifyTurns(SqlLeases(engine, f"process {number}")) for number in range(3)]


async def test_a_bucket_has_one_turn_at_a_time_whoever_asks(processes, engine):
    """By the database's clock: on a busy machine, a process may notice its turn late."""
    ends = []

    async def start(process):
        for _ in range(2):
            await process(0)
            async with engine.connect() as connection:
                ends.append((await connection.execute(select(LEASES.c.until))).scalar_one())

    await asyncio.gather(*(start(process) for process in processes))
    assert len(ends) == 6
    apart = [later - earlier for earlier, later in itertools.pairwise(sorted(set(ends)))]
    assert apart
    assert min(apart) > TURN - CLOCK_STEP


async def test_buckets_do_not_wait_for_each_other(processes, monkeypatch):
    monkeypatch.setattr(identify, "TURN_SECONDS", 600.0)
    async with asyncio.timeout(5):
        await asyncio.gather(*(processes[0](bucket) for bucket in range(16)))


async def test_who_waits_for_long_says_so(processes, monkeypatch, caplog):
    monkeypatch.setattr(identify, "LOG_SECONDS", 0.1)
    for _ in range(2):
        await processes[0](3)
    assert "bucket 3: still waiting to identify" in caplog.text


async def test_who_gives_up_waiting_leaves_the_database_as_it_was(engine, processes):
    await processes[0](0)
    for _ in range(20):
        waiting = asyncio.create_task(processes[1](0))
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # its statement is on the way
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with asyncio.timeout(5):
        await processes[2](1)


async def test_while_the_database_cannot_be_asked_a_shard_waits(engine, processes, caplog):
    async with engine.connect() as connection:
        await connection.exec_driver_sql("ALTER TABLE leases RENAME TO away")
    waiting = asyncio.create_task(processes[0](0))
    async with asyncio.timeout(5):
        while "can't identify" not in caplog.text:
            await asyncio.wait({waiting}, timeout=0.01)
    assert not waiting.done()
    async with engine.connect() as connection:
        await connection.exec_driver_sql("ALTER TABLE away RENAME TO leases")
    async with asyncio.timeout(5):
        await waiting
