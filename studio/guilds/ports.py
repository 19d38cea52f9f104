"""What servers' settings need from infra, as a Protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.guilds.audit import Admin, AuditEntry
    from studio.guilds.settings import GuildSettings


class GuildStore(Protocol):
    """Servers' settings."""

    async def of(self, server_id: int) -> GuildSettings:
        """A server's settings. They may be a moment old."""
        ...

    async def change(
        self, admin: Admin, change: Callable[[GuildSettings], GuildSettings]
    ) -> tuple[GuildSettings, list[AuditEntry]]:
        """Apply a change to the current settings. Returns the new ones and the audit entries."""
        ...

    async def recent(self, server_id: int, most: int) -> list[AuditEntry]:
        """Returns the last changes, newest first."""
        ...
