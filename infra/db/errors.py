"""What database errors mean: whether to retry, and what to tell the operator."""

from __future__ import annotations

import errno
import re
import sqlite3
import ssl

from alembic.util import CommandError
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, NotSupportedError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from infra.db.pooler_errors import pooler_hint
from infra.db.postgresql import PoolerFullError
from infra.folders import NETWORK_DRIVE, FolderError
from seedream.troubles import outside_text, trouble_of

RETRY_SECONDS = (0.1, 0.5, 1.0, 2.0)  # the last one again and again

# SQLSTATEs, or their classes (the first two characters): https://www.postgresql.org/docs/current/errcodes-appendix.html
# The start reports any error at once. Later, what has worked before is waited for, as somebody will put it right.
_TRANSIENT = (
    "08",  # connection exception
    "26000",  # prepared statement unknown: a pooler was put in between
    "28",  # access refused: the password was changed, or the rules for access
    "3D000",  # no such database
    "40",  # transaction rollback: deadlock, serialization failure
    "42501",  # a right was taken
    "42P05",  # prepared statement known already: a pooler was put in between
    "53",  # insufficient resources: disk, memory, connections
    "55000",  # the database accepts no connections
    "55P03",  # lock not available
    "57014",  # query canceled: statement timeout
    "57P01",  # admin shutdown
    "57P02",  # crash shutdown
    "57P03",  # cannot connect now: the server is starting
    "57P04",  # database dropped
    "57P05",  # idle session timeout
    "25006",  # read-only transaction: the server was replaced by another, and is a standby now
    "25P03",  # idle in transaction session timeout
    "25P04",  # transaction timeout
    "58",  # system error: disk, files
)
# Of these, the ones after which all connections are replaced: the server stops, or isn't the primary any more, or a
# pooler has mixed them up.
_LOST = ("25006", "26000", "42P05", "57P01", "57P02", "57P03", "57P05")
# And the ones that concern a single write.
_SINGLE_WRITE = ("40", "55P03", "57014")
# Where no host and no port would help.
_THIS_MACHINES = {
    errno.EACCES,
    errno.EAFNOSUPPORT,
    errno.EMFILE,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.ENFILE,
    errno.ENOBUFS,
    errno.ENOMEM,
    errno.EPERM,
}
_NO_PRIMARY = "None of the hosts match the target attribute"  # of asyncpg, without an SQLSTATE
_NEWER_TABLES = "Its tables are of a newer version: run that, or restore the backup from before the upgrade."
_PREPARED = "A pooler mixes up connections: restart the bot, or set the pooler's max_prepared_statements to 100."
_OPTIONS = "Correct the options after the “?” of the address."
_OTHERS_TABLES = "Another program's tables are in this database: give the bot one of its own."
# By a part of the text, where the SQLSTATE is one of many causes.
_HINTS_BY_TEXT = (
    (
        r"no encryption|SSL off|insecure|SSL connection is required",
        "The server wants an encrypted connection: add ?sslmode=require to the address.",
    ),
    (
        r"must be owner|permission denied for (table|sequence|view|relation)",
        "The tables belong to another user: use that one, or give them to this one with: REASSIGN OWNED BY ... TO ...",
    ),
    (r"CONNECT privilege", "Allow it with: GRANT CONNECT ON DATABASE ... TO ..."),
)
_HINTS = {
    "08": "Look at the database server's log, and at what is between it and the bot.",
    "22023": _OPTIONS,
    "28P01": "Check its user and password; in the address, write @ as %40 and % as %25. Docker Compose sets "
    "POSTGRES_PASSWORD only in a new volume: put the old one back into .env, or give PostgreSQL the new one with: "
    "docker compose exec postgres psql --username=postgres --command=\"ALTER ROLE bot PASSWORD '...'\"",
    "28": "Check its user and password, and that the server accepts connections from this machine.",
    "3D000": "Create that database, or correct its name.",
    "3F000": "Its search path has no schema. Set one with: ALTER ROLE ... SET search_path = public",
    "42501": "Its user may not create tables: use the database's owner, or GRANT CREATE ON SCHEMA public TO that user.",
    "42704": "Remove the options after the “?” that the server doesn't know.",
    "42710": _OTHERS_TABLES,
    "42P07": _OTHERS_TABLES,
    "55000": "Let it accept connections with: ALTER DATABASE ... ALLOW_CONNECTIONS true",
    "25006": "This is a standby, or a server that is being replaced: use the address of the primary.",
    "26000": _PREPARED,
    "42P05": _PREPARED,
    "53100": "The disk of the database server is full: free some space there, or enlarge it.",
    "53200": "The database server has too little memory: give it more, or lower its work_mem and max_connections.",
    "53300": "Raise the limit on connections (max_connections, CONNECTION LIMIT, or the pooler's max_client_conn).",
    "53": "The database server is at one of its limits: its log says which.",
    "57P03": "Wait until the server has started.",
    "57": "The database server ended it: its log says why.",
    "58": "The disk of the database server fails, or files of it are missing: look at its log and its disk.",
    "": "Look at the database server's log.",
    "XX": "A fault of the database server, or damaged tables: look at its log, and restore a backup if they are.",
}


def is_transient(error: BaseException) -> bool:
    """Whether the same statement may work in a moment: the database is locked, full, restarting or unreachable."""
    if isinstance(error, DBAPIError):
        if state := _sqlstate(error):
            return state.startswith(_TRANSIENT) or pooler_hint(state, str(error.orig)) is not None
        if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
            return False  # the statement itself is wrong
        # NotSupported: how asyncpg reports a statement that was prepared before a table was changed.
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError | NotSupportedError)
    return isinstance(error, OSError | PoolTimeoutError)  # asyncpg's timeouts are OSErrors too


def is_unavailable(error: BaseException) -> bool:
    """Whether the whole database can't be written to for a moment, and not only this write."""
    if isinstance(error, DBAPIError) and (state := _sqlstate(error)):
        return is_transient(error) and not state.startswith(_SINGLE_WRITE)
    return is_transient(error) and not isinstance(error, NotSupportedError)


def retry_delay(tries: int) -> float:
    """Return how many seconds to wait after so many tries."""
    return RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)]


def brief(error: BaseException) -> str:
    """Return what the database said, in one line of at most 200 characters, without the statement."""
    trouble = trouble_of(error)
    return outside_text(str(getattr(error, "orig", error))) or (trouble.cause if trouble else type(error).__name__)


def is_lost(error: BaseException) -> bool:
    """Whether a statement failed because its connection leads to a server that can't be used any more."""
    return _sqlstate(error).startswith(_LOST)


def is_busy(error: DBAPIError) -> bool:
    """Whether another process holds the lock of SQLite's file."""
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def explain(error: Exception, url: str) -> str:
    """One line for the operator, without secrets: what is wrong with the database at `url`, and what to do."""
    if isinstance(error, FolderError):
        return f"DATABASE_URL: {error.strerror}."
    if isinstance(error, CommandError):
        return f"DATABASE_URL: the database can't be used: {brief(error).rstrip('.')}. {_NEWER_TABLES}"
    hint = _hint(error, make_url(url).get_backend_name())
    return f"DATABASE_URL: the database can't be used: {brief(error).rstrip('.')}. {hint}".rstrip()


def _hint(error: Exception, database: str) -> str:
    if database == "sqlite":
        return _sqlite_hint(error)
    if isinstance(error, PoolerFullError):
        return "Raise the pooler's default_pool_size: each process of the bot uses up to 4 connections."
    if isinstance(error, OSError):
        return _connection_hint(error)
    said = str(getattr(error, "orig", error))
    return _hint_by_text(_sqlstate(error), said) or _hint_by_state(error)


def _hint_by_text(state: str, said: str) -> str | None:
    if hint := pooler_hint(state, said):
        return hint
    return next((hint for pattern, hint in _HINTS_BY_TEXT if re.search(pattern, said)), None)


def _hint_by_state(error: Exception) -> str:
    if type(getattr(error, "orig", None)).__name__ == "ClientConfigurationError":
        return _OPTIONS
    state = _sqlstate(error) or ("25006" if _NO_PRIMARY in brief(error) else "")
    known = (prefix for prefix in _HINTS if state.startswith(prefix))
    return _HINTS[max(known, key=len)]


def _connection_hint(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return "Name a file with the certificate of the server's CA: sslrootcert, after the “?”."
    if "rejected SSL upgrade" in str(error):
        return "The server has no TLS, or isn't PostgreSQL: check the port, or remove sslmode after the “?”."
    if error.errno == errno.ENOENT:
        return "Check the files and folders that are named after the “?”, such as sslrootcert and host."
    if error.errno in _THIS_MACHINES and error.filename is None and (trouble := trouble_of(error)):
        return f"{trouble.remedy}."
    return "Check its host, its port and the options after the “?”, and that PostgreSQL accepts connections there."


def _sqlite_hint(error: Exception) -> str:
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) & 0xFF  # the rest says more exactly where
    match code:
        case sqlite3.SQLITE_FULL:
            return "Free some space on its disk."
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return f"Another program holds its lock: stop that. Otherwise: {NETWORK_DRIVE}."
        case sqlite3.SQLITE_IOERR:
            return f"Its disk fails. Or: {NETWORK_DRIVE}."
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return "Its file is damaged: restore a backup."
        case _:
            return "Check that its folder exists and is writable, and that its disk has room (df -h, df -i)."


def _sqlstate(error: BaseException) -> str:
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""
