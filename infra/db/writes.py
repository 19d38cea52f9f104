"""Writing rows: one small interface, and how each database is written to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import ARRAY, BigInteger, Delete, Insert, Text, Update, bindparam, cast, func, text

from infra.db.engine import SQLITE, transaction
from infra.db.group_commit import GroupCommit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from infra.db.group_commit import Write

Change = tuple[Insert | Update | Delete, Mapping[str, Any]]
"""A statement, and the values for it."""

POSTGRESQL_WRITERS = 4

_NUMBER = cast(func.pg_current_xact_id(), Text)
_STATUS = text("SELECT pg_xact_status(CAST(:number AS xid8))").bindparams(bindparam("number", type_=Text))
_LOCK = text("SELECT pg_advisory_xact_lock(number) FROM unnest(:numbers) AS number").bindparams(
    bindparam("numbers", type_=ARRAY(BigInteger))
)


class Writes(Protocol):
    async def write(self, *changes: Change, locks: Sequence[int] = ()) -> bool:
        """All of them, in this order, in one transaction, again and again while the database is away for a moment.

        `locks`: numbers that no two transactions have at once.

        True once they are on disk. False, and nothing is written, if the first matches no row. Raises what the
        database raises: what it will never take, or what did not pass.
        """
        ...


def writes_to(engine: AsyncEngine) -> Writes:
    if engine.dialect.name == SQLITE:
        return GroupCommit(SQLiteWay(engine), writers=1)
    return GroupCommit(PostgreSQLWay(engine), writers=POSTGRESQL_WRITERS)


class SQLiteWay:
    """The first statements of all, then the second ones, and so on: those that are alike cost one hop.

    Where one matches no row, the database does not say whose: then one write after another, still in one transaction.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def write(self, batch: Sequence[Write]) -> list[bool]:
        try:
            await self._together(batch)
        except _UnmatchedError:
            return await self._one_by_one(batch) if len(batch) > 1 else [False]
        return [True] * len(batch)

    async def _together(self, batch: Sequence[Write]) -> None:
        async with transaction(self._engine) as connection:
            first, *further = zip_longest(*(write.changes for write in batch))
            if await _touched(connection, first) != len(batch):
                raise _UnmatchedError
            for changes in further:
                await _touched(connection, changes)

    async def _one_by_one(self, batch: Sequence[Write]) -> list[bool]:
        async with transaction(self._engine) as connection:
            return [await _executed(connection, write.changes) for write in batch]

    async def is_committed(self, _number: str) -> bool:
        return False  # no answer is ever lost: the database is in this process


class _UnmatchedError(Exception):
    """The first statement of some write matches no row."""


async def _executed(connection: AsyncConnection, changes: Sequence[Change]) -> bool:
    (statement, row), *further = changes
    if (await connection.execute(statement, row)).rowcount == 0:
        return False
    for other, values in further:
        await connection.execute(other, values)
    return True


async def _touched(connection: AsyncConnection, changes: Sequence[Change | None]) -> int:
    rows = 0
    there = sorted(filter(None, changes), key=lambda change: id(change[0]))
    for statement, alike in groupby(there, key=lambda change: change[0]):
        rows += (await connection.execute(statement, [row for _, row in alike])).rowcount
    return rows


class PostgreSQLWay:
    """One statement after another, and the server tells the transaction's number.

    A connection that is lost during the commit leaves it open whether that was done. The server knows what became of
    each transaction, by its number: it is asked before anything is written again.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def write(self, batch: Sequence[Write]) -> list[bool]:
        async with transaction(self._engine) as connection:
            # All of them, before any statement: who has a row never waits for a number.
            await take_locks(connection, {lock for write in batch for lock in write.locks})
            return [await self._executed(connection, write) for write in batch]

    async def _executed(self, connection: AsyncConnection, write: Write) -> bool:
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
            raise StillCommittingError("the server has not ended the transaction yet")
        return bool(status == "committed")


async def take_locks(connection: AsyncConnection, numbers: Iterable[int]) -> None:
    """Wait until nobody else has any of these numbers; they are let go with the transaction.

    SQLite's one writer has them all. A statement sees what was committed before it, so this is one by itself.
    """
    ordered = sorted(numbers)  # for everybody alike, so that no two wait for each other
    if ordered and connection.dialect.name != SQLITE:
        await connection.execute(_LOCK, {"numbers": ordered})


class StillCommittingError(OSError):
    """The connection was lost during the commit, and the server has not decided yet."""


@lru_cache(maxsize=256)
def _numbered(statement: Insert | Update | Delete) -> Insert | Update | Delete:
    """The statement, which tells its transaction's number for every row that it touches."""
    return statement.returning(_NUMBER)
