"""/settings: one screen for a server's admins. Every press saves at once, and the screen is rendered again.

Discord checks the permission at the command; it is checked again at every press and at every form.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.delivery.transports import QUIET
from cogs.i18n.locale import language_of
from cogs.i18n.translate import N_, _, set_locale
from cogs.requests.command_gate import CommandGate
from cogs.requests.context import guild_of
from cogs.requests.dynamic_items import persistent_form, persistent_item
from cogs.requests.errors import sentence
from cogs.settings.change_text import change_line, setting_sentence, several_zones_sentence, zone_sentence
from cogs.settings.changes import change_by_form, change_by_press, chosen_before, opened_form
from cogs.settings.cities import cities
from cogs.settings.controls import PATTERN
from cogs.settings.deleted import existing
from cogs.settings.forms import modal_for, typed_text
from cogs.settings.kinds import as_number, can_write
from cogs.settings.screen import MOST_RECENT, render_settings, tab_of
from cogs.settings.setting import SettingsPress, Tab
from cogs.settings.view_model import SettingsViewModel
from cogs.texts.refusal import RefusalError
from seedream.errors import InvalidRequest
from studio.guilds.audit import Admin
from studio.guilds.settings import InvalidSettingError
from studio.guilds.time_zones import SeveralZonesError, UnknownZoneError

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

    from cogs.client.bot import StudioBot
    from cogs.delivery.guild_log import GuildLog
    from cogs.settings.setting import Change
    from studio.guilds.audit import AuditEntry
    from studio.guilds.ports import GuildStore
    from studio.guilds.settings import GuildSettings
    from studio.members.defaults import Defaults


class ServerSettings(commands.Cog):
    """The command and its controls. `usual`: the operator's defaults."""

    def __init__(self, bot: StudioBot, guilds: GuildStore, log: GuildLog, *, usual: Callable[[], Defaults]) -> None:
        self._bot = bot
        self._guilds = guilds
        self._log = log
        self._usual = usual
        gate = CommandGate("settings", needed="manage_guild")
        self._controls = persistent_item(PATTERN, self.press, check=gate.check)
        self._form = persistent_form(PATTERN, self.submit, check=gate.check)

    async def cog_load(self) -> None:
        self._bot.add_dynamic_items(self._controls)
        self._bot.add_listener(self._form, "on_interaction")
        await asyncio.to_thread(cities)  # the first call reads files

    async def cog_unload(self) -> None:
        self._bot.remove_listener(self._form, "on_interaction")
        await self._log.close()

    # Translators: at most 100 characters
    @app_commands.command(description=N_("Set defaults, access, moderation and language for this server"))
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    async def settings(self, interaction: discord.Interaction) -> None:
        guild = guild_of(interaction)
        view = await self._rendered(interaction, guild, await self._guilds.of(guild.id), Tab.OVERVIEW)
        await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=QUIET)

    async def press(self, interaction: discord.Interaction, match: re.Match[str], item: ui.Item[Any]) -> None:
        """Do what a control says: show a section or a page, open a form, or change a setting."""
        guild, what, argument = guild_of(interaction), match["what"], match["argument"]
        data: Any = interaction.data or {}
        values = [str(value) for value in data.get("values", ())]
        if what == "tab":
            await self._show(interaction, guild, next((tab for tab in Tab if tab == argument), Tab.OVERVIEW))
        elif what == "page":
            key, _dot, page = argument.partition(".")
            await self._show(interaction, guild, tab_of(key), pages={key: as_number(page)})
        elif (setting := opened_form(what, values)) and setting.form:
            settings = await self._guilds.of(guild.id)
            await interaction.response.send_modal(modal_for(setting, setting.form, settings, interaction.id))
        else:
            change = partial(change_by_press, SettingsPress(guild, what, argument, values, chosen_before(item)))
            await self._save(interaction, guild, what, change, pages={what: as_number(argument)})

    async def submit(self, interaction: discord.Interaction, match: re.Match[str]) -> None:
        """Save what was typed into a form."""
        change = partial(change_by_form, match["what"], typed_text(interaction))
        await self._save(interaction, guild_of(interaction), match["what"], change)

    # --- changing and showing ---------------------------------------------------------------------------------------

    async def _save(
        self,
        interaction: discord.Interaction,
        guild: discord.Guild,
        what: str,
        change: Callable[[], Change],
        pages: Mapping[str, int] | None = None,
    ) -> None:
        """Save a change and show it, in the language that it sets; or show why it was refused and what is set."""
        offered: tuple[str, ...] = ()
        try:
            settings, entries = await self._guilds.change(Admin(guild.id, interaction.user.id), change())
        except _REFUSED as error:
            settings, notice = await self._guilds.of(guild.id), f"⚠️ {_why(error)}"
            offered = error.zones if isinstance(error, SeveralZonesError) else ()
        else:
            set_locale(language_of(settings) or interaction.locale.value)
            changes = (change_line(entry, short=True) for entry in entries)
            notice = "\n".join(_("✅ Saved. {change}", change=change) for change in changes)
            self._post(settings, entries)
        view = await self._rendered(interaction, guild, settings, tab_of(what), pages, notice, offered)
        await interaction.response.edit_message(view=view, allowed_mentions=QUIET)

    def _post(self, settings: GuildSettings, entries: list[AuditEntry]) -> None:
        """Post changes in the log channel, and in the previous one if it was replaced or removed."""
        for entry in entries:
            member = f"<@{entry.by_user_id}>"
            # Translators: {change} is a setting and what it is now: "Time zone: UTC → Europe/Berlin"
            line = _("⚙️ {member} changed {change}", member=member, change=change_line(entry))
            self._log.tell(settings.log_channel, line)
            if entry.target == "log_channel" and entry.before:
                self._log.tell(int(entry.before), line)

    async def _show(
        self, interaction: discord.Interaction, guild: discord.Guild, tab: Tab, pages: Mapping[str, int] | None = None
    ) -> None:
        view = await self._rendered(interaction, guild, await self._guilds.of(guild.id), tab, pages)
        await interaction.response.edit_message(view=view, allowed_mentions=QUIET)

    async def _rendered(
        self,
        interaction: discord.Interaction,
        guild: discord.Guild,
        settings: GuildSettings,
        tab: Tab,
        pages: Mapping[str, int] | None = None,
        notice: str = "",
        offered: tuple[str, ...] = (),
    ) -> ui.LayoutView:
        channels, roles = existing(guild, settings)
        view_model = SettingsViewModel(
            settings=settings,
            server=guild.name,
            usual=self._usual(),
            now=self._bot.clock(),
            nonce=interaction.id,
            channels=channels,
            roles=roles,
            log_works=can_write(guild, settings.log_channel),
            reads_content=self._bot.reads_content,
            recent=await self._guilds.recent(guild.id, MOST_RECENT) if tab is Tab.GENERAL else (),
            pages=pages or {},
            notice=notice,
            offered=offered,
        )
        return render_settings(view_model, tab)


# --- why a change was refused -----------------------------------------------------------------------------------------

_REFUSED = (RefusalError, InvalidRequest, InvalidSettingError, SeveralZonesError, UnknownZoneError)


def _why(error: Exception) -> str:
    if isinstance(error, InvalidSettingError):
        return setting_sentence(error)
    if isinstance(error, SeveralZonesError):
        return several_zones_sentence(error)
    return zone_sentence(error) if isinstance(error, UnknownZoneError) else sentence(error) or str(error)
