"""A database that can't be used for a moment: waited for as long as somebody waits for the answer."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError

from infra.db import errors
from infra.db.access import changing, connected
from infra.db.engine import close_engine, open_database, open_engine
from infra.db.errors import explain
from infra.db.opening import UnusableDatabaseError, usable_database
from infra.db.tables import SYNCED_COMMANDS
from infra.db.writes import writes_to
from studio.errors import UnavailableError
from studio.patience import answer_within
from tests.infra.conftest import is_told, with_tables
from tests.support.postgresql import PostgreSQL

ADD = insert(SYNCED_COMMANDS)
COUNT = select(func.count()).select_from(SYNCED_COMMANDS)


def row(number):
    return {"application_id": number, "digest": "a"}


async def count(engine):
    async with connected(engine) as connection:
        return (await connection.execute(COUNT)).scalar_one()


@pytest.fixture(scope="module")
def own_server():
    """A PostgreSQL that may be stopped and made read-only."""
    with PostgreSQL() as server:
        yield server


@pytest.fixture
async def server(own_server, monkeypatch):
    monkeypatch.setattr(errors, "RETRY_SECONDS", (0.05,))
    async with own_server.new_database(with_tables) as url:
        yield own_server, url
        if own_server.is_stopped:
            own_server.start()


async def read_only(server, *, on):
    await server.execute(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}", writable=True)
    await server.execute("SELECT pg_reload_conf()", writable=True)


async def test_what_is_written_to_a_server_that_became_read_only_is_written_once_it_is_not(server, caplog):
    own, url = server
    engine = await open_database(url)
    assert await count(engine) == 0
    await read_only(own, on=True)
    try:
        writing = asyncio.create_task(writes_to(engine).write((ADD, row(1))))
        await is_told("read-only transaction", caplog)
        assert await count(engine) == 0  # reading goes on
        assert not writing.done()
    finally:
        await read_only(own, on=False)
    assert await writing
    assert await count(engine) == 1
    await close_engine(engine)


async def test_a_connection_to_a_server_that_became_read_only_is_replaced(server):
    _, url = server
    engine = await open_database(url)
    async with connected(engine) as connection, connected(engine) as other:
        await connection.exec_driver_sql("SET default_transaction_read_only = on")  # as if it led to a standby
        before = (await other.exec_driver_sql("SELECT pg_backend_pid()")).scalar_one()
    for number in range(2):
        assert await writes_to(engine).write((ADD, row(number)))
    async with engine.connect() as connection:
        await connection.exec_driver_sql("SET default_transaction_read_only = on")
        with pytest.raises(DBAPIError, match="read-only"):
            await connection.execute(ADD, row(7))
    async with connected(engine) as connection:
        assert (await connection.exec_driver_sql("SELECT pg_backend_pid()")).scalar_one() != before
        await connection.execute(ADD, row(8))
    await close_engine(engine)


async def test_a_server_that_is_read_only_at_the_start_is_named_as_a_standby(server):
    own, url = server
    await read_only(own, on=True)
    try:
        with pytest.raises(UnusableDatabaseError, match="use the address of the primary"):
            async with usable_database(url):
                pass
    finally:
        await read_only(own, on=False)


async def test_reads_wait_for_a_server_that_is_away(server, caplog):
    own, url = server
    engine = await open_database(url)
    own.stop()
    reading = asyncio.create_task(count(engine))
    await is_told("database unavailable, waiting", caplog)
    own.start()
    assert await reading == 0
    await close_engine(engine)


@pytest.mark.parametrize("how", [count, lambda engine: writes_to(engine).write((ADD, row(1)))], ids=["read", "write"])
async def test_who_waits_for_an_answer_is_refused_in_time(server, how):
    own, url = server
    engine = await open_database(url)
    own.stop()
    answer_within(0.3)
    began = time.monotonic()
    with pytest.raises(UnavailableError):
        await how(engine)
    assert time.monotonic() - began < 2
    await close_engine(engine)


async def test_a_full_disk_under_a_file_is_waited_for(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(errors, "RETRY_SECONDS", (0.05,))
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    await with_tables(url)
    engine = open_engine(url)
    async with connected(engine) as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    writes = writes_to(engine)
    with pytest.raises(UnavailableError, match="full"):
        async with changing(engine) as connection:
            await connection.execute(ADD, {"application_id": 1, "digest": "a" * 100_000})
    writing = asyncio.create_task(writes.write((ADD, {"application_id": 2, "digest": "a" * 100_000})))
    await is_told("database or disk is full", caplog)
    async with connected(engine) as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert await writing
    await close_engine(engine)


async def test_a_statement_that_is_wrong_is_not_waited_for(tmp_path):
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    with pytest.raises(Exception, match="no such table") as caught:
        await count(engine)
    assert not isinstance(caught.value, UnavailableError)
    assert "Check that its folder" in explain(caught.value, "sqlite+aiosqlite:///bot.db")
    await close_engine(engine)
