"""Group commit: what is asked to be written while a write is under way goes into the next one, together.

A write costs a hop to the database's thread and a wait for the disk. With many jobs at once these are shared by all
that come together, and nobody waits longer than for the write before.
"""

from __future__ import annotations

import asyncio
import logging
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import InterfaceError, OperationalError

if TYPE_CHECKING:
    from sqlalchemy import Insert, Update
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    Outcome = bool | Exception
    Write = tuple[Insert | Update, dict[str, Any], asyncio.Future[bool]]

log = logging.getLogger(__name__)

MOST_TOGETHER = 200
AGAIN_SECONDS = (0.1, 0.5, 2.0, 5.0, 10.0)


class GroupCommit:
    """Writes rows, each by one statement that touches one row or none."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: list[Write] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, statement: Insert | Update, row: dict[str, Any]) -> bool:
        """True once the row is on disk; False if the statement matched none. Raises what the database raises."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((statement, row, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._drain(), name="group-commit")
        return await done

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                for (_, _, done), outcome in zip(batch, await self._written(batch), strict=True):
                    _tell(done, outcome)
        finally:
            self._writing = None

    async def _written(self, batch: list[Write]) -> list[Outcome]:
        """Write them; those that met a database which was busy or away are tried again, after a moment."""
        outcomes = await self._tried(batch)
        for delay in AGAIN_SECONDS:
            failed = [number for number, outcome in enumerate(outcomes) if _may_pass(outcome)]
            if not failed:
                break
            log.warning("%d writes are tried again in %g s: %s", len(failed), delay, outcomes[failed[0]])
            await asyncio.sleep(delay)
            again = await self._tried([batch[number] for number in failed])
            for number, outcome in zip(failed, again, strict=True):
                outcomes[number] = outcome
        return outcomes

    async def _tried(self, batch: list[Write]) -> list[Outcome]:
        try:
            async with self._engine.connect() as connection:
                if len(batch) > 1 and await _written_together(connection, batch):
                    return [True] * len(batch)
                return [await _written_alone(connection, statement, row) for statement, row, _ in batch]
        except Exception as error:  # noqa: BLE001 - there is no connection: that is every caller's
            return [error] * len(batch)


async def _written_together(connection: AsyncConnection, batch: list[Write]) -> bool:
    """All in one transaction. Where one of them matches no row or fails, nothing is written."""
    await connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        for statement, group in groupby(sorted(batch, key=lambda one: id(one[0])), key=lambda one: one[0]):
            rows = [row for _, row, _ in group]
            if (await connection.execute(statement, rows)).rowcount != len(rows):
                break
        else:
            await connection.exec_driver_sql("COMMIT")
            return True
    except Exception as error:  # noqa: BLE001 - each is tried alone next, and its own error told to its own caller
        log.debug("a group of %d writes is taken apart: %s", len(batch), error)
    await connection.exec_driver_sql("ROLLBACK")
    return False


async def _written_alone(connection: AsyncConnection, statement: Insert | Update, row: dict[str, Any]) -> Outcome:
    try:
        return (await connection.execute(statement, row)).rowcount == 1
    except Exception as error:  # noqa: BLE001 - it is the caller's
        return error


def _may_pass(outcome: Outcome) -> bool:
    """A database that is locked, full or away; not a statement that it will never take."""
    return isinstance(outcome, OperationalError | InterfaceError)


def _tell(done: asyncio.Future[bool], outcome: Outcome) -> None:
    """A caller may have been cancelled meanwhile; what was written stays written."""
    if done.done():
        return
    if isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)
