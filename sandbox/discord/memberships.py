"""Who is in a server: the bot joins one or is removed from it while it is connected, and others come.

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
    """The bot joins a server: every session of its shard gets a GUILD_CREATE without `unavailable`."""
    state.world.add_bot(guild, EVERYONE)
    for session in list(state.sessions.values()):
        if session.wants("GUILD_CREATE", guild.id):
            created = guild_create(state, guild, all_members=session.has_presences)
            # Without `unavailable`: discord.py's parse_guild_create recognizes a join by its absence.
            state.send_event(session, "GUILD_CREATE", {key: created[key] for key in created if key != "unavailable"})
    state.emit("guild", {"guild": guild.id})
    _welcome(state, guild, state.world.bot)


def remove(state: State, guild: Guild) -> None:
    """The bot is removed from a server, and its role is gone."""
    own = state.world.bot_role(guild.id)
    guild.members.pop(state.world.application_id, None)
    guild.roles[:] = [role for role in guild.roles if role["id"] != own]
    state.dispatch("GUILD_DELETE", {"id": guild.id}, guild_id=guild.id)
    state.emit("guild", {"guild": guild.id})


def add(state: State, guild: Guild, user: Json) -> None:
    """Somebody else joins a server, maybe another bot."""
    member = state.world.add_member(guild, user)
    state.dispatch("GUILD_MEMBER_ADD", member | {"guild_id": guild.id}, guild_id=guild.id)
    state.emit("guild", {"guild": guild.id})


def set_system_channel(state: State, guild: Guild, channel_id: str | None, flags: int) -> None:
    guild.data |= {"system_channel_id": channel_id, "system_channel_flags": flags}
    state.dispatch("GUILD_UPDATE", guild.data, guild_id=guild.id)


def _welcome(state: State, guild: Guild, user: Json) -> None:
    """Discord's own greeting, unless the server has none or has suppressed it."""
    channel = guild.channels.get(guild.data["system_channel_id"])
    if channel and not guild.data["system_channel_flags"] & SUPPRESS_JOIN_NOTIFICATIONS:
        messages.post(state, channel, user, type=USER_JOIN)
