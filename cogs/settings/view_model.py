"""What the screen of /settings shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio.guilds.audit import AuditEntry
    from studio.guilds.settings import GuildSettings
    from studio.members.defaults import Defaults


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsViewModel:
    """The settings of a server, and what its screen shows besides.

    usual: the operator's defaults. channels, roles: those that exist. log_works: whether the bot can post in the log
    channel. reads_content: whether it can read messages that don't mention it. now: seconds since the epoch. nonce:
    differs each time the screen is rendered. pages: the page of each list, from 0. notice: what a press did. offered:
    values to choose from, for a name that stands for several.
    """

    settings: GuildSettings
    server: str
    usual: Defaults
    now: float
    nonce: int
    channels: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    log_works: bool = True
    reads_content: bool = True
    recent: Sequence[AuditEntry] = ()
    pages: Mapping[str, int] = field(default_factory=dict)
    notice: str = ""
    offered: Sequence[str] = ()

    def page(self, key: str) -> int:
        return self.pages.get(key, 0)
