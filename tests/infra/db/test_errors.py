"""What the errors of databases, poolers and hosts mean: each is waited out or not, and has a remedy of its own."""

from __future__ import annotations

import errno
import os

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from infra.db.engine import open_database
from infra.db.errors import explain, is_transient, is_unavailable

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
]
NOT_WAITED_OUT = [
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
    (HOSTED, "could not find block containing chunk 0x55", "damaged tables"),
    ("XX001", "invalid page in block 1 of relation", "restore a backup"),
    ("28P01", 'password authentication failed for user "bot"', "Check its user and password"),
]


@pytest.mark.parametrize(("state", "text", "remedy"), WAITED_OUT)
def test_an_error_that_passes_is_waited_out_like_a_restart_and_has_its_remedy(state, text, remedy):
    failed = error(state, text)
    assert is_transient(failed)
    assert is_unavailable(failed)
    assert remedy in explain(failed, URL)


@pytest.mark.parametrize(("state", "text", "remedy"), NOT_WAITED_OUT)
def test_an_error_that_stays_is_not_waited_out_and_has_its_remedy(state, text, remedy):
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
    ],
)
def test_a_connection_that_fails_has_its_remedy_and_no_number(number, remedy):
    line = explain(OSError(number, os.strerror(number)), URL)
    assert remedy in line
    assert "[Errno" not in line


async def test_several_servers_without_a_primary_are_waited_for_and_named(postgresql_url):
    url = f"{postgresql_url}?target_session_attrs=standby"
    with pytest.raises(DBAPIError) as caught:
        await open_database(url)
    assert is_transient(caught.value)
    assert "use the address of the primary" in explain(caught.value, url)
