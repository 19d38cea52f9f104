"""Where a request comes from, in the form that its job keeps so that it can be answered later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from cogs.delivery.channels import Kind, kind_of
from cogs.i18n.translate import spoken
from studio.jobs.job import Origin

if TYPE_CHECKING:
    from cogs.delivery.channels import Place

DM_UPLOAD_BYTES = 10 * 2**20


def is_guest(interaction: discord.Interaction) -> bool:
    """Whether the bot is no member of where it is asked: its user has installed it for themselves."""
    if interaction.guild_id is None:
        return not interaction.context.dm_channel
    return not interaction.is_guild_integration()


def _is_out_of_reach(interaction: discord.Interaction, place: Place) -> bool:
    """Whether nothing but an interaction's token reaches the channel."""
    if is_guest(interaction) or interaction.guild_id is None:
        return is_guest(interaction)
    may, channel = interaction.app_permissions, place.channel
    if isinstance(channel, discord.Thread) and channel.is_private() and channel.me is None and not may.manage_threads:
        return True  # it was not invited
    return not may.view_channel or (kind_of(channel) is Kind.VOICE and not may.connect)


def origin_of(interaction: discord.Interaction, place: Place, *, private: bool) -> Origin:
    return Origin(
        application_id=interaction.application_id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id or 0,
        user_id=interaction.user.id,
        locale=spoken(),
        private=private,
        upload_limit=interaction.filesize_limit,
        token=interaction.token,
        token_expires=interaction.expires_at.timestamp(),
        age_restricted=place.age_restricted,
        token_only=_is_out_of_reach(interaction, place),
    )


def origin_of_message(message: discord.Message, place: Place, application_id: int) -> Origin:
    """Where a message asks from: there is no interaction, so no token; the bot answers as itself."""
    guild = message.guild
    return Origin(
        application_id=application_id,
        guild_id=guild.id if guild else None,
        channel_id=message.channel.id,
        user_id=message.author.id,
        locale=spoken(),
        private=False,
        upload_limit=guild.filesize_limit if guild else DM_UPLOAD_BYTES,
        token="",
        token_expires=0.0,
        age_restricted=place.age_restricted,
        reply_to=message.id,
    )
