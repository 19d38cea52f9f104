"""The audit log. Each entry is written in the transaction of its change."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from infra.db.access import connected
from infra.db.tables import AUDIT
from studio.guilds.audit import AuditEntry

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

MAX_ENTRIES = 100  # per call
_INSERT = insert(AUDIT)


async def record(connection: AsyncConnection, entry: AuditEntry) -> None:
    """Write an entry in the transaction of `connection`."""
    row = asdict(entry)
    del row["id"]
    await connection.execute(_INSERT, row)


async def entries(
    engine: AsyncEngine, server_id: int, *, before: int | None = None, most: int = 20
) -> list[AuditEntry]:
    """Returns a server's entries, newest first. `before`: an entry's id, for the older ones."""
    query = select(AUDIT).where(AUDIT.c.server_id == server_id).order_by(AUDIT.c.id.desc())
    if before is not None:
        query = query.where(AUDIT.c.id < before)
    async with connected(engine) as connection:
        rows = await connection.execute(query.limit(min(most, MAX_ENTRIES)))
    return [AuditEntry(**row) for row in rows.mappings()]
