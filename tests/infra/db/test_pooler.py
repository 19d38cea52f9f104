"""PostgreSQL behind a pooler: PgBouncer in both modes, where it is installed, and a proxy that refuses parameters."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import func, insert, make_url, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from infra.config.database_url import check_database_url
from infra.db.engine import close_engine, migrate, open_database, open_engine, transaction
from infra.db.errors import explain, is_transient
from infra.db.leases import SqlLeases
from infra.db.postgresql import DIRECT, SERVER_SETTINGS, Access, probe
from infra.db.tables import SYNCED_COMMANDS
from infra.db.writes import writes_to
from tests.support.pooler import PgBouncer, installed, refusing_proxy
from tests.support.postgresql import PASSWORD

ADD = insert(SYNCED_COMMANDS)
COUNT = select(func.count()).select_from(SYNCED_COMMANDS)

needs_pgbouncer = pytest.mark.skipif(not installed(), reason="PgBouncer is not installed")
STOCK = ""
PERMISSIVE = f"ignore_startup_parameters={','.join(SERVER_SETTINGS)},extra_float_digits"


@pytest.fixture
def pooled(postgresql):
    """Makes a PgBouncer before a database of the test's own, with these settings. Gives both, and the address."""

    @asynccontextmanager
    async def start(*settings):
        async with postgresql.new_database() as direct:
            with PgBouncer(postgresql, "\n".join(settings)) as pooler:
                yield pooler, pooler.url(direct)

    return start


@asynccontextmanager
async def opened(url):
    engine = await open_database(url)
    try:
        await migrate(engine)
        yield engine
    finally:
        await close_engine(engine)


async def count(engine):
    async with engine.connect() as connection:
        return (await connection.execute(COUNT)).scalar_one()


async def use(engine, number):
    """Read, write by group commit and in a transaction, and take a lease, as 25 tasks at once."""

    async def one(index):
        leases = SqlLeases(engine, f"process:{number}-{index}")
        assert await leases.hold(f"{number}-{index}", 20.0)
        assert await writes_to(engine).write((ADD, {"application_id": number, "server_id": index, "digest": "a"}))
        async with transaction(engine) as connection:
            await connection.execute(ADD, {"application_id": number, "server_id": 100 + index, "digest": "b"})
        assert await count(engine)

    async with asyncio.timeout(30):
        await asyncio.gather(*(one(index) for index in range(25)))


@needs_pgbouncer
@pytest.mark.parametrize("ignored", [STOCK, PERMISSIVE], ids=["stock", "ignoring"])
@pytest.mark.parametrize("mode", ["session", "transaction"])
async def test_two_processes_share_a_pooler_of_eight_connections(pooled, mode, ignored):
    async with (
        pooled(f"pool_mode={mode}", "default_pool_size=8", ignored) as (_, url),
        opened(url) as first,
        opened(url) as second,
    ):
        await asyncio.gather(use(first, 1), use(second, 2))
        assert await count(first) == 100


@needs_pgbouncer
async def test_a_statement_behind_a_pooler_is_limited_in_time(pooled, monkeypatch):
    monkeypatch.setitem(SERVER_SETTINGS, "statement_timeout", "200ms")
    async with pooled("pool_mode=transaction") as (_, url), opened(url) as engine:
        async with engine.connect() as connection:
            with pytest.raises(DBAPIError, match="statement timeout"):
                await connection.exec_driver_sql("SELECT pg_sleep(30)")
        assert await count(engine) == 0


@needs_pgbouncer
async def test_a_transaction_behind_a_pooler_that_raises_is_rolled_back(pooled):
    async with pooled("pool_mode=transaction") as (_, url), opened(url) as engine:
        with pytest.raises(IntegrityError):
            async with transaction(engine) as connection:
                await connection.execute(ADD, [{"application_id": 1, "digest": "a"}] * 2)
        assert await count(engine) == 0


@needs_pgbouncer
async def test_a_pooler_that_has_restarted_is_used_again(pooled):
    async with pooled("pool_mode=transaction") as (pooler, url), opened(url) as engine:
        await use(engine, 1)
        pooler.restart()
        await use(engine, 2)


@needs_pgbouncer
async def test_options_of_other_programs_in_the_address_are_left_alone(pooled):
    others = "pgbouncer=true&connection_limit=1&schema=public"
    async with pooled("pool_mode=transaction") as (_, url), opened(f"{url}?{others}") as engine:
        await use(engine, 1)
        assert engine.pool.size() == 1


@needs_pgbouncer
async def test_an_option_that_the_pooler_refuses_is_named_with_its_setting(pooled):
    async with pooled("pool_mode=session") as (_, url):
        with pytest.raises(DBAPIError) as caught:
            await open_database(f"{url}?search_path=pictures")
        line = explain(caught.value, url)
    assert "search_path" in line
    assert "ignore_startup_parameters" in line


@needs_pgbouncer
async def test_a_pooler_without_a_free_connection_is_named_with_its_setting(pooled, monkeypatch):
    monkeypatch.setattr("infra.db.postgresql.PROBE_SECONDS", 0.3)
    async with pooled("pool_mode=session", "default_pool_size=1") as (_, url), opened(url) as engine:
        await use(engine, 1)  # one connection is enough for one process
        with pytest.raises(OSError, match="answers nothing") as caught:
            await open_database(url)
    assert "default_pool_size" in explain(caught.value, url)


@needs_pgbouncer
async def test_a_pooler_without_room_for_a_client_is_waited_for(pooled):
    async with (
        pooled("pool_mode=transaction", "max_client_conn=1") as (_, url),
        opened(f"{url}?connection_limit=1") as engine,
        engine.connect(),
    ):
        with pytest.raises(DBAPIError, match="no more connections allowed") as caught:
            async with open_engine(url, Access(pooled=True)).connect():
                pass
    assert is_transient(caught.value)
    assert "max_client_conn" in explain(caught.value, url)


@pytest.mark.parametrize("hosts", ["127.0.0.1:9,127.0.0.1:{port}", "[::1]:9,127.0.0.1:{port}"], ids=["IPv4", "IPv6"])
async def test_of_several_servers_one_that_answers_is_used(postgresql, hosts):
    async with postgresql.new_database() as direct:
        several = hosts.format(port=postgresql.port)
        url = check_database_url(direct.replace(f"127.0.0.1:{postgresql.port}", several))
        async with opened(url) as engine:
            await use(engine, 1)


async def test_a_server_of_ones_own_is_reached_directly(postgresql):
    async with postgresql.new_database() as url:
        assert await probe(make_url(url)) == DIRECT


@pytest.mark.parametrize("whose", ["ROLE few", "DATABASE {database}"])
async def test_a_server_that_allows_few_connections_gets_no_more(postgresql, whose):
    await postgresql.execute(f"CREATE ROLE few LOGIN PASSWORD '{PASSWORD}'")
    async with postgresql.new_database() as url:
        database = make_url(url).database
        await postgresql.execute(f"ALTER DATABASE {database} OWNER TO few")
        await postgresql.execute(f"ALTER {whose.format(database=database)} CONNECTION LIMIT 2")
        async with opened(postgresql.url(database, user="few")) as engine:
            await use(engine, 1)
            assert await count(engine) == 50
    await postgresql.execute("DROP ROLE few")


@pytest.mark.parametrize("how", ["with an error", "without a word"])
async def test_startup_parameters_that_are_refused_are_set_in_each_transaction(postgresql, how):
    async with (
        postgresql.new_database() as direct,
        refusing_proxy(postgresql.port, politely=how == "with an error") as port,
        opened(direct.replace(f":{postgresql.port}/", f":{port}/")) as engine,
    ):
        await use(engine, 1)
        async with transaction(engine) as connection:
            shown = (await connection.exec_driver_sql("SHOW statement_timeout")).scalar_one()
    assert shown == SERVER_SETTINGS["statement_timeout"]


async def test_an_engine_for_a_pooler_works_without_one(postgresql):
    async with postgresql.new_database() as url:
        engine = open_engine(url, Access(pooled=True))
        await migrate(engine)
        await use(engine, 1)
        await close_engine(engine)
