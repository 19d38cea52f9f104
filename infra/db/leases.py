"""Leases: what one process has for a while, and nobody else. They end by themselves when a process dies.

Their times are those of the database's clock: the clocks of several machines differ.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from sqlalchemy import Double, bindparam, case, delete, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from infra.db.tables import LEASES

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.sql.compiler import SQLCompiler

log = logging.getLogger(__name__)

PROCESS = "process:"
TRY_AGAIN_SECONDS = 0.25
LONG_WAIT_SECONDS = 30.0


class DatabaseNow(FunctionElement[float]):
    """Seconds since the epoch, by the database's clock."""

    type = Double()
    inherit_cache = True


@compiles(DatabaseNow, "sqlite")
def _in_sqlite(_element: DatabaseNow, _compiler: SQLCompiler, **_options: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(DatabaseNow, "postgresql")
def _in_postgresql(_element: DatabaseNow, _compiler: SQLCompiler, **_options: Any) -> str:
    return "extract(epoch from clock_timestamp())::double precision"


NOW = DatabaseNow()
LIVE = LEASES.c.until > NOW
_UNTIL = NOW + bindparam("seconds", type_=Double())


class Leases:
    """The leases of the process `holder`."""

    def __init__(self, engine: AsyncEngine, holder: str) -> None:
        self._engine = engine
        self.holder = holder
        insert: Any = postgresql_insert if engine.dialect.name == "postgresql" else sqlite_insert
        new = insert(LEASES).values(name=bindparam("name"), holder=holder, until=_UNTIL)
        change = {"holder": new.excluded.holder, "until": new.excluded.until}
        on_name = {"index_elements": [LEASES.c.name]}
        self._acquire = new.on_conflict_do_update(**on_name, set_=change, where=~LIVE)
        mine = LEASES.c.holder == holder
        self._hold = new.on_conflict_do_update(**on_name, set_=change, where=~LIVE | mine)
        later = case((LEASES.c.until > new.excluded.until, LEASES.c.until), else_=new.excluded.until)
        self._extend = new.on_conflict_do_update(**on_name, set_={"until": later})

    async def acquire(self, name: str, seconds: float) -> bool:
        """Take a lease that nobody has, not even this process; False if somebody has it."""
        return await self._changed(self._acquire, name=name, seconds=seconds)

    async def hold(self, name: str, seconds: float) -> bool:
        """Take a lease, or keep the one that this process has; False if another has it."""
        return await self._changed(self._hold, name=name, seconds=seconds)

    async def extend(self, name: str, seconds: float) -> None:
        """Whoever has it: it lasts at least so long from now."""
        await self._changed(self._extend, name=name, seconds=seconds)

    async def wait_for(self, name: str, seconds: float) -> None:
        """Take a lease as soon as nobody has it."""
        waited = 0.0
        while not await self.acquire(name, seconds):
            await asyncio.sleep(TRY_AGAIN_SECONDS)
            waited += TRY_AGAIN_SECONDS
            if waited % LONG_WAIT_SECONDS < TRY_AGAIN_SECONDS:
                log.warning("still waiting for %s, after %g s", name, waited)

    async def release(self, name: str) -> None:
        """Give it back, if this process has it."""
        await self._changed(delete(LEASES).where(LEASES.c.name == name, LEASES.c.holder == self.holder))

    async def forget_others(self) -> None:
        """End all leases but one's own: for whoever knows that no other process is there."""
        await self._changed(delete(LEASES).where(LEASES.c.holder != self.holder))

    async def remaining(self, name: str) -> float:
        """Seconds that a lease still has; 0 for none."""
        query = select(LEASES.c.until - NOW).where(LEASES.c.name == name, LIVE)
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none() or 0.0

    async def processes(self) -> int:
        """How many processes are alive."""
        query = select(func.count()).select_from(LEASES).where(LEASES.c.name.startswith(PROCESS), LIVE)
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).scalar_one()

    async def _changed(self, statement: Any, **values: Any) -> bool:
        async with self._engine.connect() as connection:
            return (await connection.execute(statement, values)).rowcount == 1
