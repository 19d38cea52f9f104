"""Opens the database, brings its tables up to date, and runs transactions."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy import bindparam, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from infra.db.errors import is_busy, is_lost, retry_delay
from infra.db.postgresql import DIRECT, Access, open_pool, open_unlimited, probe
from infra.folders import try_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlalchemy import URL, Connection, Table
    from sqlalchemy.engine import ExceptionContext
    from sqlalchemy.ext.asyncio import AsyncConnection

SQLITE, POSTGRESQL = "sqlite", "postgresql"  # the names of their dialects

CLOSING_SECONDS = 5.0
_IDLE_CHECKS = 3  # in a row: a caller that waits for a connection has none for a moment
BUSY_MILLISECONDS = 5000  # how long SQLite waits for another process's write
CREATION_SECONDS = 8.0  # for another process to create SQLite's file
_MIGRATION_LOCK = 0x5EED  # any number that all processes of the bot share
_MIGRATIONS = Path(__file__).with_name("migrations")


async def open_database(url: str) -> AsyncEngine:
    """Find out how the database is reached, and open an engine as `open_engine` does. Raises: DBAPIError, OSError."""
    parsed = make_url(url)
    return open_engine(url, await probe(parsed) if parsed.get_backend_name() == POSTGRESQL else DIRECT)


def open_engine(url: str, access: Access = DIRECT) -> AsyncEngine:
    """Open an engine in which every statement commits by itself; `transaction` groups statements."""
    parsed = make_url(url)
    if parsed.get_backend_name() != POSTGRESQL:
        return _open_file(parsed)
    engine = open_pool(parsed, access)
    event.listen(engine.sync_engine, "handle_error", _drop_lost_connections)
    return engine


def _open_file(url: URL) -> AsyncEngine:
    """SQLite has one writer, so there is one connection, and callers queue for it in order.

    Commits reach the disk (synchronous=FULL), so that a power failure can't lose a job that was paid for.
    """
    if file := file_of(url.render_as_string(hide_password=False)):
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=1,
        max_overflow=0,
        pool_reset_on_return=None,
        hide_parameters=True,  # keeps prompts out of the log
    )
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    return engine


def _drop_lost_connections(context: ExceptionContext) -> None:
    """Replace all connections once one of them leads to a server that is going away, or was replaced by another."""
    if is_lost(context.original_exception):
        context.is_disconnect = True


async def close_engine(engine: AsyncEngine) -> None:
    """Close the engine when it is idle, within CLOSING_SECONDS: an interrupted statement may leave a thread behind."""
    idle = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSING_SECONDS):
            while idle < _IDLE_CHECKS:
                await asyncio.sleep(0.01)  # the pool has no event to wait for
                idle = 0 if _in_use(engine) else idle + 1
    await engine.dispose()


def _in_use(engine: AsyncEngine) -> bool:
    pool = engine.pool
    return isinstance(pool, QueuePool) and pool.checkedout() > 0


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    try:
        wait = f"busy_timeout={BUSY_MILLISECONDS}"
        for pragma in (wait, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
    except Exception:
        connection.close()  # SQLAlchemy wouldn't, and its thread would keep the process from ending
        raise
    cursor.close()


def file_of(url: str) -> Path | None:
    """Return SQLite's file; None for another database, or one in memory."""
    parsed = make_url(url)
    in_file = parsed.get_backend_name() == SQLITE and parsed.database and parsed.database != ":memory:"
    return Path(parsed.database) if in_file and parsed.database else None


def try_file(file: Path) -> None:
    """Test whether SQLite can work with this file. Raises: FolderError."""
    companions = [file.with_name(file.name + end) for end in ("", "-wal", "-shm", ".lock")]
    try_folder(file.parent, locks=True, files=companions)


class InUseError(Exception):
    """The database file is used by another bot."""


@contextmanager
def sole_user(file: Path) -> Iterator[None]:
    """Lock a database file for this process. The operating system releases the lock when the process dies.

    Raises: InUseError, OSError.
    """
    try_file(file)
    lock = FileLock(file.with_name(f"{file.name}.lock"), timeout=0)
    try:
        with lock:
            yield
    except Timeout:
        raise InUseError(
            f"DATABASE_URL: another bot is using {file}. Stop it first, or use PostgreSQL to run several processes."
        ) from None


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection whose statements are committed together at the end, or rolled back if anything is raised."""
    async with engine.connect() as connection:
        if engine.dialect.name == POSTGRESQL:
            await connection.execution_options(isolation_level="READ COMMITTED")
        async with connection.begin():
            if engine.dialect.name == SQLITE:
                # The driver doesn't begin transactions. IMMEDIATE waits for the write lock before the first read.
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection


async def empty_log(connection: AsyncConnection) -> None:
    """Move what is in SQLite's write-ahead log to its file, and empty the log: it holds old copies of changed rows.

    Does nothing while another program reads the file.
    """
    if connection.dialect.name == SQLITE:
        await connection.exec_driver_sql("PRAGMA busy_timeout=0")  # callers of the only connection don't wait for it
        try:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            await connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")


def dialect_insert(engine: AsyncEngine, table: Table) -> Any:
    """The database's own INSERT, which has ON CONFLICT."""
    return (postgresql.insert if engine.dialect.name == POSTGRESQL else sqlite.insert)(table)


def insert_or_replace(engine: AsyncEngine, table: Table) -> Any:
    """A statement that inserts a row, or replaces the one with the same primary key."""
    new = dialect_insert(engine, table).values({column.name: bindparam(column.name) for column in table.columns})
    others = {column.name: new.excluded[column.name] for column in table.columns if not column.primary_key}
    return new.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=others)


async def migrate(engine: AsyncEngine) -> None:
    """Bring the tables to the newest revision. Safe when many processes start at once."""
    if engine.dialect.name == SQLITE:
        await _migrate_file(engine)
        return
    unlimited = open_unlimited(engine)
    try:
        async with transaction(unlimited) as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            await connection.run_sync(_upgrade)
    finally:
        await unlimited.dispose()


async def _migrate_file(engine: AsyncEngine) -> None:
    """Retry while another process creates the file: SQLite doesn't wait for a change of the journal mode."""
    began = time.monotonic()
    for tries in count():
        try:
            async with transaction(engine) as connection:
                await connection.run_sync(_upgrade)
        except OperationalError as error:
            if not is_busy(error) or time.monotonic() - began > CREATION_SECONDS:
                raise
            await asyncio.sleep(retry_delay(tries))
        else:
            return


async def has_older_tables(engine: AsyncEngine) -> bool:
    """Return whether `migrate` would change what is there. Raises: CommandError if a newer version made it."""
    async with transaction(engine) as connection:
        return await connection.run_sync(_is_older)


def _is_older(connection: Connection) -> bool:
    current = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(_config(connection))
    return current is not None and scripts.get_revision(current).revision != scripts.get_current_head()


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
