"""Digests of the application commands last synced with Discord, so that equal commands aren't synced again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from infra.db.access import connected
from infra.db.engine import insert_or_replace
from infra.db.tables import SYNCED_COMMANDS

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


class SqlSyncedCommands:
    """A digest for each application and server. Server 0 stands for the global commands."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def digests(self, application_id: int) -> dict[int, str]:
        """Returns server id -> digest."""
        table = SYNCED_COMMANDS
        query = select(table.c.server_id, table.c.digest).where(table.c.application_id == application_id)
        async with connected(self._engine) as connection:
            return {row.server_id: row.digest for row in await connection.execute(query)}

    async def remember(self, application_id: int, server_id: int, digest: str | None) -> None:
        """Store a digest; None: no commands are synced there any more."""
        row = {"application_id": application_id, "server_id": server_id}
        async with connected(self._engine) as connection:
            if digest is None:
                here = (SYNCED_COMMANDS.c[name] == value for name, value in row.items())
                await connection.execute(delete(SYNCED_COMMANDS).where(*here))
            else:
                await connection.execute(insert_or_replace(self._engine, SYNCED_COMMANDS), row | {"digest": digest})
