"""The kinds of settings: how each is shown, what a press on its control changes, and how its values read. Pure.

Lists are in `cogs.settings.lists`. A switch carries the value that it sets, so that an admin who presses it gets the
opposite of what it shows, whatever another admin did meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord

from cogs.i18n.translate import N_, _
from cogs.settings.controls import MENTIONS, Entity, on_or_off, titled
from cogs.settings.setting import SettingControl
from cogs.texts.common import escaped
from cogs.texts.refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cogs.settings.controls import Controls
    from cogs.settings.setting import Change, Setting, SettingsPress
    from cogs.settings.view_model import SettingsViewModel

UNSET, OTHER = "unset", "other"  # options of a menu that are no values
_OUTDATED = N_("This screen is from an older version. Use /settings again.")
# Translators: a button that shows that a setting is on, and switches it off; at most 20 characters
_IS_ON = N_("On")
# Translators: a button that shows that a setting is off, and switches it on; at most 20 characters
_IS_OFF = N_("Off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(SettingControl):
    """A menu of one value.

    values: what can be chosen. label: a value in words, None if it doesn't exist. parse: the setting's value for a
    choice; raises RefusalError or InvalidRequest. unset: the label of choosing none, where that is possible.
    describe: what an option means. other: the label of an option that opens the setting's form.
    """

    values: Callable[[SettingsViewModel], Iterable[str]]
    label: Callable[[str], str | None]
    parse: Callable[[str], Any] = str
    unset: Callable[[SettingsViewModel], str] | None = None
    describe: Callable[[str], str | None] = lambda _value: None
    other: str = ""

    def render(self, setting: Setting, view: SettingsViewModel, controls: Controls) -> None:
        chosen = getattr(view.settings, setting.key)
        values = list(self.values(view))
        options = [
            discord.SelectOption(
                label=self.label(value) or value, value=value, description=self.describe(value), default=value == chosen
            )
            for value in values
        ]
        if self.unset:
            default = chosen not in values
            options.insert(0, discord.SelectOption(label=self.unset(view), value=UNSET, default=default))
        if self.other:
            options.append(discord.SelectOption(label=_(self.other), value=OTHER))
        controls.say(titled(setting.name, setting.help_text(view)))
        controls.select(setting.key, options)

    def change(self, setting: Setting, press: SettingsPress) -> Change:
        value = next((value for value in press.values if value != UNSET), None)
        if value is None and self.unset is None:
            raise outdated()
        return assign(setting.key, None if value is None else self.parse(value))

    def summary(self, setting: Setting, view: SettingsViewModel) -> str:
        return setting.text(getattr(view.settings, setting.key))

    def text(self, value: str, longest: int) -> str | None:
        label = self.label(value)
        return label and escaped(label, longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch(SettingControl):
    """A button that shows whether the setting is on, and changes it. `default`: whether it is on while it is unset."""

    default: Callable[[SettingsViewModel], bool] = lambda _view: False

    def render(self, setting: Setting, view: SettingsViewModel, controls: Controls) -> None:
        on = self._is_on(setting, view)
        style = discord.ButtonStyle.success if on else discord.ButtonStyle.secondary
        button = controls.button(_(_IS_ON if on else _IS_OFF), setting.key, "off" if on else "on", style)
        button.emoji = "✅" if on else None
        controls.beside(titled(setting.name, setting.help_text(view)), button)

    def change(self, setting: Setting, press: SettingsPress) -> Change:
        return assign(setting.key, press.argument == "on")

    def summary(self, setting: Setting, view: SettingsViewModel) -> str:
        return on_or_off(on=self._is_on(setting, view))

    def text(self, value: str, longest: int) -> str | None:  # noqa: ARG002 - either word is short
        return on_or_off(on=value == "on")

    def _is_on(self, setting: Setting, view: SettingsViewModel) -> bool:
        value: bool | None = getattr(view.settings, setting.key)
        return self.default(view) if value is None else value


@dataclass(frozen=True, slots=True, kw_only=True)
class LogChannel(SettingControl):
    """One channel in which the bot can post. `empty`: what the menu says while there is none."""

    empty: str

    def render(self, setting: Setting, view: SettingsViewModel, controls: Controls) -> None:
        channel_id = getattr(view.settings, setting.key)
        controls.say(titled(setting.name, setting.help_text(view)))
        controls.channel_select(setting.key, channel_id if channel_id in view.channels else None, _(self.empty))
        if channel_id and channel_id not in view.channels:
            # Translators: a button, at most 20 characters: there is to be no log channel any more
            controls.row(controls.button(_("No log channel"), setting.key, "none"))

    def change(self, setting: Setting, press: SettingsPress) -> Change:
        channel_id = as_number(next(iter(press.values), "")) or None
        if channel_id and not can_write(press.guild, channel_id):
            raise RefusalError(
                _(
                    "I can't post in {channel}. Give me the View Channel and Send Messages permissions there.",
                    channel=f"<#{channel_id}>",
                )
            )
        return assign(setting.key, channel_id)

    def summary(self, setting: Setting, view: SettingsViewModel) -> str:
        channel_id = getattr(view.settings, setting.key)
        return setting.text(str(channel_id) if channel_id else None)

    def text(self, value: str, longest: int) -> str | None:
        return MENTIONS[Entity.CHANNEL].format(value) if value.isdecimal() else escaped(value, longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed(SettingControl):
    """A value with a button that opens the setting's form, and a menu of what may be meant by what was typed there.

    shown: a value in words, as of the screen's time. label: a value alone. parse: the value for a choice in the menu.
    """

    shown: Callable[[SettingsViewModel, str], str]
    label: Callable[[str], str] = str
    parse: Callable[[str], Any] = str

    def render(self, setting: Setting, view: SettingsViewModel, controls: Controls) -> None:
        # Translators: a button beside the time zone, at most 20 characters
        button = controls.button(_("Change"), setting.key)
        controls.beside(titled(setting.name, setting.help_text(view), self.summary(setting, view)), button)
        if view.offered:
            options = [discord.SelectOption(label=self.shown(view, value), value=value) for value in view.offered]
            # Translators: what stands in a menu as long as nothing is chosen in it, at most 100 characters
            controls.select(setting.key, options, _("Choose one"), argument="offered")

    def change(self, setting: Setting, press: SettingsPress) -> Change:
        if not press.values:  # its button opens the form
            raise outdated()
        return assign(setting.key, self.parse(press.values[0]))

    def summary(self, setting: Setting, view: SettingsViewModel) -> str:
        return self.shown(view, getattr(view.settings, setting.key))

    def text(self, value: str, longest: int) -> str | None:
        return escaped(self.label(value), longest)


def assign(key: str, value: Any) -> Change:
    return lambda settings: settings.changed(**{key: value})


def outdated() -> RefusalError:
    return RefusalError(_(_OUTDATED))


def one_of(values: Iterable[str], parse: Callable[[str], Any] = str) -> Callable[[str], Any]:
    """Return a parser that takes these values only."""

    def parsed(value: str) -> Any:
        if value not in set(values):
            raise outdated()
        return parse(value)

    return parsed


def can_write(guild: discord.Guild, channel_id: int | None) -> bool:
    """Whether the bot can post in a channel."""
    channel = guild.get_channel(channel_id) if channel_id else None
    if channel is None:
        return False
    permissions = channel.permissions_for(guild.me)
    return permissions.view_channel and permissions.send_messages


def as_number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
