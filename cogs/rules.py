"""A request held against what the server's admins have set: the one place, before anything is written or spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from cogs.errors import RefusalError
from cogs.ui.language import _
from cogs.ui.rules import rule_sentence
from studio.guild_settings import Asked, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from seedream import ImageRequest
    from studio.guild_settings import GuildSettings
    from studio.limits import Member


def check_rules(
    settings: GuildSettings,
    member: Member,
    channel: discord.abc.MessageableChannel | discord.abc.GuildChannel | None,
    request: ImageRequest,
    asker: discord.User | discord.Member,
) -> None:
    """Raises: RefusalError, in the words of the rule."""
    asked = Asked(
        user_id=member.user_id,
        role_ids=member.role_ids | {member.server_id},  # everyone's role is the server itself
        channels=lies_in(channel),
        age_restricted=_age_restricted(channel),
        model=request.model,
        prompt=request.prompt,
    )
    if refused := refusal(settings, asked):
        raise RefusalError(rule_sentence(refused, names_for(asker)))


def lies_in(channel: object) -> tuple[int, ...]:
    """The channel, of a thread the channel that it is in, and the category."""
    if isinstance(channel, discord.Thread):
        return (channel.id, *(lies_in(channel.parent) or (channel.parent_id,)))
    if isinstance(channel, discord.abc.GuildChannel):
        return (channel.id, channel.category_id) if channel.category_id else (channel.id,)
    return (channel.id,) if isinstance(channel, discord.abc.Snowflake) else ()


def names_for(asker: discord.User | discord.Member) -> Callable[[int], str | None]:
    """How roles and channels are called to a member, without a word of what they can't see."""

    def named(identity: int) -> str | None:
        if not isinstance(asker, discord.Member):
            return None
        if role := asker.guild.get_role(identity):
            return "@everyone" if role.is_default() else role.mention
        channel = asker.guild.get_channel_or_thread(identity)
        orphan = isinstance(channel, discord.Thread) and channel.parent is None
        if channel is None or orphan or not channel.permissions_for(asker).view_channel:
            return None
        if isinstance(channel, discord.CategoryChannel):
            # Translators: a category of channels, after "in" or in a list of channels: "#general or “Art” (category)"
            return _("“{name}” (category)", name=discord.utils.escape_markdown(channel.name))
        return channel.mention

    return named


def _age_restricted(channel: object) -> bool:
    restricted = getattr(channel, "is_nsfw", None)
    return bool(restricted and restricted())
