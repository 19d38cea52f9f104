"""How batches of writes reach each database; `infra.db.group_commit` collects them."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, BigInteger, Delete, Insert, Text, Update, bindparam, cast, func, text

from infra.db.engine import SQLITE, transaction
from infra.db.group_commit import GroupCommit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from infra.db.group_commit import Change, Write

POSTGRESQL_WRITERS = 4

_NUMBER = cast(func.pg_current_xact_id(), Text)
_STATUS = text("SELECT pg_xact_status(CAST(:number AS xid8))").bindparams(bindparam("number", type_=Text))
_LOCK = text("SELECT pg_advisory_xact_lock(number) FROM unnest(:numbers) AS number").bindparams(
    bindparam("numbers", type_=ARRAY(BigInteger))
)


def writes_to(engine: AsyncEngine) -> GroupCommit:
    if engine.dialect.name == SQLITE:
        return GroupCommit(SQLiteWriter(engine), writers=1)
    return GroupCommit(PostgreSQLWriter(engine), writers=POSTGRESQL_WRITERS)


class SQLiteWriter:
    """Runs the first statements of all writes, then the second ones, and so on: equal statements share one call.

    If one matches no row, SQLite doesn't say which: then the writes run one after another, still in one transaction.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def write(self, batch: Sequence[Write]) -> list[bool]:
        try:
            await self._write_together(batch)
        except _UnmatchedError:
            return await self._write_one_by_one(batch) if len(batch) > 1 else [False]
        return [True] * len(batch)

    async def _write_together(self, batch: Sequence[Write]) -> None:
        async with transaction(self._engine) as connection:
            first, *further = zip_longest(*(write.changes for write in batch))
            if await _execute_grouped(connection, first) != len(batch):
                raise _UnmatchedError
            for changes in further:
                await _execute_grouped(connection, changes)

    async def _write_one_by_one(self, batch: Sequence[Write]) -> list[bool]:
        async with transaction(self._engine) as connection:
            return [await _execute(connection, write.changes) for write in batch]

    async def is_committed(self, _number: str) -> bool:
        return False  # the database is in this process, so no confirmation is ever lost


class _UnmatchedError(Exception):
    """The first statement of some write matches no row."""


async def _execute(connection: AsyncConnection, changes: Sequence[Change]) -> bool:
    (statement, row), *further = changes
    if (await connection.execute(statement, row)).rowcount == 0:
        return False
    for other, values in further:
        await connection.execute(other, values)
    return True


async def _execute_grouped(connection: AsyncConnection, changes: Sequence[Change | None]) -> int:
    """Execute each distinct statement once, with all its rows. Returns how many rows matched."""
    rows = 0
    ordered = sorted(filter(None, changes), key=lambda change: id(change[0]))
    for statement, alike in groupby(ordered, key=lambda change: change[0]):
        rows += (await connection.execute(statement, [row for _, row in alike])).rowcount
    return rows


class PostgreSQLWriter:
    """Runs one statement after another, and learns the transaction's number from the server.

    If the connection is lost during a commit, the commit may or may not have happened. So before such a write is
    repeated, the server is asked what became of the transaction with its number.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def write(self, batch: Sequence[Write]) -> list[bool]:
        async with transaction(self._engine) as connection:
            # All locks before any statement: a transaction that holds a row never waits for a lock.
            await take_locks(connection, {lock for write in batch for lock in write.locks})
            return [await self._execute(connection, write) for write in batch]

    async def _execute(self, connection: AsyncConnection, write: Write) -> bool:
        (statement, row), *further = write.changes
        write.number = (await connection.execute(_numbered(statement), row)).scalars().first()
        if write.number is None:
            return False
        for other, values in further:
            await connection.execute(other, values)
        return True

    async def is_committed(self, number: str) -> bool:
        async with self._engine.connect() as connection:
            status = (await connection.execute(_STATUS, {"number": number})).scalar_one()
        if status == "in progress":
            raise StillCommittingError("PostgreSQL is still ending the previous transaction")
        return bool(status == "committed")


async def take_locks(connection: AsyncConnection, numbers: Iterable[int]) -> None:
    """Take these advisory locks until the transaction ends, waiting for other holders.

    SQLite needs none: it has one writer. This is a statement of its own, since a statement only sees what was
    committed before it began.
    """
    ordered = sorted(numbers)  # the same order everywhere prevents deadlocks
    if ordered and connection.dialect.name != SQLITE:
        await connection.execute(_LOCK, {"numbers": ordered})


class StillCommittingError(OSError):
    """The connection was lost during the commit, and the server hasn't ended the transaction yet."""


@lru_cache(maxsize=256)
def _numbered(statement: Insert | Update | Delete) -> Insert | Update | Delete:
    """The statement, returning the transaction's number for every row that it touches."""
    return statement.returning(_NUMBER)
