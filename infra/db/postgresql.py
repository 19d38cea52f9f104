"""Connections to PostgreSQL, by the URLs that hosting providers hand out, with a time limit on everything."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy import URL

POOL_SIZE = 5  # connections kept open; a small server allows a hundred, for all processes
POOL_OVERFLOW = 10  # more under load
POOL_WAIT_SECONDS = 10.0
CONNECT_SECONDS = 10.0
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


def open_pool(url: URL) -> AsyncEngine:
    """An engine over a bounded pool. Connections that died while idle are replaced."""
    return create_async_engine(
        url,
        async_creator=_connecting(url, SERVER_SETTINGS, command_timeout=ANSWER_SECONDS),
        isolation_level="AUTOCOMMIT",
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def open_unlimited(url: URL) -> AsyncEngine:
    """An engine without time limits, for migrations."""
    return create_async_engine(
        url, async_creator=_connecting(url, _NO_LIMITS), poolclass=NullPool, hide_parameters=True
    )


def _connecting(url: URL, settings: dict[str, str], **limits: float) -> Callable[[], Awaitable[Any]]:
    """asyncpg parses the URL itself, so that sslmode, sslrootcert and the rest work as with psql."""
    import asyncpg  # type: ignore[import-untyped]  # noqa: PLC0415 - untyped, and not needed for SQLite

    query = {name: value for name, value in url.query.items() if name not in _LIBPQ_OPTIONS}
    if "ssl" in query:
        query.setdefault("sslmode", query.pop("ssl"))
    dsn = url.set(drivername="postgresql", query=query).render_as_string(hide_password=False)
    ours = {name: value for name, value in settings.items() if name not in query}
    return partial(asyncpg.connect, dsn, timeout=CONNECT_SECONDS, server_settings=ours, **limits)
