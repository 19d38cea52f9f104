"""Adds the bot, users and other bots to servers, and removes the bot.

Source: Discord API reference, "Guild Create", "Guild Delete", "Guild Member Add", "System Channel Flags".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import messages
from sandbox.discord.gateway_events import guild_create
from sandbox.discord.permissions import EVERYONE

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

USER_JOIN = 7  # a type of message
SUPPRESS_JOIN_NOTIFICATIONS = 1 << 0


def join(state: State, guild: Guild) -> None:
    """Add the bot to a server: every session of its shard receives a GUILD_CREATE without `unavailable`."""
    state.world.add_bot(guild, EVERYONE)
    for session in list(state.sessions.values()):
        if session.wants("GUILD_CREATE", guild.id):
            created = guild_create(state, guild, all_members=session.has_presences)
            # Without `unavailable`: discord.py's parse_guild_create recognizes a join by its absence.
            state.send_event(session, "GUILD_CREATE", {key: created[key] for key in created if key != "unavailable"})
    state.emit("guild", {"guild": guild.id})
    _welcome(state, guild, state.world.bot)


def remove(state: State, guild: Guild) -> None:
    """Remove the bot and its role from a server."""
    own = state.world.bot_role(guild.id)
    guild.members.pop(state.world.application_id, None)
    guild.roles[:] = [role for role in guild.roles if role["id"] != own]
    state.dispatch("GUILD_DELETE", {"id": guild.id}, guild_id=guild.id)
    state.emit("guild", {"guild": guild.id})


def add(state: State, guild: Guild, user: Json) -> None:
    """Add a user or another bot to a server."""
    member = state.world.add_member(guild, user)
    state.dispatch("GUILD_MEMBER_ADD", member | {"guild_id": guild.id}, guild_id=guild.id)
    state.emit("guild", {"guild": guild.id})


def set_system_channel(state: State, guild: Guild, channel_id: str | None, flags: int) -> None:
    guild.data |= {"system_channel_id": channel_id, "system_channel_flags": flags}
    state.dispatch("GUILD_UPDATE", guild.data, guild_id=guild.id)


def _welcome(state: State, guild: Guild, user: Json) -> None:
    """Post Discord's welcome message, unless the server has no system channel or suppresses it."""
    channel = guild.channels.get(guild.data["system_channel_id"])
    if channel and not guild.data["system_channel_flags"] & SUPPRESS_JOIN_NOTIFICATIONS:
        messages.post(state, channel, user, type=USER_JOIN)
