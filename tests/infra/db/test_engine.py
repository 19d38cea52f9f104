"""Both databases as they are opened and migrated; PostgreSQL slow, full, restarted, unreachable."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from infra.db import errors
from infra.db.engine import close_engine, migrate, open_engine, transaction
from infra.db.errors import explain, is_transient
from infra.db.postgresql import SERVER_SETTINGS
from infra.db.tables import SYNCED_COMMANDS
from infra.db.writes import writes_to
from tests.infra.conftest import is_told, with_tables
from tests.support.postgresql import PASSWORD, USER, PostgreSQL

ROOT = Path(__file__).parents[3]
MIGRATE = """
import asyncio, sys
from infra.db.engine import migrate, open_engine

async def start():
    engine = open_engine(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    await migrate(engine)
    await engine.dispose()

asyncio.run(start())
"""
ADD = insert(SYNCED_COMMANDS)
ROW = {"application_id": 1, "digest": "a"}
COUNT = select(func.count()).select_from(SYNCED_COMMANDS)


async def count(engine):
    async with engine.connect() as connection:
        return (await connection.execute(COUNT)).scalar_one()


async def outcome(url):
    """What comes of opening a database and bringing its tables up to date: an error, or nothing."""
    engine = open_engine(url)
    try:
        await migrate(engine)
    except Exception as error:  # noqa: BLE001 - it is what is looked at
        return error
    finally:
        await engine.dispose()


async def test_processes_that_migrate_at_once_wait_for_each_other(database_url):
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", MIGRATE, database_url, cwd=ROOT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(3)
    ]  # fmt: skip
    async with asyncio.timeout(60):
        for process in processes:
            assert await process.stdout.readline() == b"ready\n"
        for process in processes:
            process.stdin.write(b"\n")
        ends = [(await process.communicate())[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], ends
    engine = open_engine(database_url)
    assert await count(engine) == 0
    await engine.dispose()


async def test_a_migration_that_breaks_off_leaves_nothing_half_done(database_url, monkeypatch):
    def broken(connection):
        connection.execute(text("CREATE TABLE half (done INTEGER)"))
        raise ArithmeticError

    with monkeypatch.context() as patched:
        patched.setattr("infra.db.engine._upgrade", broken)
        assert isinstance(await outcome(database_url), ArithmeticError)
    engine = open_engine(database_url)
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TABLE half (done INTEGER)"))
    await engine.dispose()


async def test_a_transaction_is_whole_or_not_at_all(engine):
    async def twice():
        async with transaction(engine) as connection:
            await connection.execute(ADD, ROW)
            await connection.execute(ADD, ROW)

    with pytest.raises(IntegrityError):
        await twice()
    assert await count(engine) == 0
    async with transaction(engine) as connection:
        await connection.execute(ADD, ROW)
        await connection.execute(ADD, ROW | {"application_id": 2})
    assert await count(engine) == 2


async def test_a_database_is_closed_once_what_is_under_way_has_ended(engine):
    async def asked():
        async with engine.connect() as connection:
            return (await connection.execute(text("SELECT 1"))).scalar_one()

    asking = [asyncio.create_task(asked()) for _ in range(30)]
    await asyncio.sleep(0)  # they have begun
    await close_engine(engine)
    assert all(task.done() for task in asking)
    assert [task.result() for task in asking] == [1] * 30


async def test_a_connection_has_a_name_and_limits(postgresql_url):
    engine = open_engine(f"{postgresql_url}?sslmode=prefer&channel_binding=prefer&application_name=second-bot")
    async with engine.connect() as connection:
        found = {name: (await connection.exec_driver_sql(f"SHOW {name}")).scalar_one() for name in SERVER_SETTINGS}
    await engine.dispose()
    assert found == SERVER_SETTINGS | {"application_name": "second-bot"}


async def test_any_character_may_stand_in_a_password(postgresql, postgresql_url):
    await postgresql.execute("CREATE ROLE odd SUPERUSER LOGIN PASSWORD 'p@s:s/w?o#r%d +ü'")
    address = postgresql_url.replace(f"{USER}:{PASSWORD}", "odd:p%40s%3As%2Fw%3Fo%23r%25d%20%2B%C3%BC")
    assert await outcome(address) is None


async def test_who_finds_no_connection_in_time_is_told_and_writes_wait(postgresql_url, monkeypatch, caplog):
    monkeypatch.setattr("infra.db.postgresql.POOL_SIZE", 1)
    monkeypatch.setattr("infra.db.postgresql.POOL_OVERFLOW", 1)
    monkeypatch.setattr("infra.db.postgresql.POOL_WAIT_SECONDS", 0.05)
    monkeypatch.setattr(errors, "RETRY_SECONDS", (0.02,) * 200)
    engine = open_engine(postgresql_url)
    async with engine.connect(), engine.connect():
        with pytest.raises(PoolTimeoutError) as caught:
            await count(engine)
        assert is_transient(caught.value)
        writing = asyncio.create_task(writes_to(engine).write((ADD, ROW)))
        await is_told("retrying in", caplog)
    assert await writing
    assert await count(engine) == 1
    await engine.dispose()


async def test_a_statement_that_takes_too_long_is_ended_and_the_connection_stays(postgresql_url, monkeypatch):
    monkeypatch.setitem(SERVER_SETTINGS, "statement_timeout", "1s")
    engine = open_engine(postgresql_url)
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError, match="statement timeout") as caught:
            await connection.exec_driver_sql("SELECT pg_sleep(30)")
        assert is_transient(caught.value)
        assert (await connection.execute(COUNT)).scalar_one() == 0
    await engine.dispose()


async def test_migrations_may_take_longer_than_a_statement(postgresql, monkeypatch):
    monkeypatch.setitem(SERVER_SETTINGS, "statement_timeout", "50ms")
    monkeypatch.setattr("infra.db.postgresql.ANSWER_SECONDS", 0.05)
    monkeypatch.setattr("infra.db.engine._upgrade", lambda connection: connection.execute(text("SELECT pg_sleep(0.2)")))
    async with postgresql.new_database() as url:
        assert await outcome(url) is None


async def test_a_server_that_says_nothing_any_more_is_given_up(postgresql_url, monkeypatch):
    monkeypatch.setattr("infra.db.postgresql.ANSWER_SECONDS", 1.0)
    engine = open_engine(postgresql_url)
    with pytest.raises(TimeoutError) as caught:
        async with engine.connect() as connection:
            await connection.exec_driver_sql("SELECT pg_sleep(30)")
    assert is_transient(caught.value)
    assert await count(engine) == 0
    await engine.dispose()


async def test_who_meets_a_table_that_a_newer_process_has_changed_tries_again(postgresql_engine):
    writes = writes_to(postgresql_engine)
    assert await writes.write((ADD, ROW))
    async with postgresql_engine.connect() as connection:
        query = text("SELECT * FROM synced_commands")
        await connection.execute(query)
        async with transaction(postgresql_engine) as other:
            await other.exec_driver_sql("ALTER TABLE synced_commands ALTER COLUMN digest TYPE VARCHAR(70)")
        with pytest.raises(DBAPIError) as caught:
            await connection.execute(query)
        assert is_transient(caught.value)
    assert await writes.write((ADD, ROW | {"application_id": 2}))


@pytest.fixture
async def restarted(monkeypatch):
    """A server of the test's own, and an engine on it that has been used."""
    monkeypatch.setattr(errors, "RETRY_SECONDS", (0.02,) * 1500)
    with PostgreSQL() as server:
        url = server.url("postgres")
        await with_tables(url)
        engine = open_engine(url)
        await asyncio.gather(*(count(engine) for _ in range(5)))
        yield server, engine
        await engine.dispose()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["in order", "as after a crash"])
async def test_after_a_restart_of_the_server_all_goes_on(restarted, how):
    server, engine = restarted
    server.stop(how)
    server.start()
    assert await writes_to(engine).write((ADD, ROW))
    assert await asyncio.gather(*(count(engine) for _ in range(10))) == [1] * 10


async def test_what_is_written_while_the_server_is_away_is_written_once_it_is_back(restarted, caplog):
    server, engine = restarted
    server.stop()
    with pytest.raises(OSError, match="Connect call failed"):
        await count(engine)
    writing = asyncio.create_task(writes_to(engine).write((ADD, ROW)))
    await is_told("retrying in", caplog)
    server.start()
    assert await writing
    assert await count(engine) == 1


UNUSABLE = {
    "password": ("bot:wrong@127.0.0.1:{port}/postgres", "password authentication failed", "ALTER ROLE bot PASSWORD"),
    "user": ("wrong:secret@127.0.0.1:{port}/postgres", "password authentication failed", "user and password"),
    "database": ("{user}@127.0.0.1:{port}/wrong", 'database "wrong" does not exist', "Create that database"),
    "port": ("{user}@127.0.0.1:9/postgres", "Connect call failed", "host, its port"),
    "host": ("{user}@nowhere.invalid/postgres", "not known", "host, its port"),
    "TLS": ("{user}@127.0.0.1:{port}/postgres?sslmode=require", "rejected SSL", "after the “?”"),
    "TLS mode": ("{user}@127.0.0.1:{port}/postgres?sslmode=maybe", "must be one of: disable, allow", ""),
    "certificate": (
        "{user}@127.0.0.1:{port}/postgres?sslmode=verify-full&sslrootcert=/no.crt",
        "No such file",
        "after the “?”",
    ),
    "option": ("{user}@127.0.0.1:{port}/postgres?colour=red", '"colour"', "Remove the options"),
}


@pytest.mark.parametrize(("address", "problem", "hint"), UNUSABLE.values(), ids=UNUSABLE)
async def test_a_database_that_cannot_be_used_is_one_plain_line_without_the_password(
    postgresql, address, problem, hint
):
    url = f"postgresql+asyncpg://{address}".format(port=postgresql.port, user=f"{USER}:{PASSWORD}")
    error = await outcome(url)
    line = explain(error, url)
    assert line.startswith("DATABASE_URL: the database can't be used: ")
    assert problem in line
    assert hint in line
    assert "\n" not in line
    assert all(secret not in line + repr(error) for secret in (PASSWORD, ":wrong@", "secret", "sqlalche.me"))


async def test_what_is_deleted_from_a_file_is_overwritten(tmp_path):
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    async with engine.connect() as connection:
        assert await connection.scalar(text("PRAGMA secure_delete")) == 1
    await close_engine(engine)


async def test_a_user_who_may_make_no_tables_is_told_what_to_grant(postgresql):
    await postgresql.execute("CREATE ROLE guest LOGIN PASSWORD 'guest-secret'")
    async with postgresql.new_database() as url:
        guests = url.replace(f"{USER}:{PASSWORD}", "guest:guest-secret")
        line = explain(await outcome(guests), guests)
    assert "permission denied for schema public" in line
    assert "GRANT CREATE ON SCHEMA public" in line
