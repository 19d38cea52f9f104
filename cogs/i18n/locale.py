"""Sets the locale of each interaction and message, and translates the commands for Discord.

The locale is the server's, if its admins chose one, otherwise the member's Discord locale. It is a context variable,
set where an interaction or a message comes in, so no function needs it as an argument.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as At

from cogs.i18n import translate
from cogs.i18n.translate import LANGUAGES
from studio.errors import UnavailableError
from studio.patience import INTERACTION_SECONDS, MESSAGE_SECONDS, answer_within

if TYPE_CHECKING:
    from studio.guilds.ports import GuildStore
    from studio.guilds.settings import GuildSettings

log = logging.getLogger(__name__)

_TRANSLATED = {
    At.command_description,
    At.group_description,
    At.parameter_description,
    At.choice_name,
}


class LocaleTranslator(app_commands.Translator):
    """Sets the locale for everything that is done for a member, and translates descriptions and menu entries.

    The names of commands and options are the same in every language, because people tell them to each other and texts
    refer to them.
    """

    def __init__(self, guilds: GuildStore) -> None:
        self._guilds = guilds

    async def set_locale_from(self, interaction: discord.Interaction) -> None:
        """Set the locale, and how long its member waits for an answer."""
        answer_within(INTERACTION_SECONDS)
        translate.set_locale(
            await self._chosen(interaction.guild_id if interaction.is_guild_integration() else None)
            or interaction.locale.value
        )

    async def set_locale_from_message(self, message: discord.Message) -> None:
        """Set the server's locale, because Discord doesn't send the author's; English in direct messages."""
        answer_within(MESSAGE_SECONDS)
        if message.guild:
            await self.set_locale_from_guild(message.guild)
        else:
            translate.set_locale(translate.ENGLISH)

    async def set_locale_from_guild(self, guild: discord.Guild) -> None:
        translate.set_locale(await self._chosen(guild.id) or guild.preferred_locale.value)

    async def _chosen(self, server_id: int | None) -> str | None:
        if server_id is None:
            return None
        try:
            return language_of(await self._guilds.of(server_id))
        except UnavailableError as error:
            log.warning("the language of server %d could not be read: %s", server_id, error)
            return None
        except Exception:
            log.exception("the language of server %d could not be read", server_id)
            return None

    # --- the commands -------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        translate.load()

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """Translate a string for Discord; None if it stays English."""
        menu = context.location is At.command_name and isinstance(context.data, app_commands.ContextMenu)
        if context.location not in _TRANSLATED and not menu:
            return None
        with translate.using_locale(locale.value):
            translation = translate._(string.message, **AS_WRITTEN)
        return translation if translation != string.message else None


def language_of(settings: GuildSettings) -> str | None:
    """Return the language that a server's admins chose; None for each member's own."""
    return settings.language if settings.language in LANGUAGES else None


CAPABILITIES = ("seed", "guidance", "web_search", "optimize_prompt")


AS_WRITTEN = {name: f"{{{name}}}" for name in CAPABILITIES}
"""Values that keep the placeholders of a description whose models are filled in later."""
