"""The message behind a link, for a member who may read it themselves."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.errors import RefusalError
from cogs.ui.language import _
from cogs.ui.texts import escaped

if TYPE_CHECKING:
    from discord.abc import Messageable

PATIENCE_SECONDS = 2.0  # of the three that Discord waits for an answer

_LINK = re.compile(
    r"\s*<?https://(?:(?:ptb|canary)\.)?discord(?:app)?\.com/channels/(?P<guild>\d{1,20}|@me)/"
    r"(?P<channel>\d{1,20})/(?P<message>\d{1,20})>?\s*"
)


async def linked_message(interaction: discord.Interaction, link: str) -> discord.Message:
    """Nobody reaches through the bot what they can't see themselves. Raises: RefusalError."""
    match = _LINK.fullmatch(link)
    if match is None:
        # Translators: the option's name "link" stays; Copy Message Link is what Discord calls it in its menu.
        told = _(
            "link: “{link}” is no message link. Copy one from a message's menu: Copy Message Link.",
            link=escaped(link, 80),
        )
        raise RefusalError(told)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            channel = await _readable(interaction, match["guild"], int(match["channel"]))
            return await channel.fetch_message(int(match["message"]))
    except (discord.DiscordServerError, aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
        raise RefusalError(_("link: Discord is slow to show that message just now. Try again.")) from error
    except discord.HTTPException as error:
        raise RefusalError(_("link: that message is not there any more, or I may not read that channel.")) from error


async def _readable(interaction: discord.Interaction, guild_id: str, channel_id: int) -> Messageable:
    if channel_id == interaction.channel_id:
        if interaction.guild_id is not None:  # elsewhere there are no permissions
            _check(interaction.permissions)
        return interaction.client.get_partial_messageable(channel_id, guild_id=interaction.guild_id)
    here = interaction.guild is not None and guild_id == str(interaction.guild_id)
    channel = interaction.guild.get_channel_or_thread(channel_id) if here and interaction.guild else None
    if not isinstance(channel, discord.abc.Messageable) or not isinstance(interaction.user, discord.Member):
        raise RefusalError(_("link: I take links to messages of this server and of this conversation only."))
    may = channel.permissions_for(interaction.user)
    _check(may)
    if isinstance(channel, discord.Thread) and channel.is_private() and not may.manage_threads:
        await _check_invited(channel, interaction.user)
    return channel


def _check(may: discord.Permissions) -> None:
    if not (may.view_channel and may.read_message_history):
        raise RefusalError(_("link: you can't read that channel, so I don't take pictures out of it for you."))


async def _check_invited(thread: discord.Thread, member: discord.Member) -> None:
    """A private thread is seen by who was invited to it, whatever its channel allows."""
    try:
        await thread.fetch_member(member.id)
    except discord.NotFound:
        _check(discord.Permissions.none())
