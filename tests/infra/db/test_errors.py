"""What the errors of databases, poolers and hosts mean: each is waited out or not, and has a remedy of its own."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from infra.db.engine import open_database
from infra.db.errors import explain, is_transient, is_unavailable
from infra.db.opening import UnusableDatabaseError, usable_database

URL = "postgresql+asyncpg://bot@db.example/bot"
POOLERS = "08P01"
HOSTED = "XX000"


def error(state, text):
    return OperationalError(None, None, asyncpg.PostgresError.new({"C": state, "M": text, "S": "FATAL"}))


WAITED_OUT = [
    (POOLERS, "query_wait_timeout", "default_pool_size"),
    (POOLERS, "server conn crashed?", "server behind the pooler"),
    (POOLERS, "no more connections allowed (max_client_conn)", "max_client_conn"),
    (POOLERS, "client connections exceeded (max_db_client_connections)", "clients"),
    (POOLERS, "pgbouncer cannot connect to server", "server behind the pooler"),
    (POOLERS, "server login has been failing, try again later (server_login_retry)", "server behind the pooler"),
    (POOLERS, "server login has been failing, cached error: connect failed (server_login_retry)", "behind the pooler"),
    (POOLERS, "client_login_timeout (server down)", "server behind the pooler"),
    (POOLERS, "connect timeout", "server behind the pooler"),
    (POOLERS, "the database system is shutting down", "server behind the pooler"),
    (POOLERS, "the database system is not yet accepting connections", "server behind the pooler"),
    (POOLERS, 'database "bot" is disabled', "ENABLE"),
    (POOLERS, "something that a later version says", "pooler's log"),
    (
        HOSTED,
        "MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to pool_size",
        "6543",
    ),
    (HOSTED, "(EMAXCONNSESSION) max clients reached in session mode", "6543"),
    (HOSTED, "Max client connections reached", "limit on clients"),
    (HOSTED, "Unable to check out process from the pool due to timeout", "default_pool_size"),
    (HOSTED, "Control plane request failed", "Wait until the host"),
    ("08006", "Couldn't connect to compute node: timed out", "Wait until the host"),
    (HOSTED, "Couldn't connect to compute node", "Wait until the host"),
    (HOSTED, "endpoint is disabled", "enable it"),
    (HOSTED, "The endpoint has been disabled. Enable it using Neon API and retry.", "enable it"),
    (
        HOSTED,
        "Failed to acquire permit to connect to the database. Too many database connection attempts",
        "Wait until",
    ),
    (HOSTED, "Your account or project has exceeded the compute time quota.", "limit of the project"),
    ("53100", "could not extend file: No space left on device", "free some space"),
    ("53200", "out of memory", "give it more"),
    ("53300", "sorry, too many clients already", "max_connections"),
    ("53400", "configuration limit exceeded", "its log"),
    ("58030", "could not read block 1: Input/output error", "disk of the database server fails"),
    ("58P01", "could not open file: No such file", "disk of the database server fails"),
    (POOLERS, "unsupported startup parameter: search_path", "ignore_startup_parameters"),
    (POOLERS, "unsupported startup parameter in options: geqo", "ignore_startup_parameters"),
    (POOLERS, "no such database: bot", "[databases]"),
    (POOLERS, "no such user: bot", "auth_file"),
    (POOLERS, "no such user", "auth_file"),
    (POOLERS, "SASL authentication failed", "user and password"),
    (POOLERS, "auth failed", "user and password"),
    (POOLERS, "server login has been failing, cached error: password authentication failed for user", "password"),
    (POOLERS, "not allowed", "pg_hba"),
    (POOLERS, "SSL required", "sslmode=require"),
    (POOLERS, "transaction blocks not allowed in statement pooling mode", "pool_mode"),
    (POOLERS, "prepared statements are not supported with transaction pooling", "pool_mode"),
    (HOSTED, "Tenant or user not found", "postgres.abcdefgh"),
    (HOSTED, "(ENOTFOUND) tenant/user postgres.abc not found", "postgres.abcdefgh"),
    (HOSTED, "Endpoint ID is not specified. Either please upgrade the postgres client library", "Copy the address"),
    ("28P01", 'password authentication failed for user "bot"', "Check its user and password"),
    ("08P01", "unexpected message type", "pooler's log"),
    ("08001", "SSL connection is required. Please specify SSL options and retry.", "sslmode=require"),
    ("26000", 'prepared statement "__asyncpg_stmt_1__" does not exist', "max_prepared_statements"),
    ("28000", 'no pg_hba.conf entry for host "1.2.3.4", user "bot", database "bot", no encryption', "sslmode=require"),
    ("28000", 'no pg_hba.conf entry for host "1.2.3.4", user "bot", database "bot", SSL off', "sslmode=require"),
    ("28000", "connection is insecure (try using `sslmode=require`)", "?sslmode=require"),
    ("28000", 'role "bot" is not permitted to log in', "Check its user and password"),
    ("3D000", 'database "bot" does not exist', "Create that database"),
    ("42501", "permission denied for schema public", "GRANT CREATE ON SCHEMA public"),
    ("42501", "permission denied for table jobs", "REASSIGN OWNED"),
    ("42501", "must be owner of table jobs", "REASSIGN OWNED"),
    ("42501", 'permission denied for database "bot" DETAIL: User does not have CONNECT privilege.', "GRANT CONNECT"),
    ("55000", 'database "bot" is not currently accepting connections', "ALLOW_CONNECTIONS"),
    ("57P04", 'database "bot" was dropped', "its log"),
    ("57P01", "terminating connection due to administrator command", "its log"),
]
NOT_WAITED_OUT = [
    (HOSTED, "could not find block containing chunk 0x55", "damaged tables"),
    ("XX001", "invalid page in block 1 of relation", "restore a backup"),
    ("3F000", "no schema has been selected to create in", "search_path"),
    ("42P07", 'relation "jobs" already exists', "of its own"),
    ("22023", 'invalid value for parameter "TimeZone": "Mars"', "after the “?”"),
    ("99999", "what a later version says", "server's log"),
]


@pytest.mark.parametrize(("state", "text", "remedy"), WAITED_OUT)
def test_what_can_be_put_right_outside_is_waited_out_like_a_restart_and_has_its_remedy(state, text, remedy):
    failed = error(state, text)
    assert is_transient(failed)
    assert is_unavailable(failed)
    assert remedy in explain(failed, URL)


@pytest.mark.parametrize(("state", "text", "remedy"), NOT_WAITED_OUT)
def test_a_fault_is_not_waited_out_and_has_its_remedy(state, text, remedy):
    failed = error(state, text)
    assert not is_transient(failed)
    assert remedy in explain(failed, URL)


@pytest.mark.parametrize(("state", "text", "_"), [row for row in WAITED_OUT if row[0].startswith(("531", "532", "58"))])
def test_only_a_lack_of_connections_is_answered_by_more_connections(state, text, _):
    assert "Raise the limit on connections" not in explain(error(state, text), URL)


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENETDOWN, "network interface"),
        (errno.EPERM, "firewall"),
        (errno.EMFILE, "LimitNOFILE"),
        (errno.ECONNREFUSED, "Check its host, its port"),
        (errno.ENOENT, "sslrootcert"),
    ],
)
def test_a_connection_that_fails_has_its_remedy_and_no_number(number, remedy):
    line = explain(OSError(number, os.strerror(number)), URL)
    assert remedy in line
    assert "[Errno" not in line


async def opens(url, **options):
    async with usable_database(url, **options):
        pass


async def test_several_servers_without_a_primary_are_waited_for_and_named(postgresql_url):
    url = f"{postgresql_url}?target_session_attrs=standby"
    with pytest.raises(DBAPIError) as caught:
        await open_database(url)
    assert is_transient(caught.value)
    assert "use the address of the primary" in explain(caught.value, url)


async def test_a_server_that_says_nothing_is_named_in_words():
    assert "can't be used: no answer came in time. Check its host" in explain(TimeoutError(), URL)


@pytest.mark.parametrize("options", ["sslmode=require", "ssl=true"])
async def test_a_server_without_tls_is_named_with_what_to_change(postgresql_url, options):
    with pytest.raises(UnusableDatabaseError, match="remove sslmode"):
        await opens(f"{postgresql_url}?{options}")


async def test_an_option_that_cannot_be_is_named(postgresql_url):
    with pytest.raises(UnusableDatabaseError, match="Correct the options after"):
        await opens(f"{postgresql_url}?sslmode=maybe")


async def test_an_encoding_that_lacks_most_languages_is_refused_with_another(postgresql):
    await postgresql.execute("CREATE DATABASE western TEMPLATE template0 ENCODING 'LATIN1'")
    with pytest.raises(UnusableDatabaseError, match=r"its encoding is LATIN1.*ENCODING .UTF8."):
        await opens(postgresql.url("western"))
    await postgresql.execute("DROP DATABASE western WITH (FORCE)")


@pytest.mark.parametrize("mode", ["upgrade", "check"])
async def test_tables_of_a_newer_version_are_named_with_what_to_do(tmp_path, mode):
    url = f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
    await opens(url)
    with closing(sqlite3.connect(tmp_path / "bot.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UnusableDatabaseError, match="of a newer version: run that, or restore the backup"):
        await opens(url, upgrade=mode == "upgrade")
