"""The kinds of settings that are lists: how each is shown, what a press changes, and how its items read. Pure.

A press changes only what the admin changed since the screen was rendered: removing one item removes nothing that
another admin added meanwhile.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import discord

from cogs.i18n.translate import _, number
from cogs.settings.controls import MENTIONS, PER_PAGE, Entity, titled, within
from cogs.settings.kinds import as_number
from cogs.settings.setting import SettingControl
from cogs.texts.common import escaped
from studio.guilds.changes import with_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cogs.settings.controls import Controls
    from cogs.settings.setting import Change, Setting, SettingsPress
    from cogs.settings.view_model import SettingsViewModel
    from studio.guilds.settings import GuildSettings

_LONGEST_WORD = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Several(SettingControl):
    """A menu of any number of a few values.

    known: all values, in order. empty: what the menu says while none is chosen.
    """

    several: ClassVar[bool] = True
    known: Sequence[str]
    values: Callable[[SettingsViewModel], Iterable[str]]
    label: Callable[[str], str]
    empty: str

    def render(self, setting: Setting, view: SettingsViewModel, controls: Controls) -> None:
        chosen = getattr(view.settings, setting.key)
        options = [
            discord.SelectOption(label=self.label(value), value=value, default=value in chosen)
            for value in self.values(view)
        ]
        controls.say(titled(setting.name, setting.help_text(view)))
        controls.select(setting.key, options, _(self.empty), several=True)

    def change(self, setting: Setting, press: SettingsPress) -> Change:
        chosen = {value for value in press.values if value in self.known}
        return partial(with_list, name=setting.key, added=chosen - press.before, removed=press.before - chosen)

    def summary(self, setting: Setting, view: SettingsViewModel) -> str:
        chosen = getattr(view.settings, setting.key)
        return only(setting, [value for value in self.known if value in chosen])

    def text(self, value: str, longest: int) -> str | None:
        return escaped(self.label(value), longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityList(SettingControl):
    """Channels, roles or members, chosen with Discord's own pickers.

    empty: what the menu says while none is chosen. counted: whether the screen says how many there are.
    """

    several: ClassVar[bool] = True
    entity: Entity
    empty: str
    counted: bool = False

    def render(self, setting: Setting, view: SettingsViewModel, controls: Controls) -> None:
        ids = getattr(view.settings, setting.key)
        existing = {Entity.CHANNEL: view.channels, Entity.ROLE: view.roles}.get(self.entity, ids)
        value = self.summary(setting, view) if self.counted else ""
        controls.say(titled(setting.name, setting.help_text(view), value))
        controls.entity_select(setting.key, self.entity, sorted(ids & existing), view.page(setting.key), _(self.empty))

    def change(self, setting: Setting, press: SettingsPress) -> Change:
        before, now = ({as_number(value) for value in values} for values in (press.before, press.values))
        return partial(with_list, name=setting.key, added=now - before, removed=before - now)

    def summary(self, setting: Setting, view: SettingsViewModel) -> str:
        ids = getattr(view.settings, setting.key)
        if self.counted and ids:
            return number(len(ids))
        return only(setting, list(map(str, sorted(ids))))

    def text(self, value: str, longest: int) -> str | None:
        return MENTIONS[self.entity].format(value) if value.isdecimal() else escaped(value, longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordList(SettingControl):
    """Words: a menu to remove them, and a button that opens the setting's form to add some."""

    several: ClassVar[bool] = True

    def render(self, setting: Setting, view: SettingsViewModel, controls: Controls) -> None:
        words = getattr(view.settings, setting.key)
        page, pages = within(view.page(setting.key), len(words))
        shown = words[page * PER_PAGE : (page + 1) * PER_PAGE]
        controls.say(titled(setting.name, setting.help_text(view), self.summary(setting, view)))
        if shown:
            controls.say(" · ".join(f"`{_in_backticks(word)}`" for word in shown))
            options = [discord.SelectOption(label=word[:_LONGEST_WORD], value=word_key(word)) for word in shown]
            # Translators: what stands in a menu of words, at most 100 characters: those that are chosen are removed
            controls.select(setting.key, options, _("Remove …"), argument=str(page), several=True)
        if setting.form:
            # Translators: a button, at most 20 characters
            controls.row(controls.button(_("Add words"), setting.form.id, "", discord.ButtonStyle.primary))
        controls.pager(setting.key, pages, page)
        controls.separator()

    def change(self, setting: Setting, press: SettingsPress) -> Change:
        def changed(settings: GuildSettings) -> GuildSettings:
            removed = [word for word in getattr(settings, setting.key) if word_key(word) in press.values]
            return with_list(settings, setting.key, removed=removed)

        return changed

    def summary(self, setting: Setting, view: SettingsViewModel) -> str:
        words = getattr(view.settings, setting.key)
        return number(len(words)) if words else setting.text(None)


def only(setting: Setting, items: Sequence[str]) -> str:
    # Translators: the models, channels or roles that are allowed: "only #general, #art"
    return _("only {listed}", listed=setting.listed(items, short=True)) if items else setting.text(None)


def word_key(word: str) -> str:
    """Return what a select sends for a word: the word may be longer, and may have moved meanwhile."""
    return hashlib.blake2s(word.encode(), digest_size=12).hexdigest()


def _in_backticks(word: str) -> str:
    return word.replace("`", "ʼ")[:_LONGEST_WORD]
