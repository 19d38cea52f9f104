"""Posts a short welcome for admins in the system channel of a server that has added the bot."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import aiohttp
import discord
from discord import ui
from discord.ext import commands

from cogs.delivery.transports import QUIET
from cogs.i18n.translate import N_, _
from cogs.requests.cards import card
from cogs.settings.kinds import can_write
from studio.quota.limits import Member

if TYPE_CHECKING:
    from cogs.client.bot import StudioBot
    from studio.jobs.service import ImageService

log = logging.getLogger(__name__)

NEWS_SECONDS = 600.0  # since the bot was added, at most
ACCENT = 0x5865F2
_COMMANDS = {
    # Translators: what /settings is for
    "/settings": N_("who can use me and where, models, blocked words, language, what replies to pictures do"),
    # Translators: what /quota-admin is for
    "/quota-admin": N_("how much each member can make"),
    # Translators: what /help is for
    "/help": N_("examples to try, how it works here and what it costs"),
}

View = ui.LayoutView


class Welcome(commands.Cog):
    def __init__(self, bot: StudioBot, service: ImageService) -> None:
        self._bot = bot
        self._service = service

    @commands.Cog.listener()
    async def on_guild_added(self, guild: discord.Guild) -> None:
        """Post the welcome. The process with the server's shard gets this once; restarts don't dispatch it."""
        if not self._is_new(guild):
            return
        channel = guild.system_channel
        if channel is None or not can_write(guild, channel.id):
            log.info("server %d has no system channel that I can write in, so it gets no welcome", guild.id)
        elif (await self._service.quota(Member(user_id=guild.me.id, server_id=guild.id))).closed:
            log.info("server %d is not one of SERVERS_ALLOWED, so it gets no welcome", guild.id)
        else:
            await self._bot.translator.set_locale_from_guild(guild)
            await _post(channel)

    def _is_new(self, guild: discord.Guild) -> bool:
        """Return whether the bot was just added. Discord sends the same event for a server that is back online."""
        joined_at = guild.me.joined_at
        return joined_at is not None and abs(self._bot.clock() - joined_at.timestamp()) < NEWS_SECONDS


async def _post(channel: discord.TextChannel) -> None:
    """Post the welcome. The nonce keeps two programs with the same token from posting it twice."""
    try:
        await channel.send(view=render_welcome(), allowed_mentions=QUIET, nonce=f"hi{channel.guild.id}")
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.info("server %d could not be welcomed: %s", channel.guild.id, error)


def render_welcome() -> View:
    title, admins = _("Thanks for adding me"), _("For admins")
    does = _("I make pictures from text and edit pictures as you describe. Members start with `/imagine` or `/help`.")
    commands_ = (f"- `{command}` · {_(words)}" for command, words in _COMMANDS.items())
    text = "\n".join([f"### 👋 {title}", does, f"**{admins}**", *commands_])
    return card(text, colour=ACCENT)
