"""The audit log: an entry is written in the transaction of the change that it tells of."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from infra.db.tables import AUDIT
from studio.guilds.audit import AuditEntry

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

MOST_ENTRIES = 100  # at once
_INSERT = insert(AUDIT)


async def record(connection: AsyncConnection, entry: AuditEntry) -> None:
    """Within the transaction of `connection`."""
    row = asdict(entry)
    del row["id"]
    await connection.execute(_INSERT, row)


async def entries(
    engine: AsyncEngine, server_id: int, *, before: int | None = None, most: int = 20
) -> list[AuditEntry]:
    """The newest first; `before`: only those that are older than the one with this id."""
    query = select(AUDIT).where(AUDIT.c.server_id == server_id).order_by(AUDIT.c.id.desc())
    if before is not None:
        query = query.where(AUDIT.c.id < before)
    async with engine.connect() as connection:
        rows = await connection.execute(query.limit(min(most, MOST_ENTRIES)))
    return [AuditEntry(**row) for row in rows.mappings()]
