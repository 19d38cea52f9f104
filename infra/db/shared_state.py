"""Small values that all processes share, by name, changed by compare-and-swap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from infra.db.access import connected
from infra.db.tables import SHARED_STATE

if TYPE_CHECKING:
    from sqlalchemy import Delete, Insert, Update
    from sqlalchemy.ext.asyncio import AsyncEngine

_ALL = select(SHARED_STATE)


class SqlSharedState:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def read(self) -> dict[str, str]:
        """Returns all values, by name."""
        async with connected(self._engine) as connection:
            return {row.name: row.value for row in await connection.execute(_ALL)}

    async def swap(self, name: str, before: str | None, after: str | None) -> bool:
        """Replace `before` by `after`; False if the value isn't `before`. None stands for no value (not for both)."""
        statement: Insert | Update | Delete
        still = (SHARED_STATE.c.name == name, SHARED_STATE.c.value == before)
        if before is None:
            statement = insert(SHARED_STATE).values(name=name, value=after)
        elif after is None:
            statement = delete(SHARED_STATE).where(*still)
        else:
            statement = update(SHARED_STATE).where(*still).values(value=after)
        try:
            async with connected(self._engine) as connection:
                return (await connection.execute(statement)).rowcount == 1
        except IntegrityError:  # another process was faster
            return False
