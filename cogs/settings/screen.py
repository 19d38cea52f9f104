"""The screen of /settings: one message in sections, in which each control shows what is set. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from cogs.i18n.translate import _
from cogs.requests.cards import View, card
from cogs.settings.change_text import change_line
from cogs.settings.controls import Controls, on_or_off, titled
from cogs.settings.deleted import deleted_words
from cogs.settings.descriptors import FORMS, SETTINGS
from cogs.settings.overview import heading, render_overview
from cogs.settings.setting import Tab
from cogs.texts.common import escaped
from cogs.texts.replies import MESSAGE_CONTENT

if TYPE_CHECKING:
    from cogs.settings.view_model import SettingsViewModel

MOST_RECENT = 5
ACCENT = 0x5865F2
CLEAR = "clear"  # in the custom id of the button that removes deleted channels and roles
_LONGEST_NOTICE = 600


def tab_of(what: str) -> Tab:
    """Return the section of a control, by what its custom id names."""
    if what == CLEAR:
        return Tab.ACCESS
    setting = SETTINGS.get(what) or FORMS.get(what)
    return setting.tab if setting else Tab.OVERVIEW


def render_settings(view: SettingsViewModel, tab: Tab) -> View:
    controls = Controls(view.nonce)
    _render_title(view, tab, controls)
    if view.notice:
        controls.say(view.notice[:_LONGEST_NOTICE])
    controls.separator()
    _render_tab(view, tab, controls)
    return card(*controls.items, colour=ACCENT)


def _render_title(view: SettingsViewModel, tab: Tab, controls: Controls) -> None:
    """Add what the screen is about, and in a section the way back."""
    if tab is Tab.OVERVIEW:
        title = _("Settings for {server}", server=escaped(view.server, 100))
        controls.say(f"## ⚙️ {title}")
        return
    words = _("Changes are saved immediately.")
    # Translators: a button that leads back from a section to the overview of all; at most 20 characters
    back = _("← Overview")
    controls.beside(f"## {heading(tab)}\n-# {words}", controls.button(back, "tab", Tab.OVERVIEW))


def _render_tab(view: SettingsViewModel, tab: Tab, controls: Controls) -> None:
    """Add the section's settings, and what it has besides."""
    if tab is Tab.OVERVIEW:
        render_overview(view, controls)
    if tab is Tab.PICTURES:
        controls.say(_("Defaults when a member doesn't choose. Their own last choice takes priority."))
    for setting in SETTINGS.values():
        if setting.tab is tab:
            setting.control.render(setting, view, controls)
    if tab is Tab.ACCESS and (words := deleted_words(view)):
        # Translators: a button, at most 20 characters
        controls.beside(words, controls.button(_("Remove them"), CLEAR, "", discord.ButtonStyle.danger))
    if tab is Tab.GENERAL:
        _render_message_content(view, controls)
        _render_recent(view, controls)


def _render_message_content(view: SettingsViewModel, controls: Controls) -> None:
    on = view.reads_content
    # Translators: a switch in Discord's developer portal, which is in English only
    controls.say(titled(_("Message Content"), _(MESSAGE_CONTENT[on]), on_or_off(on=on)))


def _render_recent(view: SettingsViewModel, controls: Controls) -> None:
    controls.separator()
    lines = [
        f"-# <t:{int(entry.at)}:R> <@{entry.by_user_id}> {change_line(entry, short=True)}"
        for entry in view.recent[:MOST_RECENT]
    ]
    # Translators: there were no changes yet
    nothing = _("No changes yet.")
    title = _("Recent changes")
    controls.say("\n".join([f"**{title}**", *(lines or [f"-# {nothing}"])]))
