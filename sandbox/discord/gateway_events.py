"""Builds gateway events as the bot may see them. Source: Discord API reference, "Gateway Events"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import threads
from sandbox.discord.channel_types import PRIVATE, obfuscated
from sandbox.discord.permissions import PERMISSIONS

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.sessions import Session
    from sandbox.discord.state import State
    from sandbox.discord.world import Json


def guilds_of(state: State, session: Session) -> list[Guild]:
    """Return the bot's servers on the session's shard."""
    bot = state.world.application_id
    return [guild for guild in state.world.guilds.values() if bot in guild.members and session.serves(guild.id)]


def guild_create(state: State, guild: Guild, *, all_members: bool) -> Json:
    """Describe an available server in full, with all of its members or only the bot."""
    bot = state.world.application_id
    members = list(guild.members.values()) if all_members else [guild.members[bot]]
    return guild.data | {
        "joined_at": guild.members[bot]["joined_at"], "large": False, "unavailable": False,
        "member_count": len(guild.members), "voice_states": [], "members": members,
        "channels": [visible_channel(state, guild, channel) for channel in guild.channels.values()],
        "threads": threads.active(state, guild), "presences": [], "stage_instances": [],
        "guild_scheduled_events": [], "soundboard_sounds": [], "application_id": None,
    }  # fmt: skip


def visible_channel(state: State, guild: Guild, channel: Json) -> Json:
    """Return a channel, obfuscated if the bot can't view it and the setting says so."""
    if not state.settings.obfuscate_channels or state.world.may(state.world.application_id, channel, "VIEW_CHANNEL"):
        return channel
    return obfuscated(channel, guild.id, PERMISSIONS["VIEW_CHANNEL"])


def members_chunk(guild: Guild, query: Json) -> Json:
    """Answer "Request Guild Members": members by their ids, or by the beginning of their names."""
    user_ids, limit = query.get("user_ids"), query.get("limit")
    if user_ids is not None:
        ids = [str(user_id) for user_id in (user_ids if isinstance(user_ids, list) else [user_ids])]
        members = [guild.members[user_id] for user_id in ids if user_id in guild.members]
    else:
        ids, prefix = [], str(query.get("query") or "").lower()
        members = [member for member in guild.members.values() if member["user"]["username"].startswith(prefix)]
        members = members[:limit] if isinstance(limit, int) and limit > 0 else members
    missing = [user_id for user_id in ids if user_id not in guild.members]
    chunk = {"guild_id": guild.id, "members": members, "chunk_index": 0, "chunk_count": 1, "not_found": missing}
    return chunk | ({"nonce": query["nonce"]} if query.get("nonce") else {})


def message_event(state: State, message: Json) -> Json:
    """Add the server and the author's membership to a message, as the gateway does."""
    channel = state.world.channels[message["channel_id"]]
    if channel["type"] in PRIVATE:
        return message | {"channel_type": channel["type"]}
    guild = state.world.guilds[channel["guild_id"]]
    member = guild.members.get(message["author"]["id"])
    author = {"member": {key: value for key, value in member.items() if key != "user"}} if member else {}
    return message | {"guild_id": guild.id} | author
