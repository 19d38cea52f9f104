"""Figures for /operator stats: sums over indexes, each bounded in time, and this process's own counts."""

from __future__ import annotations

import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text

from infra.db.access import connected
from infra.db.leases import ALIVE
from infra.db.tables import CHARGES, JOBS
from studio.jobs.operations import BotStatus, ProcessStatus
from studio.jobs.states import JobState
from studio.quota.ledger import UsageTotals
from studio.quota.windows import Window, window_bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from studio.clock import Clock

MAX_SERVERS = 1_000
DAY_SECONDS = 86_400.0
LIBRARIES = ("discord.py", "aiohttp", "SQLAlchemy")
UTC = ZoneInfo("UTC")

_CREDITS = func.coalesce(func.sum(CHARGES.c.images * CHARGES.c.price), 0)
_PICTURES = func.coalesce(func.sum(CHARGES.c.images), 0)


class SqlOperations:
    """`waiting`, `running`: how many jobs this process has. `api_errors`: its count of each error."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        *,
        waiting: Callable[[], int],
        running: Callable[[], int],
        api_errors: Callable[[], Mapping[str, int]],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._started_at = clock()
        self._waiting = waiting
        self._running = running
        self._api_errors = api_errors

    def process_status(self) -> ProcessStatus:
        versions = {"Python": platform.python_version()} | {name: version(name) for name in LIBRARIES}
        return ProcessStatus(
            started_at=self._started_at,
            waiting=self._waiting(),
            running=self._running(),
            api_errors=self._api_errors(),
            versions=versions,
        )

    async def bot_status(self) -> BotStatus:
        now = self._clock()
        today = window_bounds(Window.DAY, now, UTC).start
        week = window_bounds(Window.WEEK, now, UTC).start
        started = time.perf_counter()
        async with connected(self._engine) as connection:
            revision = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
            answers = time.perf_counter() - started
            database, size = await self._database(connection)
            return BotStatus(
                processes=(await connection.execute(ALIVE)).scalar_one(),
                open_jobs=await _by_state(connection, ~JOBS.c.settled),
                jobs_today=await _by_state(connection, JOBS.c.created_at >= today),
                today=await usage_since(connection, today),
                week=await usage_since(connection, week),
                database=database,
                revision=revision,
                size=size,
                answers=answers,
            )

    async def use_by_server(self, days: int) -> dict[int, UsageTotals]:
        """Returns usage of the last days by server, highest first, at most MAX_SERVERS."""
        query = (
            select(CHARGES.c.server_id, _PICTURES, _CREDITS)
            .where(CHARGES.c.at >= self._clock() - days * DAY_SECONDS, CHARGES.c.images > 0)
            .group_by(CHARGES.c.server_id)
            .order_by(_CREDITS.desc(), CHARGES.c.server_id)
            .limit(MAX_SERVERS)
        )
        async with connected(self._engine) as connection:
            rows = await connection.execute(query)
            return {server: UsageTotals(int(pictures), int(spent)) for server, pictures, spent in rows}

    async def _database(self, connection: AsyncConnection) -> tuple[str, int]:
        """The database's name and version, and its size in bytes."""
        if self._engine.dialect.name == "postgresql":
            number = (await connection.execute(text("SHOW server_version"))).scalar_one()
            size = (await connection.execute(text("SELECT pg_database_size(current_database())"))).scalar_one()
            return f"PostgreSQL {number.split()[0]}", size
        number = (await connection.execute(text("SELECT sqlite_version()"))).scalar_one()
        file = Path(self._engine.url.database or "")
        return f"SQLite {number}", sum(part.stat().st_size for part in (file, Path(f"{file}-wal")) if part.is_file())


async def _by_state(connection: AsyncConnection, which: ColumnElement[bool]) -> dict[JobState, int]:
    query = select(JOBS.c.state, func.count()).where(which).group_by(JOBS.c.state)
    counts = {row[0]: row[1] for row in await connection.execute(query)}
    return {state: counts[state.value] for state in JobState if state.value in counts}


async def usage_since(connection: AsyncConnection, since: float) -> UsageTotals:
    """Sum up the whole bot's usage."""
    row: Any = (await connection.execute(select(_PICTURES, _CREDITS).where(CHARGES.c.at >= since))).one()
    return UsageTotals(int(row[0]), int(row[1]))
