"""Whose language is spoken: a server's, if its admins chose one, else the member's own, as Discord tells it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as At

from cogs.i18n import translate
from cogs.i18n.translate import LANGUAGES

if TYPE_CHECKING:
    from studio.guilds.ports import GuildStore
    from studio.guilds.settings import GuildSettings

log = logging.getLogger(__name__)

_SAID = {
    At.command_description,
    At.group_description,
    At.parameter_description,
    At.choice_name,
}


class Interpreter(app_commands.Translator):
    """For whoever does something: the language of all that is done for them. For Discord: that of the commands.

    The names of commands and options are the same for everybody: they are what people tell each other, and what texts
    refer to. Those of a message's menu are nowhere else.
    """

    def __init__(self, guilds: GuildStore) -> None:
        self._guilds = guilds

    async def listen_to(self, interaction: discord.Interaction) -> None:
        translate.speak(
            await self._chosen(interaction.guild_id if interaction.is_guild_integration() else None)
            or interaction.locale.value
        )

    async def listen_to_author(self, message: discord.Message) -> None:
        """A message does not say its author's language, but the server has one."""
        if message.guild:
            await self.listen_to_server(message.guild)
        else:
            translate.speak(translate.ENGLISH)

    async def listen_to_server(self, guild: discord.Guild) -> None:
        translate.speak(await self._chosen(guild.id) or guild.preferred_locale.value)

    async def _chosen(self, server_id: int | None) -> str | None:
        if server_id is None:
            return None
        try:
            return language_of(await self._guilds.of(server_id))
        except Exception:
            log.exception("the language of server %d is not known just now", server_id)
            return None

    # --- the commands -------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        translate.load()

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """None: as it is in English."""
        menu = context.location is At.command_name and isinstance(context.data, app_commands.ContextMenu)
        if context.location not in _SAID and not menu:
            return None
        with translate.speaking(locale.value):
            said = translate._(string.message, **AS_WRITTEN)
        return said if said != string.message else None


def language_of(settings: GuildSettings) -> str | None:
    """The one of LANGUAGES that a server's admins chose for all; None is each member's own."""
    return settings.language if settings.language in LANGUAGES else None


CAPABILITIES = ("seed", "guidance", "web_search")


AS_WRITTEN = {name: f"{{{name}}}" for name in CAPABILITIES}
"""What a description is formatted with where its models are filled in later."""
