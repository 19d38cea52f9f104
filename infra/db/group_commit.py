"""Group commit: what is asked to be written while writes are under way goes into the next one, together.

A write costs ways to the database and back, and a wait for the disk. With many jobs at once these are shared by all
that come together, and nobody waits longer than for the write before.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from infra.db.errors import AGAIN_SECONDS, is_away, may_pass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.db.writes import Change

    Outcome = bool | Exception

log = logging.getLogger(__name__)

MOST_TOGETHER = 200


@dataclass(eq=False)
class Write:
    """What is to be written, and who waits for it. `number`: of the transaction that may have done it."""

    changes: tuple[Change, ...]
    done: asyncio.Future[bool]
    locks: Sequence[int] = ()
    attempts: int = 0
    number: str | None = None


class Way(Protocol):
    """How a database is written to."""

    async def write(self, batch: Sequence[Write]) -> list[bool]:
        """All of them in one transaction; False for those whose first statement matches no row: of them nothing is.

        Raises what the database raises; then nothing is written.
        """
        ...

    async def is_committed(self, number: str) -> bool:
        """What became of a transaction whose end nobody was told."""
        ...


class GroupCommit:
    """Writes, each by statements that touch one row or none, in at most `writers` transactions at once."""

    def __init__(self, way: Way, *, writers: int) -> None:
        self._way = way
        self._free = writers
        self._waiting: list[Write] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def write(self, *changes: Change, locks: Sequence[int] = ()) -> bool:
        """As `infra.db.writes.Writes.write` has it."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._put(Write(changes, done, locks))
        return await done

    def _put(self, write: Write) -> None:
        self._waiting.append(write)
        if self._free:
            self._free -= 1
            task = asyncio.create_task(self._drain(), name="group-commit")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                for write, outcome in zip(batch, await self._tried(batch), strict=True):
                    self._end(write, outcome)
        finally:
            self._free += 1

    async def _tried(self, batch: list[Write]) -> list[Outcome]:
        # Who has failed before goes alone, and holds nobody up.
        if len(batch) > 1 and not any(write.attempts for write in batch):
            try:
                return [*await self._way.write(batch)]
            except Exception as error:  # noqa: BLE001 - each is tried alone next, and its own error told to its own caller
                if is_away(error):
                    return [error] * len(batch)
                log.debug("a group of %d writes is taken apart: %s", len(batch), error)
        return [await self._tried_alone(write) for write in batch]

    async def _tried_alone(self, write: Write) -> Outcome:
        try:
            if write.number is not None and await self._way.is_committed(write.number):
                return True
            (written,) = await self._way.write([write])
        except Exception as error:  # noqa: BLE001 - it is the caller's
            return error
        return written

    def _end(self, write: Write, outcome: Outcome) -> None:
        """Tell the caller, or try again in a moment. A caller may be gone; what was written stays written."""
        if isinstance(outcome, Exception) and may_pass(outcome) and write.attempts < len(AGAIN_SECONDS):
            delay = AGAIN_SECONDS[write.attempts]
            log.warning("a write is tried again in %g s: %s", delay, outcome)
            write.attempts += 1
            asyncio.get_running_loop().call_later(delay, self._put, write)
        elif write.done.done():
            pass
        elif isinstance(outcome, Exception):
            write.done.set_exception(outcome)
        else:
            write.done.set_result(outcome)
