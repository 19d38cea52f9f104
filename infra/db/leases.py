"""Leases: names that one process holds for a while. They expire after it dies.

Expiry is by the database's clock, since the clocks of several machines differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Double, bindparam, case, delete, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from infra.db.access import connected
from infra.db.engine import dialect_insert
from infra.db.tables import LEASES

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.sql.compiler import SQLCompiler

PROCESS = "process:"  # a process lives as long as its lease, named this and its id


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
ALIVE = select(func.count()).select_from(LEASES).where(LEASES.c.name.startswith(PROCESS), LIVE)
"""How many processes are alive."""
_UNTIL = NOW + bindparam("seconds", type_=Double())


async def touch(engine: AsyncEngine) -> None:
    """Write something that means nothing, to find out whether that works. Raises what the database raises."""
    new = dialect_insert(engine, LEASES).values(name="readiness", holder="", until=NOW)
    async with engine.connect() as connection:
        change = {"until": new.excluded.until}
        await connection.execute(new.on_conflict_do_update(index_elements=[LEASES.c.name], set_=change))


class SqlLeases:
    """The leases of the process `holder`."""

    def __init__(self, engine: AsyncEngine, holder: str) -> None:
        self._engine = engine
        self.holder = holder
        new = dialect_insert(engine, LEASES).values(name=bindparam("name"), holder=holder, until=_UNTIL)
        change = {"holder": new.excluded.holder, "until": new.excluded.until}
        on_name = {"index_elements": [LEASES.c.name]}
        self._acquire = new.on_conflict_do_update(**on_name, set_=change, where=~LIVE)
        own = LEASES.c.holder == holder
        self._hold = new.on_conflict_do_update(**on_name, set_=change, where=~LIVE | own)
        later = case((LEASES.c.until > new.excluded.until, LEASES.c.until), else_=new.excluded.until)
        self._extend = new.on_conflict_do_update(**on_name, set_={"until": later})

    async def acquire(self, name: str, seconds: float) -> bool:
        """Take a lease; False if any process holds it, this one included."""
        return await self._changed(self._acquire, name=name, seconds=seconds)

    async def hold(self, name: str, seconds: float) -> bool:
        """Take or renew a lease; False if another process holds it."""
        return await self._changed(self._hold, name=name, seconds=seconds)

    async def extend(self, name: str, seconds: float) -> None:
        """Make a lease last at least this long from now, whoever holds it."""
        await self._changed(self._extend, name=name, seconds=seconds)

    async def release(self, name: str) -> None:
        """Give a lease back, if this process holds it."""
        await self._changed(delete(LEASES).where(LEASES.c.name == name, LEASES.c.holder == self.holder))

    async def forget_others(self) -> None:
        """End all other processes' leases. Only safe where there can be no other process: on SQLite."""
        await self._changed(delete(LEASES).where(LEASES.c.holder != self.holder))

    async def remaining(self, name: str) -> float:
        """Seconds until a lease expires; 0 if nobody holds it."""
        query = select(LEASES.c.until - NOW).where(LEASES.c.name == name, LIVE)
        async with connected(self._engine) as connection:
            return (await connection.execute(query)).scalar_one_or_none() or 0.0

    async def processes(self) -> int:
        """Returns how many processes are alive."""
        async with connected(self._engine) as connection:
            return (await connection.execute(ALIVE)).scalar_one()

    async def _changed(self, statement: Any, **values: Any) -> bool:
        async with connected(self._engine) as connection:
            return (await connection.execute(statement, values)).rowcount == 1
