"""What the database's errors mean: whether to try again, and what to tell the person who runs the bot."""

from __future__ import annotations

import sqlite3

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, NotSupportedError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

AGAIN_SECONDS = (0.1, 0.5, 2.0, 5.0, 10.0)

# SQLSTATEs, or the classes that they begin with: https://www.postgresql.org/docs/current/errcodes-appendix.html
_PASSING = (
    "08",  # the connection
    "40",  # rolled back for another's sake: deadlock, serialization
    "53",  # short of room, memory or connections
    "55P03",  # a lock was not to be had in time
    "57014",  # it took too long
    "57P01",  # the server is going down,
    "57P02",  # has crashed,
    "57P03",  # or is not up yet
    "57P05",  # the connection was idle for too long,
    "25P03",  # also within a transaction
    "25P04",  # the transaction took too long
    "58",  # disk, files
)
# Of these, what befalls one write and not the next.
_OF_ONE = ("40", "55P03", "57014")
_HINTS = {
    "28": "See that user and password in it are right, and that the server lets this machine in.",
    "3D000": "Create that database, or correct its name.",
    "42501": "Let its user make tables: the database's owner may, or GRANT CREATE ON SCHEMA public TO that user.",
    "42704": "Leave out of the address what stands after the “?” and is not meant for the server.",
    "08P01": "Give the address of the database itself, or of a pooler in session mode.",
}


def may_pass(error: BaseException) -> bool:
    """Whether the same may work in a moment: a database that is locked, full, restarting or away."""
    if isinstance(error, DBAPIError):
        if state := _sqlstate(error):
            return state.startswith(_PASSING) and state != "08P01"
        # NotSupported: asyncpg's word for a statement that was prepared before a table was changed.
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError | NotSupportedError)
    return isinstance(error, OSError | PoolTimeoutError)  # asyncpg's own timeouts are OSErrors, too


def is_away(error: BaseException) -> bool:
    """Whether nobody can write for a moment, not just this one."""
    if isinstance(error, DBAPIError) and (state := _sqlstate(error)):
        return may_pass(error) and not state.startswith(_OF_ONE)
    return may_pass(error) and not isinstance(error, NotSupportedError)


def is_busy(error: DBAPIError) -> bool:
    """Whether another process has SQLite's file just now."""
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def explain(error: Exception, url: str) -> str:
    """One line for the operator, without any secret: what is wrong with the database at `url`, and what to do."""
    words = str(error.orig if isinstance(error, DBAPIError) else error) or type(error).__name__
    hint = _hint(error, make_url(url).get_backend_name())
    return f"DATABASE_URL: the database can't be used: {words.splitlines()[0].rstrip('.')}. {hint}".rstrip()


def _hint(error: Exception, database: str) -> str:
    if database == "sqlite":
        return "See that its folder exists and may be written to."
    if isinstance(error, OSError):
        return (
            "See that host, port and what stands after the “?” are right, and that PostgreSQL takes connections there."
        )
    state = _sqlstate(error)
    return next((hint for known, hint in _HINTS.items() if state.startswith(known)), "")


def _sqlstate(error: Exception) -> str:
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""
