"""What the settings of servers need from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.guilds.audit import Admin, AuditEntry
    from studio.guilds.settings import GuildSettings


class GuildStore(Protocol):
    """What servers' admins have set."""

    async def of(self, server_id: int) -> GuildSettings:
        """It may be a moment old."""
        ...

    async def change(
        self, admin: Admin, change: Callable[[GuildSettings], GuildSettings]
    ) -> tuple[GuildSettings, list[AuditEntry]]:
        """Change the settings as they are now; what they are then, and what the audit log has of it."""
        ...

    async def recent(self, server_id: int, most: int) -> list[AuditEntry]:
        """The last changes, the newest first."""
        ...
