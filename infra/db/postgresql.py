"""How PostgreSQL is reached: the address as hosts hand it out, and limits on everything that may last."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy import URL

POOL_SIZE = 5  # connections that are kept; a small server allows a hundred, to all processes together
POOL_OVERFLOW = 10  # and so many more in a rush
POOL_WAIT_SECONDS = 10.0
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 20.0  # longer than the server's own limits: after that it is gone, not slow
SERVER_SETTINGS = {
    "application_name": "seedream-bot",
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",  # a transaction whose client is gone has ended when we ask about it
}
_NO_LIMITS = {"application_name": "seedream-bot migrations", "statement_timeout": "0", "lock_timeout": "0"}

# What libpq knows and asyncpg would hand on to the server, which does not. (asyncpg has no channel binding: whoever
# must be sure to talk to the right server says sslmode=verify-full.)
_OF_LIBPQ = {
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
    """An engine over a bounded pool. A connection that died while nobody used it is replaced, and nobody notices."""
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
    """An engine for what takes as long as it takes: the migrations."""
    return create_async_engine(
        url, async_creator=_connecting(url, _NO_LIMITS), poolclass=NullPool, hide_parameters=True
    )


def _connecting(url: URL, settings: dict[str, str], **limits: float) -> Callable[[], Awaitable[Any]]:
    """asyncpg reads the address itself: sslmode, sslrootcert and the rest mean what they mean to psql."""
    import asyncpg  # type: ignore[import-untyped]  # noqa: PLC0415 - it has no types; and SQLite needs none of it

    query = {name: value for name, value in url.query.items() if name not in _OF_LIBPQ}
    if "ssl" in query:
        query.setdefault("sslmode", query.pop("ssl"))
    dsn = url.set(drivername="postgresql", query=query).render_as_string(hide_password=False)
    ours = {name: value for name, value in settings.items() if name not in query}
    return partial(asyncpg.connect, dsn, timeout=CONNECT_SECONDS, server_settings=ours, **limits)
