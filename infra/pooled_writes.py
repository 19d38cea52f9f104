"""Writes to PostgreSQL, each in its own short transaction over the pool; commits share the disk there by themselves."""

from __future__ import annotations

import asyncio
import logging
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import Text, bindparam, cast, func, text

from infra.database import transaction
from infra.database_errors import AGAIN_SECONDS, may_pass

if TYPE_CHECKING:
    from sqlalchemy import Delete, Insert, Update
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from infra.writes import Change

log = logging.getLogger(__name__)

_NUMBER = cast(func.pg_current_xact_id(), Text)
_STATUS = text("SELECT pg_xact_status(CAST(:number AS xid8))").bindparams(bindparam("number", type_=Text))


class StillCommittingError(OSError):
    """The connection was lost during the commit, and the server has not decided yet."""


class PooledWrites:
    """Writes, each by statements that touch one row or none."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def write(self, *changes: Change) -> bool:
        """As `infra.writes.Writes.write` has it."""
        one = _Write(self._engine, changes)
        for delay in AGAIN_SECONDS:
            try:
                return await one.attempt()
            except Exception as error:
                if not may_pass(error):
                    raise
                log.warning("a write is tried again in %g s: %s", delay, error)
            await asyncio.sleep(delay)
        return await one.attempt()


class _Write:
    """A write over all its attempts.

    A connection that is lost during the commit leaves it open whether that was done. The server knows what became of
    each transaction, by its number: it is asked before anything is written again.
    """

    def __init__(self, engine: AsyncEngine, changes: tuple[Change, ...]) -> None:
        self._engine = engine
        self._changes = changes
        self._number: str | None = None  # of the transaction before, where it got as far as to have one

    async def attempt(self) -> bool:
        if self._number is not None and await self._is_committed(self._number):
            return True
        async with transaction(self._engine) as connection:
            return await self._execute(connection)

    async def _execute(self, connection: AsyncConnection) -> bool:
        (statement, row), *others = self._changes
        self._number = (await connection.execute(_numbered(statement), row)).scalars().first()
        if self._number is None:
            return False
        for other, values in others:
            await connection.execute(other, values)
        return True

    async def _is_committed(self, number: str) -> bool:
        async with self._engine.connect() as connection:
            status: str = (await connection.execute(_STATUS, {"number": number})).scalar_one()
        if status == "in progress":
            raise StillCommittingError("the server has not ended the transaction yet")
        return status == "committed"


@lru_cache(maxsize=256)
def _numbered(statement: Insert | Update | Delete) -> Insert | Update | Delete:
    """The statement, which tells its transaction's number for every row that it touches."""
    return statement.returning(_NUMBER)
