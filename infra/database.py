"""The database engine, and the migrations that bring its tables up to date at start."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from filelock import FileLock, Timeout
from sqlalchemy import event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_MIGRATIONS = Path(__file__).with_name("migrations")


def open_engine(url: str) -> AsyncEngine:
    """An engine whose every statement is a transaction of its own; `begin()` inside `connect()` makes longer ones.

    SQLite has one writer, so there is one connection and callers queue for it in order. Its commits reach the disk
    (synchronous=FULL): a job that was paid for is not forgotten when the power fails.
    """
    file = make_url(url).database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=1,
        max_overflow=0,
        pool_reset_on_return=None,
        hide_parameters=True,  # members' words are no business of the log
    )
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
            cursor.execute(f"PRAGMA {pragma}")
    except Exception:
        connection.close()  # nobody else would, and its thread keeps a process from ending
        raise
    cursor.close()


class InUseError(Exception):
    """A database file that another bot is using."""


@contextmanager
def sole_user(file: Path) -> Iterator[None]:
    """Use a database file alone, for as long as the context lasts; the system ends it with the process.

    Raises: InUseError, OSError.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(file.with_name(f"{file.name}.lock"), timeout=0)
    try:
        with lock:
            yield
    except Timeout:
        raise InUseError(
            f"DATABASE_URL: another bot is using {file}. End that one first; for several at once, use PostgreSQL."
        ) from None


async def migrate(engine: AsyncEngine) -> None:
    """Bring the tables to the newest revision. Safe to run at every start."""
    async with engine.connect() as connection:
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
