"""Writes: several statements as one, tried again while the database is away, told as done once they are."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from infra.db import errors
from infra.db.engine import open_engine, transaction
from infra.db.postgresql import SERVER_SETTINGS
from infra.db.tables import LEASES, SYNCED_COMMANDS
from infra.db.writes import writes_to
from tests.infra.conftest import is_told, with_tables
from tests.support.wire import Fault, Wire

ADD = insert(SYNCED_COMMANDS)
CHANGE = (
    update(SYNCED_COMMANDS)
    .where(SYNCED_COMMANDS.c.application_id == bindparam("id"), SYNCED_COMMANDS.c.digest == bindparam("was"))
    .values(digest=bindparam("is"))
)
ADD_LEASE = insert(LEASES)


@pytest.fixture(autouse=True)
def again_soon(monkeypatch):
    monkeypatch.setattr(errors, "RETRY_SECONDS", (0.02,) * 200)


@pytest.fixture
def few_locks(monkeypatch):
    """Who meets a lock is told soon."""
    monkeypatch.setattr("infra.db.engine.BUSY_MILLISECONDS", 50)
    monkeypatch.setitem(SERVER_SETTINGS, "lock_timeout", "50ms")


@pytest.fixture
def writes(engine):
    return writes_to(engine)


def row(number, digest="a"):
    return ADD, {"application_id": number, "digest": digest}


def change(number, was, becomes):
    return CHANGE, {"id": number, "was": was, "is": becomes}


def lease(name):
    return ADD_LEASE, {"name": name, "holder": "somebody", "until": 1.0}


async def rows(engine):
    async with engine.connect() as connection:
        return {row.application_id: row.digest for row in await connection.execute(select(SYNCED_COMMANDS))}


async def leases(engine):
    async with engine.connect() as connection:
        return set((await connection.execute(select(LEASES.c.name))).scalars())


async def test_all_statements_of_a_write_are_written(engine, writes):
    assert await writes.write(row(1), lease("one"), lease("two"))
    assert await writes.write(change(1, "a", "b"), lease("three"))
    assert await rows(engine) == {1: "b"}
    assert await leases(engine) == {"one", "two", "three"}


async def test_where_the_first_matches_no_row_nothing_is_written(engine, writes):
    await writes.write(row(1))
    assert not await writes.write(change(1, "other", "b"), lease("one"))
    assert await rows(engine) == {1: "a"}
    assert await leases(engine) == set()


async def test_where_a_later_one_cannot_be_nothing_is_written_and_its_caller_alone_is_told(engine, writes, caplog):
    await writes.write(lease("taken"))
    outcomes = await asyncio.gather(
        writes.write(row(1), lease("one")),
        writes.write(row(2), lease("taken")),
        writes.write(row(3)),
        return_exceptions=True,
    )
    assert [type(one) for one in outcomes] == [bool, IntegrityError, bool]
    assert await rows(engine) == {1: "a", 3: "a"}
    assert await leases(engine) == {"taken", "one"}
    assert "retrying in" not in caplog.text


async def test_of_many_at_once_each_is_told_its_own_outcome(engine, writes):
    await asyncio.gather(*(writes.write(row(number)) for number in range(100)))
    late = set(range(0, 100, 7))
    outcomes = await asyncio.gather(
        *(
            writes.write(change(number, "z" if number in late else "a", "b"), lease(f"{number}"))
            for number in range(100)
        )
    )
    assert outcomes == [number not in late for number in range(100)]
    assert await leases(engine) == {f"{number}" for number in range(100) if number not in late}


async def test_of_many_who_change_a_row_at_once_one_has_its_way(engine, writes):
    await writes.write(row(1))
    outcomes = await asyncio.gather(*(writes.write(change(1, "a", f"{number}")) for number in range(50)))
    assert sum(outcomes) == 1
    assert await rows(engine) == {1: f"{outcomes.index(True)}"}


@pytest.mark.usefixtures("few_locks")
async def test_a_row_that_another_has_locked_is_written_once_it_is_free(engine, migrated_url, writes, caplog):
    await writes.write(row(1))
    other = open_engine(migrated_url)
    async with other.connect() as connection:
        await connection.exec_driver_sql("BEGIN IMMEDIATE" if other.dialect.name == "sqlite" else "BEGIN")
        await connection.execute(*change(1, "a", "b"))
        writing = asyncio.create_task(writes.write(change(1, "a", "c")))
        await is_told("retrying in", caplog)
        await connection.exec_driver_sql("ROLLBACK")
    assert await writing
    assert await rows(engine) == {1: "c"}
    await other.dispose()


@pytest.mark.usefixtures("few_locks")
async def test_who_waits_for_a_row_holds_nobody_else_up(postgresql_engine):
    writes = writes_to(postgresql_engine)
    await asyncio.gather(*(writes.write(row(number)) for number in range(20)))
    async with transaction(postgresql_engine) as connection:
        await connection.execute(*change(0, "a", "b"))
        waiting = asyncio.create_task(writes.write(change(0, "a", "c")))
        assert all(await asyncio.gather(*(writes.write(change(number, "a", "c")) for number in range(1, 20))))
        assert not waiting.done()
    assert not await waiting
    assert await rows(postgresql_engine) == {0: "b"} | dict.fromkeys(range(1, 20), "c")


async def test_of_two_writes_that_wait_for_each_other_both_are_done(postgresql_engine, caplog):
    writes = writes_to(postgresql_engine)
    await writes.write(row(1))
    await writes.write(row(2))
    async with transaction(postgresql_engine) as connection:
        await connection.exec_driver_sql(
            "SET LOCAL deadlock_timeout = '1h'"
        )  # so that the other is the one to give way
        await connection.execute(*change(1, "a", "b"))
        writing = asyncio.create_task(writes.write(change(2, "a", "c"), change(1, "a", "c")))
        await is_waiting_for_a_lock(postgresql_engine)
        await connection.execute(*change(2, "a", "b"))
    assert not await writing  # tried again, and then it was too late
    assert "deadlock detected" in caplog.text
    assert await rows(postgresql_engine) == {1: "b", 2: "b"}


LOST_COMMITS = [fault for fault in Fault if fault is not Fault.NONE]


@pytest.mark.parametrize("fault", LOST_COMMITS, ids=[fault.value for fault in LOST_COMMITS])
async def test_a_commit_without_an_answer_is_done_once_and_told_as_done(wired, caplog, fault):
    wire, engine = wired
    writes = writes_to(engine)
    await writes.write(row(1))
    wire.fault = fault
    writing = asyncio.create_task(writes.write(change(1, "a", "b"), lease("one")))
    await asyncio.wait_for(wire.happened.wait(), 30)
    if fault is Fault.HELD:
        await is_told("still ending", caplog)
        wire.let_go()
    async with asyncio.timeout(30):
        assert await writing
    assert (await rows(engine), await leases(engine)) == ({1: "b"}, {"one"})
    assert caplog.text.count("retrying in") >= 1


async def test_an_insert_whose_commit_had_no_answer_is_no_duplicate(wired):
    wire, engine = wired
    wire.fault = Fault.ANSWER_LOST
    assert await writes_to(engine).write(row(1), lease("one"))
    assert await rows(engine) == {1: "a"}


async def test_a_commit_without_an_answer_that_came_first_is_told_apart_from_a_lost_race(wired):
    """Another changes the row between the lost answer and the next attempt."""
    wire, engine = wired
    writes = writes_to(engine)
    await writes.write(row(1))
    wire.fault = Fault.ANSWER_LOST
    writing = asyncio.create_task(writes.write(change(1, "a", "b")))
    await asyncio.wait_for(wire.happened.wait(), 30)
    assert await writes.write(change(1, "b", "c"))
    assert await writing
    assert await rows(engine) == {1: "c"}


@pytest.fixture
async def wired(postgresql, monkeypatch):
    """A way to a database with faults on it, and an engine at its end."""
    monkeypatch.setattr("infra.db.postgresql.ANSWER_SECONDS", 2.0)
    monkeypatch.setitem(SERVER_SETTINGS, "idle_in_transaction_session_timeout", "1s")
    async with postgresql.new_database(with_tables) as url, Wire(postgresql.port) as wire:
        engine = open_engine(url.replace(f":{postgresql.port}/", f":{wire.port}/"))
        yield wire, engine
        await engine.dispose()


async def is_waiting_for_a_lock(engine):
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with asyncio.timeout(30), engine.connect() as connection:
        while not (await connection.exec_driver_sql(query)).scalar_one():
            pass
