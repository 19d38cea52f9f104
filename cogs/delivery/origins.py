"""Records where a request comes from, so that its job can be answered later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from cogs.delivery.channels import ChannelKind, kind_of
from cogs.i18n.translate import current_locale
from studio.jobs.job import Origin

if TYPE_CHECKING:
    from cogs.delivery.channels import Place

DM_UPLOAD_BYTES = 10 * 2**20


def is_guest(interaction: discord.Interaction) -> bool:
    """Return whether the bot isn't a member of the place: the user has installed it for themselves."""
    if interaction.guild_id is None:
        return not interaction.context.dm_channel
    return not interaction.is_guild_integration()


def _is_out_of_reach(interaction: discord.Interaction, place: Place) -> bool:
    """Return whether the channel can be reached only by the interaction's token."""
    if is_guest(interaction) or interaction.guild_id is None:
        return is_guest(interaction)
    may, channel = interaction.app_permissions, place.channel
    if isinstance(channel, discord.Thread) and channel.is_private() and channel.me is None and not may.manage_threads:
        return True  # the bot wasn't invited
    return not may.view_channel or (kind_of(channel) is ChannelKind.VOICE and not may.connect)


def origin_of(interaction: discord.Interaction, place: Place, *, private: bool) -> Origin:
    return Origin(
        application_id=interaction.application_id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id or 0,
        user_id=interaction.user.id,
        locale=current_locale(),
        private=private,
        upload_limit=interaction.filesize_limit,
        token=interaction.token,
        token_expires=interaction.expires_at.timestamp(),
        age_restricted=place.age_restricted,
        token_only=_is_out_of_reach(interaction, place),
    )


def origin_of_message(message: discord.Message, place: Place, application_id: int) -> Origin:
    """Return the origin of a request by message. It has no token, so the bot replies as itself."""
    guild = message.guild
    return Origin(
        application_id=application_id,
        guild_id=guild.id if guild else None,
        channel_id=message.channel.id,
        user_id=message.author.id,
        locale=current_locale(),
        private=False,
        upload_limit=guild.filesize_limit if guild else DM_UPLOAD_BYTES,
        token="",
        token_expires=0.0,
        age_restricted=place.age_restricted,
        reply_to=message.id,
    )
