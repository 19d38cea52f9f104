"""What database errors mean: whether to retry, and what to tell the operator."""

from __future__ import annotations

import sqlite3

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, NotSupportedError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

RETRY_SECONDS = (0.1, 0.5, 2.0, 5.0, 10.0)

# SQLSTATEs, or their classes (the first two characters): https://www.postgresql.org/docs/current/errcodes-appendix.html
_TRANSIENT = (
    "08",  # connection exception
    "40",  # transaction rollback: deadlock, serialization failure
    "53",  # insufficient resources: disk, memory, connections
    "55P03",  # lock not available
    "57014",  # query canceled: statement timeout
    "57P01",  # admin shutdown
    "57P02",  # crash shutdown
    "57P03",  # cannot connect now: the server is starting
    "57P05",  # idle session timeout
    "25P03",  # idle in transaction session timeout
    "25P04",  # transaction timeout
    "58",  # system error: disk, files
)
# Of these, the ones that concern a single write.
_SINGLE_WRITE = ("40", "55P03", "57014")
_HINTS = {
    "28P01": "Check its user and password; in the address, write @ as %40 and % as %25. Docker Compose sets "
    "POSTGRES_PASSWORD only in a new volume: put the old one back into .env, or give PostgreSQL the new one with: "
    "docker compose exec postgres psql --username=postgres --command=\"ALTER ROLE bot PASSWORD '...'\"",
    "28": "Check its user and password, and that the server accepts connections from this machine.",
    "3D000": "Create that database, or correct its name.",
    "42501": "Its user may not create tables: use the database's owner, or GRANT CREATE ON SCHEMA public TO that user.",
    "42704": "Remove the options after the “?” that the server doesn't know.",
    "08P01": "Use the address of the database itself, or of a pooler in session mode.",
}


def is_transient(error: BaseException) -> bool:
    """Whether the same statement may work in a moment: the database is locked, full, restarting or unreachable."""
    if isinstance(error, DBAPIError):
        if state := _sqlstate(error):
            return state.startswith(_TRANSIENT) and state != "08P01"
        # NotSupported: how asyncpg reports a statement that was prepared before a table was changed.
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError | NotSupportedError)
    return isinstance(error, OSError | PoolTimeoutError)  # asyncpg's timeouts are OSErrors too


def is_unavailable(error: BaseException) -> bool:
    """Whether the whole database can't be written to for a moment, and not only this write."""
    if isinstance(error, DBAPIError) and (state := _sqlstate(error)):
        return is_transient(error) and not state.startswith(_SINGLE_WRITE)
    return is_transient(error) and not isinstance(error, NotSupportedError)


def is_busy(error: DBAPIError) -> bool:
    """Whether another process holds the lock of SQLite's file."""
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def explain(error: Exception, url: str) -> str:
    """One line for the operator, without secrets: what is wrong with the database at `url`, and what to do."""
    reason = str(error.orig if isinstance(error, DBAPIError) else error) or type(error).__name__
    hint = _hint(error, make_url(url).get_backend_name())
    return f"DATABASE_URL: the database can't be used: {reason.splitlines()[0].rstrip('.')}. {hint}".rstrip()


def _hint(error: Exception, database: str) -> str:
    if database == "sqlite":
        return "Check that its folder exists and is writable."
    if isinstance(error, OSError):
        return "Check its host, its port and the options after the “?”, and that PostgreSQL accepts connections there."
    state = _sqlstate(error)
    return next((hint for prefix, hint in _HINTS.items() if state.startswith(prefix)), "")


def _sqlstate(error: Exception) -> str:
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""
