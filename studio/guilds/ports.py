"""What the settings of servers need from the outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.guilds.audit import Admin, AuditEntry
    from studio.guilds.settings import GuildSettings


class GuildStore(Protocol):
    """Stores the settings of servers."""

    async def of(self, server_id: int) -> GuildSettings:
        """Return a server's settings. They may be a few seconds old."""
        ...

    async def change(
        self, admin: Admin, change: Callable[[GuildSettings], GuildSettings]
    ) -> tuple[GuildSettings, list[AuditEntry]]:
        """Apply a change to the current settings; return the new ones and the entries of the audit log."""
        ...

    async def recent(self, server_id: int, most: int) -> list[AuditEntry]:
        """Return the latest changes, the newest first."""
        ...
