"""Leases in a real database: one process has what the others have not."""

from __future__ import annotations

import asyncio

import pytest

from infra.db.leases import PROCESS, SqlLeases

LONG = 60.0
OVER = -1.0  # a lease that has ended already


@pytest.fixture
def ours(engine):
    return SqlLeases(engine, "ours")


@pytest.fixture
def theirs(engine):
    return SqlLeases(engine, "theirs")


async def test_of_many_who_want_a_lease_at_once_one_has_it(engine):
    everybody = [SqlLeases(engine, f"process {number}") for number in range(20)]
    assert sum(await asyncio.gather(*(one.acquire("sync", LONG) for one in everybody))) == 1


async def test_a_lease_is_not_taken_twice_even_by_who_has_it(ours, theirs):
    assert await ours.acquire("identify:0", LONG)
    assert not await ours.acquire("identify:0", LONG)
    assert not await theirs.acquire("identify:0", LONG)
    assert await theirs.acquire("identify:1", LONG)


async def test_who_holds_a_lease_may_keep_holding_it(ours, theirs):
    assert await ours.hold("leader", LONG)
    assert await ours.hold("leader", LONG)
    assert not await theirs.hold("leader", LONG)


async def test_a_lease_that_has_ended_is_anybodys(ours, theirs):
    await ours.acquire("leader", OVER)
    assert await theirs.hold("leader", LONG)
    assert not await ours.hold("leader", LONG)


async def test_only_the_holder_gives_a_lease_back(ours, theirs):
    await ours.hold("leader", LONG)
    await theirs.release("leader")
    assert not await theirs.hold("leader", LONG)
    await ours.release("leader")
    assert await theirs.hold("leader", LONG)


async def test_a_pause_is_everybodys_and_is_only_ever_made_longer(ours, theirs):
    assert await ours.remaining("pause") == 0
    await ours.extend("pause", 100)
    await theirs.extend("pause", 50)
    assert 90 < await theirs.remaining("pause") <= 100
    await theirs.extend("pause", 200)
    assert 190 < await ours.remaining("pause") <= 200


async def test_the_processes_that_live_are_counted(ours, theirs):
    await ours.hold(PROCESS + "ours", LONG)
    await theirs.hold(PROCESS + "theirs", LONG)
    await theirs.hold("leader", LONG)
    assert await ours.processes() == 2
    await theirs.hold(PROCESS + "theirs", OVER)
    assert await ours.processes() == 1


async def test_who_is_alone_ends_what_a_dead_process_has_left(ours, theirs):
    await theirs.hold(PROCESS + "theirs", LONG)
    await ours.hold(PROCESS + "ours", LONG)
    await ours.forget_others()
    assert await ours.processes() == 1
