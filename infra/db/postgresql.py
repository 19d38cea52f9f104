"""Connections to PostgreSQL, by the URLs that hosting providers hand out, with a time limit on everything.

Whether a pooler is in between is found by probing: asked as usual, it refuses our settings or answers for a connection
of the server's that has another number than the one it gave us. Then all goes as `infra.db.pooler` describes.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from sqlalchemy import URL

POOL_SIZE = 5  # connections kept open; a small server allows a hundred, for all processes
POOL_OVERFLOW = 10  # more under load
POOL_WAIT_SECONDS = 10.0
POOLED_SIZE = 2  # behind a pooler, whose own limit all processes share: of 8 connections, two processes use 4 each
POOLED_OVERFLOW = 2
CONNECT_SECONDS = 10.0
PROBE_SECONDS = 5.0
ANSWER_SECONDS = 20.0  # longer than the server's own limits: after that it is dead, not slow
SERVER_SETTINGS = {
    "application_name": "seedream-bot",
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",  # so that a lost transaction has ended when `is_committed` looks
}
_NO_LIMITS = {"application_name": "seedream-bot migrations", "statement_timeout": "0", "lock_timeout": "0"}

# Options of libpq that asyncpg would pass on to the server, which doesn't know them. (asyncpg has no channel binding:
# to be sure of the server's identity, use sslmode=verify-full.)
_LIBPQ_OPTIONS = {
    "channel_binding",
    "connect_timeout",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "sslcompression",
    "sslsni",
    "tcp_user_timeout",
}
# Options that hosts' addresses have for other programs: Prisma's, and of poolers' owners.
_OTHERS_OPTIONS = {
    "connection_limit",
    "pgbouncer",
    "pool_mode",
    "pool_timeout",
    "prepared_statements",
    "preparethreshold",
    "socket_timeout",
    "sslaccept",
    "sslidentity",
    "sslnegotiation",
    "statement_cache_size",
    "supa",
    "uselibpqcompat",
    "workaround",
}
_SSL_MODES = {"true": "require", "1": "require", "false": "disable", "0": "disable"}  # of `ssl`, as others write it
# SQLSTATEs, or their classes, of a failure that has nothing to do with our settings: access, no such database,
# resources, a server that starts or stops.
_NOT_SETTINGS = ("28", "3D", "53", "57")


@dataclass(frozen=True, slots=True)
class Access:
    """How the server is reached. `pooled`: through a pooler, which serves `most` connections at once."""

    pooled: bool = False
    most: int = POOL_SIZE + POOL_OVERFLOW


DIRECT = Access()
_ANY = "postgresql+asyncpg://"  # only asyncpg parses the real address: SQLAlchemy has no lists of IPv6 hosts

_FULL = "the server accepts a connection, but answers nothing"
_WHO_ANSWERS = """
    SELECT pg_backend_pid(), min(most) FILTER (WHERE most > 0) FROM (
        SELECT rolconnlimit AS most FROM pg_roles WHERE rolname = current_user
        UNION ALL SELECT datconnlimit FROM pg_database WHERE datname = current_database()
    ) AS limits
"""


class PoolerFullError(OSError):
    """A connection is accepted, but not served."""


async def probe(url: URL) -> Access:
    """Find out how the server is reached. Raises: DBAPIError, OSError."""
    with _as_sqlalchemys():
        return await _direct(url) or Access(pooled=True, most=await _served_at_once(url))


@contextmanager
def _as_sqlalchemys() -> Iterator[None]:
    """Raise asyncpg's errors as SQLAlchemy's: while it connects, SQLAlchemy doesn't."""
    import asyncpg  # type: ignore[import-untyped]  # noqa: PLC0415 - untyped, and not needed for SQLite

    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise OperationalError(None, None, error, hide_parameters=True) from error


def _creator(connect: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    async def create() -> Any:
        with _as_sqlalchemys():
            return await connect()

    return create


async def _direct(url: URL) -> Access | None:
    """Return how many connections the server allows this user; None if there is a pooler."""
    import asyncpg  # noqa: PLC0415 - not needed for SQLite

    try:
        connection = await _connecting(url, SERVER_SETTINGS)()
    except (asyncpg.PostgresError, ConnectionResetError) as error:
        if (getattr(error, "sqlstate", None) or "").startswith(_NOT_SETTINGS):
            raise
        return None
    try:
        # A pooler gives its clients numbers that no process of the server has. In a transaction, both steps of the
        # query reach the same connection.
        async with asyncio.timeout(PROBE_SECONDS), connection.transaction():
            number, most = await connection.fetchrow(_WHO_ANSWERS)
            return Access(most=most or DIRECT.most) if number == connection.get_server_pid() else None
    except TimeoutError:
        raise PoolerFullError(_FULL) from None
    finally:
        await _close(connection)


async def _served_at_once(url: URL) -> int:
    """Open as many connections as we would, keep them, and count those that are served. Raises: PoolerFullError."""
    connect = _connecting(url, SERVER_SETTINGS, Access(pooled=True))
    wanted = _most_connections(url, POOLED_SIZE + POOLED_OVERFLOW)
    outcomes = await asyncio.gather(*(_served(connect) for _ in range(wanted)), return_exceptions=True)
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    await asyncio.gather(*(_close(outcome) for outcome in outcomes if not isinstance(outcome, BaseException)))
    if len(errors) == wanted:
        raise errors[0]
    return wanted - len(errors)


async def _served(connect: Callable[[], Awaitable[Any]]) -> Any:
    """Return a connection that answers. Raises: PoolerFullError, and what asyncpg raises."""
    connection = await connect()
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await connection.execute("SELECT 1")
    except TimeoutError:
        connection.terminate()
        raise PoolerFullError(_FULL) from None
    return connection


async def _close(connection: Any) -> None:
    with suppress(Exception):  # it was good for a question only
        await connection.close(timeout=1)


def open_pool(url: URL, access: Access = DIRECT) -> AsyncEngine:
    """An engine over a bounded pool. Connections that died while idle are replaced."""
    size, overflow = (POOLED_SIZE, POOLED_OVERFLOW) if access.pooled else (POOL_SIZE, POOL_OVERFLOW)
    most = min(access.most, _most_connections(url, size + overflow))
    return create_async_engine(
        _ANY,
        async_creator=_creator(_connecting(url, SERVER_SETTINGS, access, command_timeout=ANSWER_SECONDS)),
        isolation_level="AUTOCOMMIT",
        pool_size=min(size, most),
        max_overflow=most - min(size, most),
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
        execution_options={"access": access, "url": url},
    )


def is_pooled(engine: AsyncEngine) -> bool:
    """Return whether the engine reaches its server through a pooler."""
    return bool(engine.get_execution_options().get("access", DIRECT).pooled)


def open_unlimited(engine: AsyncEngine) -> AsyncEngine:
    """An engine on the same database without time limits, for migrations."""
    options = engine.get_execution_options()
    return create_async_engine(
        _ANY,
        async_creator=_creator(_connecting(options["url"], _NO_LIMITS, options["access"])),
        poolclass=NullPool,
        hide_parameters=True,
    )


def _most_connections(url: URL, usual: int) -> int:
    """Return how many connections to open at most: the address may have Prisma's limit."""
    wanted = str(url.query.get("connection_limit", ""))
    return min(usual, int(wanted)) if wanted.isdecimal() and int(wanted) else usual


def _connecting(
    url: URL, settings: dict[str, str], access: Access = DIRECT, **limits: float
) -> Callable[[], Awaitable[Any]]:
    """asyncpg parses the URL itself, so that sslmode, sslrootcert and the rest work as with psql."""
    import asyncpg  # noqa: PLC0415 - not needed for SQLite

    ignored = _LIBPQ_OPTIONS | _OTHERS_OPTIONS
    query = {name: _joined(value) for name, value in url.query.items() if name.lower() not in ignored}
    if query.get("schema") == "public":
        del query["schema"]  # Prisma's name for the search path
    if "ssl" in query:
        given = query.pop("ssl")
        query.setdefault("sslmode", _SSL_MODES.get(given.lower(), given))
    dsn = url.set(drivername="postgresql", query=query).render_as_string(hide_password=False)
    ours = {name: value for name, value in settings.items() if name not in query}
    if not access.pooled:
        return partial(asyncpg.connect, dsn, timeout=CONNECT_SECONDS, server_settings=ours, **limits)
    return partial(_connect_pooled, dsn, ours, **limits)


def _joined(value: str | tuple[str, ...]) -> str:
    """Return the value of a parameter; of one that is there several times, as `host` may be, all values."""
    return value if isinstance(value, str) else ",".join(value)


async def _connect_pooled(dsn: str, settings: dict[str, str], **limits: float) -> Any:
    """Connect without startup parameters but those that every pooler knows."""
    import asyncpg  # noqa: PLC0415 - not needed for SQLite

    from infra.db.pooler import PooledConnection  # noqa: PLC0415 - likewise

    connection = await asyncpg.connect(
        dsn, timeout=CONNECT_SECONDS, statement_cache_size=0, connection_class=PooledConnection, **limits
    )
    connection.limits = {name: value for name, value in settings.items() if name != "application_name"}
    return connection
