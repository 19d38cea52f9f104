"""What admins have set for their servers: read once and remembered, and changed together with the audit log."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from infra.db.engine import SQLITE, transaction
from infra.db.tables import AUDIT, GUILD_SETTINGS
from infra.stores.audit import record
from studio.guilds.audit import AuditEntry
from studio.guilds.changes import ACTION, audit_values
from studio.guilds.settings import GuildSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from studio.clock import Clock
    from studio.guilds.audit import Admin

REMEMBERED_SECONDS = 3.0  # so long may a change that another process made go unseen
MOST_REMEMBERED = 1_000  # servers

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
    """`changed` is called with a server's id when its settings were changed here.

    SQLite has one process, whose every change is seen here: what was read once stays right. PostgreSQL may have more.
    """

    def __init__(
        self, engine: AsyncEngine, clock: Clock, changed: Callable[[int], None] = lambda _server_id: None
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._changed = changed
        alone = engine.dialect.name == SQLITE
        insert: Any = sqlite_insert if alone else postgresql_insert
        self._begin = insert(GUILD_SETTINGS).values(settings="{}").on_conflict_do_nothing()
        self._seconds = math.inf if alone else REMEMBERED_SECONDS
        self._known: OrderedDict[int, tuple[float, GuildSettings]] = OrderedDict()
        self._reading = asyncio.Lock()
        self._changes = 0

    async def of(self, server_id: int) -> GuildSettings:
        """A server's settings; for a moment they may be what they were before another process changed them."""
        if (found := self._remembered(server_id)) is not None:
            return found
        async with self._reading:  # of many who ask at once, one reads
            if (found := self._remembered(server_id)) is not None:
                return found
            changes, until = self._changes, time.monotonic() + self._seconds
            async with self._engine.connect() as connection:
                text = (await connection.execute(_SELECT, {"server": server_id})).scalar_one_or_none()
            settings = GuildSettings() if text is None else GuildSettings.from_json(text)
            if changes == self._changes:  # else it may be what was before the change
                self._remember(server_id, until, settings)
            return settings

    async def change(
        self, admin: Admin, change: Callable[[GuildSettings], GuildSettings]
    ) -> tuple[GuildSettings, list[AuditEntry]]:
        """Change the settings as they are now, one admin after the other; what they are then, and the audit's entries.

        Raises what `change` raises, and nothing is changed.
        """
        at = {"server": admin.server_id}
        try:
            async with transaction(self._engine) as connection:
                await connection.execute(self._begin, {"server_id": admin.server_id})
                before = GuildSettings.from_json((await connection.execute(_LOCKED, at)).scalar_one())
                after = change(before)
                entries = [self._entry(admin, name, *pair) for name, pair in after.differences(before).items()]
                if entries:
                    await connection.execute(_UPDATE, at | {"changed": after.to_json()})
                    await _record_all(connection, entries)
        finally:
            self._changes += 1
            self._known.pop(admin.server_id, None)
        if entries:
            self._changed(admin.server_id)
        return after, entries

    async def recent(self, server_id: int, most: int) -> list[AuditEntry]:
        """The last changes of a server's settings, the newest first."""
        async with self._engine.connect() as connection:
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

    def _remembered(self, server_id: int) -> GuildSettings | None:
        until, settings = self._known.get(server_id, (0.0, None))
        if settings is None or until <= time.monotonic():
            return None
        self._known.move_to_end(server_id)
        return settings

    def _remember(self, server_id: int, until: float, settings: GuildSettings) -> None:
        self._known[server_id] = (until, settings)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)


async def _record_all(connection: AsyncConnection, entries: list[AuditEntry]) -> None:
    for entry in entries:
        await record(connection, entry)
