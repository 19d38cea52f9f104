"""What a setting of a server is: one entry of the table in `cogs.settings.descriptors`. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cogs.i18n.translate import N_, _, listing, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cogs.settings.forms import Form
    from cogs.settings.kinds import Control
    from cogs.settings.view_model import SettingsViewModel

MOST_ITEMS, LONGEST_ITEM = 8, 60
FEW_ITEMS, SHORT_ITEM = 3, 30  # where several lists stand together


class Tab(StrEnum):
    """A section of the screen."""

    OVERVIEW = "overview"
    PICTURES = "pictures"
    ACCESS = "access"
    MODERATION = "moderation"
    GENERAL = "general"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting. `key`: its field in `GuildSettings`, also in custom ids and in the audit log.

    help: what it does, or a function that says it. unset: its value in words while nothing is set. form: for a value
    that can be typed.
    """

    key: str
    label: str
    tab: Tab
    control: Control
    help: str | Callable[[SettingsViewModel], str]
    unset: str = N_("none")
    form: Form | None = None

    @property
    def name(self) -> str:
        return _(self.label)

    def help_text(self, view: SettingsViewModel) -> str:
        return _(self.help) if isinstance(self.help, str) else self.help(view)

    def text(self, value: str | None, longest: int = LONGEST_ITEM) -> str:
        """Write a value, or an item of a list, as people read it: a channel as a mention, a model by its label."""
        text = None if value is None else self.control.text(value, longest)
        return _(self.unset) if text is None else text

    def listed(self, items: Sequence[str], *, short: bool) -> str:
        """Write the first items, and how many more there are."""
        most, longest = (FEW_ITEMS, SHORT_ITEM) if short else (MOST_ITEMS, LONGEST_ITEM)
        text = listing([self.text(item, longest) for item in items[:most]])
        more = len(items) - most
        return ngettext("{listed} and {n} other", "{listed} and {n} others", more, listed=text) if more > 0 else text
