"""What all processes know together: small values by name, changed by one process at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from infra.db.tables import SHARED_STATE

if TYPE_CHECKING:
    from sqlalchemy import Delete, Insert, Update
    from sqlalchemy.ext.asyncio import AsyncEngine

_ALL = select(SHARED_STATE)


class SharedState:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def read(self) -> dict[str, str]:
        """All there is, by name."""
        async with self._engine.connect() as connection:
            return {row.name: row.value for row in await connection.execute(_ALL)}

    async def swap(self, name: str, before: str | None, after: str | None) -> bool:
        """Change a value that is still what it was before, None being nothing (not for both); False if it is not."""
        changed: Insert | Update | Delete
        still = (SHARED_STATE.c.name == name, SHARED_STATE.c.value == before)
        if before is None:
            changed = insert(SHARED_STATE).values(name=name, value=after)
        elif after is None:
            changed = delete(SHARED_STATE).where(*still)
        else:
            changed = update(SHARED_STATE).where(*still).values(value=after)
        try:
            async with self._engine.connect() as connection:
                return (await connection.execute(changed)).rowcount == 1
        except IntegrityError:  # somebody else has just put something there
            return False
