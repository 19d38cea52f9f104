"""What the settings of a server refuse, as values: cogs choose the sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.errors import StudioError

if TYPE_CHECKING:
    from studio.guilds.settings import SettingsRefusal


class AccessDeniedError(StudioError):
    """The settings of the server refuse the request."""

    def __init__(self, refusal: SettingsRefusal) -> None:
        super().__init__(refusal.rule.value)
        self.refusal = refusal
