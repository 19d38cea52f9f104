"""Fetches the message behind a link, if the member can read it themselves."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.delivery.channels import PATIENCE_SECONDS, find_place, kind_of
from cogs.i18n.translate import N_, _
from cogs.requests.context import can_read
from cogs.requests.source_checks import may_read
from cogs.texts.common import escaped
from cogs.texts.refusal import RefusalError

if TYPE_CHECKING:
    from discord.abc import Messageable

_OUT_OF_SIGHT = N_("link: That message was deleted, or I can't read its channel. Use another link.")

_LINK = re.compile(
    r"\s*<?https://(?:(?:ptb|canary)\.)?discord(?:app)?\.com/channels/(?P<guild>\d{1,20}|@me)/"
    r"(?P<channel>\d{1,20})/(?P<message>\d{1,20})>?\s*"
)


async def linked_message(interaction: discord.Interaction, link: str) -> discord.Message:
    """Fetch a linked message that the member can see themselves. Raises: RefusalError."""
    match = _LINK.fullmatch(link)
    if match is None:
        # Translators: the option's name "link" stays; Copy Message Link is what Discord calls it in its menu.
        text = _(
            "link: “{link}” isn't a message link. Open a message's menu and choose Copy Message Link.",
            link=escaped(link, 80),
        )
        raise RefusalError(text)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            channel = await _readable(interaction, match["guild"], int(match["channel"]))
            return await channel.fetch_message(int(match["message"]))
    except (discord.DiscordServerError, aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
        raise RefusalError(_("link: Discord is slow right now. Try again.")) from error
    except discord.HTTPException as error:
        raise RefusalError(_(_OUT_OF_SIGHT)) from error


async def _readable(interaction: discord.Interaction, guild_id: str, channel_id: int) -> Messageable:
    if channel_id == interaction.channel_id:
        readable = can_read(interaction.permissions, kind_of(interaction.channel))
        if interaction.guild_id is not None and not readable:  # direct messages have no permissions
            raise _unreadable()
        return interaction.client.get_partial_messageable(channel_id, guild_id=interaction.guild_id)
    guild, member = interaction.guild, interaction.user
    if guild is None or guild_id != str(guild.id) or not isinstance(member, discord.Member):
        raise RefusalError(_("link: Use a link to a message in this server or this conversation."))
    place = await find_place(interaction.client, guild, channel_id)
    if place is None or not isinstance(place.channel, discord.abc.Messageable):
        raise RefusalError(_(_OUT_OF_SIGHT))
    if not await may_read(place, member):
        raise _unreadable()
    return place.channel


def _unreadable() -> RefusalError:
    return RefusalError(_("link: You can't read that channel, so you can't use pictures from it."))
