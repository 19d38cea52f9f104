"""Events as the gateway sends them: what a client may see of them. Source: Discord API reference, "Gateway Events"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import threads
from sandbox.discord.channel_types import PRIVATE, obfuscated
from sandbox.discord.permissions import PERMISSIONS

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.state import State
    from sandbox.discord.world import Json


def guild_create(state: State, guild: Guild, *, everybody: bool) -> Json:
    """A guild that has become available, in full; not `everybody`: the bot is its only member."""
    bot = state.world.application_id
    members = list(guild.members.values()) if everybody else [guild.members[bot]]
    return guild.data | {
        "joined_at": guild.members[bot]["joined_at"], "large": False, "unavailable": False,
        "member_count": len(guild.members), "voice_states": [], "members": members,
        "channels": [channel_seen(state, guild, one) for one in guild.channels.values()],
        "threads": threads.active(state, guild), "presences": [], "stage_instances": [],
        "guild_scheduled_events": [], "soundboard_sounds": [], "application_id": None,
    }  # fmt: skip


def channel_seen(state: State, guild: Guild, channel: Json) -> Json:
    """A channel as the gateway tells of it."""
    if not state.settings.obfuscate_channels or state.world.may(state.world.application_id, channel, "VIEW_CHANNEL"):
        return channel
    return obfuscated(channel, guild.id, PERMISSIONS["VIEW_CHANNEL"])


def members_chunk(guild: Guild, asked: Json) -> Json:
    """The members whom "Request Guild Members" asks for: by their ids, or by how their names begin."""
    wanted, limit = asked.get("user_ids"), asked.get("limit")
    if wanted is not None:
        ids = [str(one) for one in (wanted if isinstance(wanted, list) else [wanted])]
        found = [guild.members[one] for one in ids if one in guild.members]
    else:
        ids, begin = [], str(asked.get("query") or "").lower()
        found = [one for one in guild.members.values() if one["user"]["username"].startswith(begin)]
        found = found[:limit] if isinstance(limit, int) and limit > 0 else found
    missing = [one for one in ids if one not in guild.members]
    chunk = {"guild_id": guild.id, "members": found, "chunk_index": 0, "chunk_count": 1, "not_found": missing}
    return chunk | ({"nonce": asked["nonce"]} if asked.get("nonce") else {})


def message_event(state: State, message: Json) -> Json:
    """A message as the gateway tells of it: with the server and the author's membership."""
    channel = state.world.channels[message["channel_id"]]
    if channel["type"] in PRIVATE:
        return message | {"channel_type": channel["type"]}
    guild = state.world.guilds[channel["guild_id"]]
    member = guild.members.get(message["author"]["id"])
    known = {"member": {key: value for key, value in member.items() if key != "user"}} if member else {}
    return message | {"guild_id": guild.id} | known
