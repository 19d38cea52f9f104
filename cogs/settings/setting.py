"""What a setting of a server is: one entry of the table in `cogs.settings.descriptors`. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from cogs.i18n.translate import N_, _, listing, ngettext
from cogs.texts.common import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import discord

    from cogs.settings.controls import Controls
    from cogs.settings.view_model import SettingsViewModel
    from studio.guilds.settings import GuildSettings

    Change = Callable[[GuildSettings], GuildSettings]

MOST_ITEMS, LONGEST_ITEM = 8, 60
FEW_ITEMS, SHORT_ITEM = 3, 30  # where several lists stand together


class Tab(StrEnum):
    """A section of the screen."""

    OVERVIEW = "overview"
    PICTURES = "pictures"
    ACCESS = "access"
    MODERATION = "moderation"
    GENERAL = "general"


class SettingsPress(NamedTuple):
    """A control that an admin used. `before`: what was chosen in it when it was rendered, `values`: what is now."""

    guild: discord.Guild
    what: str
    argument: str
    values: Sequence[str]
    before: frozenset[str]


class SettingControl(ABC):
    """One kind of setting. `several`: its value is a list, which changes by items."""

    several: ClassVar[bool] = False

    @abstractmethod
    def render(self, setting: Setting, view: SettingsViewModel, controls: Controls) -> None:
        """Add the setting to the screen."""

    @abstractmethod
    def change(self, setting: Setting, press: SettingsPress) -> Change:
        """Return the change that a press makes. Raises: RefusalError, InvalidRequest."""

    @abstractmethod
    def summary(self, setting: Setting, view: SettingsViewModel) -> str:
        """Say at a glance what is set."""

    def text(self, value: str, longest: int) -> str | None:
        """Write a value, or an item of a list, as the audit log has it; None for a value that doesn't exist."""
        return escaped(value, longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A modal of one field.

    id: what its button and itself are called in custom ids. title, label: at most 45 characters. hint: what to type,
    at most 100 characters. change: what typed text changes; raises what the screen shows as a refusal. paragraph:
    whether several lines can be typed; else the field begins with the current value, as `written` writes it.
    """

    id: str
    title: str
    label: str
    hint: str
    placeholder: str
    change: Callable[[str], Change]
    paragraph: bool = False
    written: Callable[[str], str] = str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting. `key`: its field in `GuildSettings`, also in custom ids and in the audit log.

    help: what it does, or a function that says it. unset: its value in words while nothing is set. form: for a value
    that can be typed.
    """

    key: str
    label: str
    tab: Tab
    control: SettingControl
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
