"""Group commit: what is asked to be written while a write is under way goes into the next one, together.

A write costs a hop to the database's thread and a wait for the disk. With many jobs at once these are shared by all
that come together, and nobody waits longer than for the write before.
"""

from __future__ import annotations

import asyncio
import logging
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import InterfaceError, OperationalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Delete, Insert, Update
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    Outcome = bool | Exception
    Part = tuple[Insert | Update | Delete, dict[str, Any]]
    Write = tuple[tuple[Part, ...], asyncio.Future[bool]]

log = logging.getLogger(__name__)

MOST_TOGETHER = 200
AGAIN_SECONDS = (0.1, 0.5, 2.0, 5.0, 10.0)


class GroupCommit:
    """Writes rows, each by one statement that touches one row or none."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: list[Write] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, *parts: Part) -> bool:
        """True once all is on disk; False, and nothing is written, if the first statement matched no row.

        Raises what the database raises.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((parts, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._drain(), name="group-commit")
        return await done

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                for (_, done), outcome in zip(batch, await self._written(batch), strict=True):
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
                return [await _written_alone(connection, parts) for parts, _ in batch]
        except Exception as error:  # noqa: BLE001 - there is no connection: that is every caller's
            return [error] * len(batch)


async def _written_together(connection: AsyncConnection, batch: list[Write]) -> bool:
    """All in one transaction. Where one of them matches no row or fails, nothing is written."""
    await connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        first, *further = zip_longest(*(parts for parts, _ in batch))
        for statement, rows in _by_statement(first):
            if (await connection.execute(statement, rows)).rowcount != len(rows):
                break
        else:
            for parts in further:
                for statement, rows in _by_statement(parts):
                    await connection.execute(statement, rows)
            await connection.exec_driver_sql("COMMIT")
            return True
    except Exception as error:  # noqa: BLE001 - each is tried alone next, and its own error told to its own caller
        log.debug("a group of %d writes is taken apart: %s", len(batch), error)
    await connection.exec_driver_sql("ROLLBACK")
    return False


def _by_statement(parts: Iterable[Part | None]) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    ordered = sorted((part for part in parts if part), key=lambda part: id(part[0]))
    for statement, group in groupby(ordered, key=lambda part: part[0]):
        yield statement, [row for _, row in group]


async def _written_alone(connection: AsyncConnection, parts: tuple[Part, ...]) -> Outcome:
    (first, row), *further = parts
    await connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        written = (await connection.execute(first, row)).rowcount == 1
        if written:
            for statement, values in further:
                await connection.execute(statement, values)
        await connection.exec_driver_sql("COMMIT")
    except Exception as error:  # noqa: BLE001 - it is the caller's
        await connection.exec_driver_sql("ROLLBACK")
        return error
    return written


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
