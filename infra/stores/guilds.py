"""Servers' settings: cached, and changed in one transaction with the audit log.

On PostgreSQL, a change locks the row, applies to what is there then, and is written with its audit entries.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from infra.db.access import changing, connected
from infra.db.engine import SQLITE, dialect_insert
from infra.db.tables import AUDIT, GUILD_SETTINGS
from infra.stores.audit import record
from infra.stores.read_cache import ReadCache
from studio.guilds.audit import AuditEntry
from studio.guilds.changes import ACTION, audit_values
from studio.guilds.settings import GuildSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from studio.clock import Clock
    from studio.guilds.audit import Admin

CACHE_SECONDS = 3.0  # how long another process's change may go unnoticed
CACHE_SIZE = 1_000  # servers

_OF_SERVER = GUILD_SETTINGS.c.server_id == bindparam("server")
_SELECT = select(GUILD_SETTINGS.c.settings).where(_OF_SERVER)
_LOCKED = _SELECT.with_for_update()
_UPDATE = update(GUILD_SETTINGS).where(_OF_SERVER).values(settings=bindparam("changed"))
_RECENT = (
    select(AUDIT)
    .where(AUDIT.c.server_id == bindparam("server"), AUDIT.c.action == ACTION)
    .order_by(AUDIT.c.id.desc())
    .limit(bindparam("most"))
)


class SqlGuildStore:
    """`changed` is called with a server's id after its settings were changed here.

    With SQLite there is one process, which sees every change, so what was read stays valid.
    """

    def __init__(
        self, engine: AsyncEngine, clock: Clock, changed: Callable[[int], None] = lambda _server_id: None
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._changed = changed
        self._begin = dialect_insert(engine, GUILD_SETTINGS).values(settings="{}").on_conflict_do_nothing()
        seconds = math.inf if engine.dialect.name == SQLITE else CACHE_SECONDS
        self._cache = ReadCache(self._read, seconds=seconds, size=CACHE_SIZE)

    async def of(self, server_id: int) -> GuildSettings:
        """A server's settings. Another process's change may take CACHE_SECONDS to show up."""
        return await self._cache.get(server_id)

    async def _read(self, server_id: int) -> GuildSettings:
        async with connected(self._engine) as connection:
            settings = (await connection.execute(_SELECT, {"server": server_id})).scalar_one_or_none()
        return GuildSettings() if settings is None else GuildSettings.from_json(settings)

    async def change(
        self, admin: Admin, change: Callable[[GuildSettings], GuildSettings]
    ) -> tuple[GuildSettings, list[AuditEntry]]:
        """Apply a change to the current settings, one admin at a time. Returns the new settings and the audit entries.

        Raises what `change` raises; then nothing is changed.
        """
        at = {"server": admin.server_id}
        try:
            async with changing(self._engine) as connection:
                await connection.execute(self._begin, {"server_id": admin.server_id})
                before = GuildSettings.from_json((await connection.execute(_LOCKED, at)).scalar_one())
                after = change(before)
                entries = [self._entry(admin, name, *pair) for name, pair in after.differences(before).items()]
                if entries:
                    await connection.execute(_UPDATE, at | {"changed": after.to_json()})
                    await _record_all(connection, entries)
        finally:
            self._cache.forget(admin.server_id)
        if entries:
            self._changed(admin.server_id)
        return after, entries

    async def recent(self, server_id: int, most: int) -> list[AuditEntry]:
        """Returns the last changes of a server's settings, newest first."""
        async with connected(self._engine) as connection:
            rows = await connection.execute(_RECENT, {"server": server_id, "most": most})
            return [AuditEntry(**row) for row in rows.mappings()]

    def _entry(self, admin: Admin, name: str, before: Any, now: Any) -> AuditEntry:
        was, became = audit_values(before, now)
        return AuditEntry(
            server_id=admin.server_id,
            at=self._clock(),
            by_user_id=admin.user_id,
            action=ACTION,
            target=name,
            before=was,
            after=became,
        )


async def _record_all(connection: AsyncConnection, entries: list[AuditEntry]) -> None:
    for entry in entries:
        await record(connection, entry)
