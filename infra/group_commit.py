"""Group commit: what is asked to be written while a write is under way goes into the next one, together.

On SQLite a write costs a hop to the database's thread and a wait for the disk. With many jobs at once these are shared
by all that come together, and nobody waits longer than for the write before.
"""

from __future__ import annotations

import asyncio
import logging
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

from infra.database import transaction
from infra.database_errors import AGAIN_SECONDS, may_pass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from infra.writes import Change

    Outcome = bool | Exception
    Write = tuple[tuple[Change, ...], asyncio.Future[bool]]

log = logging.getLogger(__name__)

MOST_TOGETHER = 200


class UnmatchedError(Exception):
    """One of the writes of a group matches no row."""


class GroupCommit:
    """Writes, each by statements that touch one row or none."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: list[Write] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, *changes: Change) -> bool:
        """As `infra.writes.Writes.write` has it."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((changes, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._drain(), name="group-commit")
        return await done

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                outcomes = await self._written([changes for changes, _ in batch])
                for (_, done), outcome in zip(batch, outcomes, strict=True):
                    _tell(done, outcome)
        finally:
            self._writing = None

    async def _written(self, batch: list[tuple[Change, ...]]) -> list[Outcome]:
        """Write them; those that met a database which was busy or away are tried again, after a moment."""
        outcomes = await self._tried(batch)
        for delay in AGAIN_SECONDS:
            failed = [number for number, outcome in enumerate(outcomes) if _to_be_tried_again(outcome)]
            if not failed:
                break
            log.warning("%d writes are tried again in %g s: %s", len(failed), delay, outcomes[failed[0]])
            await asyncio.sleep(delay)
            again = await self._tried([batch[number] for number in failed])
            for number, outcome in zip(failed, again, strict=True):
                outcomes[number] = outcome
        return outcomes

    async def _tried(self, batch: list[tuple[Change, ...]]) -> list[Outcome]:
        if len(batch) > 1:
            try:
                async with transaction(self._engine) as connection:
                    await _write_together(connection, batch)
            except Exception as error:  # noqa: BLE001 - each is tried alone next, and its own error told to its own caller
                if may_pass(error):
                    return [error] * len(batch)
                log.debug("a group of %d writes is taken apart: %s", len(batch), error)
            else:
                return [True] * len(batch)
        return [await self._written_alone(changes) for changes in batch]

    async def _written_alone(self, changes: tuple[Change, ...]) -> Outcome:
        # One statement is a transaction by itself, in one hop.
        opened = self._engine.connect() if len(changes) == 1 else transaction(self._engine)
        try:
            async with opened as connection:
                (statement, row), *others = changes
                if (await connection.execute(statement, row)).rowcount == 0:
                    return False
                for other, values in others:
                    await connection.execute(other, values)
        except Exception as error:  # noqa: BLE001 - it is the caller's
            return error
        return True


async def _write_together(connection: AsyncConnection, batch: Iterable[tuple[Change, ...]]) -> None:
    """The first statements of all, then the second ones, and so on: those that are alike go as one."""
    for step, changes in enumerate(zip_longest(*batch)):
        there = sorted(filter(None, changes), key=lambda change: id(change[0]))
        for statement, group in groupby(there, key=lambda change: change[0]):
            rows = [row for _, row in group]
            if (await connection.execute(statement, rows)).rowcount != len(rows) and step == 0:
                raise UnmatchedError


def _to_be_tried_again(outcome: Outcome) -> bool:
    return isinstance(outcome, Exception) and may_pass(outcome)


def _tell(done: asyncio.Future[bool], outcome: Outcome) -> None:
    """A caller may have been cancelled meanwhile; what was written stays written."""
    if done.done():
        return
    if isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)
