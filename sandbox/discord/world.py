"""The data of the local Discord: servers, channels, members, roles, users and messages.

Objects are stored as the JSON that is sent. Source: Discord API reference, "Resources".
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sandbox.discord import channel_types
from sandbox.discord.channel_types import DM, GROUP, PRIVATE_THREAD, TEXT, THREADS, VOICES
from sandbox.discord.guild import ENGLISH, MEBIBYTE, Guild, emoji, role, server, sticker
from sandbox.discord.permissions import EVERYONE, PERMISSIONS

Json = dict[str, Any]

EPOCH_MS = 1420070400000
MOST_MESSAGES = 1000  # kept for each channel

_sequence = count()


def snowflake(at: float | None = None) -> str:
    """Create an id; ids are ordered by time."""
    ms = int((time.time() if at is None else at) * 1000) - EPOCH_MS
    return str(ms << 22 | next(_sequence) & 0x3FFFFF)


def made_at(identity: str) -> float:
    """Return the time at which an id was created."""
    return ((int(identity) >> 22) + EPOCH_MS) / 1000


def timestamp(at: float | None = None) -> str:
    """Format a time as Discord does: ISO 8601 with microseconds."""
    seconds = time.time() if at is None else at
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1e6):06}+00:00"


@dataclass
class Stored:
    """A message with data that bots do not receive.

    `seen_by` is the only user who sees an ephemeral message. `history` has every state with its time, `reactions` the
    user ids by emoji, `files` every file, and `shown` the names of files that embeds or components show. If it is not
    `loaded`, the referenced message is left out.
    """

    data: Json
    seen_by: str | None = None
    token: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    history: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    shown: dict[str, set[str]] = field(default_factory=dict)
    loaded: bool = True


class World:
    """All data. Names are unique, so that they can be used in place of ids."""

    def __init__(self) -> None:
        self.users: dict[str, Json] = {}
        self.locales: dict[str, str] = {}  # by user id; English by default
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Json] = {}
        self.messages: dict[str, OrderedDict[str, Stored]] = {}
        self.thread_members: dict[str, dict[str, Json]] = {}  # by thread id and user id
        self.artwork: dict[str, bytes] = {}  # files of stickers and emoji; missing ones are drawn
        self.bot = self.add_user("SeeDream", bot=True)
        self.application_id = str(self.bot["id"])
        self.upload_limit = 10 * MEBIBYTE

    # --- adding -------------------------------------------------------------------------------------------------

    def add_user(self, name: str, *, bot: bool = False) -> Json:
        user: Json = {
            "id": snowflake(), "username": name, "discriminator": "0",
            "global_name": None if bot else name.capitalize(), "avatar": None, "public_flags": 0, "flags": 0,
            "primary_guild": None, "banner": None, "accent_color": None,
        }  # fmt: skip
        if bot:
            user["bot"] = True
        self.users[user["id"]] = user
        return user

    def add_guild(self, name: str, owner: Json, *, guild_id: str | None = None) -> Guild:
        identity = guild_id or snowflake()
        guild = Guild(server(identity, name, owner["id"]))
        self.guilds[identity] = guild
        self.add_member(guild, owner)
        return guild

    def add_role(self, guild: Guild, name: str, permissions: int = 0) -> Json:
        made = role(snowflake(), name, permissions, position=len(guild.roles))
        guild.roles.append(made)
        return made

    def add_bot(self, guild: Guild, permissions: int) -> Json:
        """Add the bot to a server, with a managed role that has the invite's permissions."""
        own = self.add_role(guild, self.bot["username"], permissions)
        own |= {"managed": True, "tags": {"bot_id": self.application_id}}
        return self.add_member(guild, self.bot, own)

    def add_member(self, guild: Guild, user: Json, *roles: Json) -> Json:
        member: Json = {
            "user": user, "nick": None, "avatar": None, "banner": None, "roles": [role["id"] for role in roles],
            "joined_at": timestamp(), "premium_since": None, "deaf": False, "mute": False, "flags": 0,
            "pending": False, "communication_disabled_until": None,
        }  # fmt: skip
        guild.members[user["id"]] = member
        return member

    def add_channel(
        self, guild: Guild, name: str, *, nsfw: bool = False, kind: int = TEXT, category: Json | None = None
    ) -> Json:
        place = len(guild.channels)
        channel = channel_types.guild_channel(snowflake(), kind, guild.id, name, position=place, nsfw=nsfw)
        channel["parent_id"] = category["id"] if category else None
        guild.channels[channel["id"]] = self.channels[channel["id"]] = channel
        return channel

    def add_sticker(self, guild: Guild, name: str, file_format: int, file: bytes | None = None) -> Json:
        made = sticker(snowflake(), guild.id, name, file_format)
        guild.data["stickers"].append(made)
        return self._with_artwork(made, file)

    def add_emoji(self, guild: Guild, name: str, *, animated: bool = False, file: bytes | None = None) -> Json:
        made = emoji(snowflake(), name, animated=animated)
        guild.data["emojis"].append(made)
        return self._with_artwork(made, file)

    def _with_artwork(self, made: Json, file: bytes | None) -> Json:
        if file is not None:
            self.artwork[made["id"]] = file
        return made

    def add_thread(self, parent: Json, name: str, kind: int, owner_id: str, *, thread_id: str | None = None) -> Json:
        identity = thread_id or snowflake()
        thread = channel_types.thread(identity, kind, parent, name, owner_id=owner_id, at=timestamp())
        self.channels[identity] = thread
        self.thread_members[identity] = {}
        return thread

    def add_group(self, name: str, *users: Json) -> Json:
        """Create a group that belongs to the first user; the bot is not in it."""
        group: Json = {
            "id": snowflake(), "type": GROUP, "last_message_id": None, "flags": 0, "recipients": list(users),
            "name": name, "icon": None, "owner_id": users[0]["id"],
        }  # fmt: skip
        self.channels[group["id"]] = group
        return group

    def dm(self, user_id: str) -> Json:
        """Return the DM channel of a user and the bot; create it if needed."""
        for channel in self.channels.values():
            if channel["type"] == DM and channel["recipients"][0]["id"] == user_id:
                return channel
        channel = {
            "id": snowflake(), "type": DM, "last_message_id": None, "flags": 0, "recipients": [self.users[user_id]],
        }  # fmt: skip
        self.channels[channel["id"]] = channel
        return channel

    def locale_of(self, user_id: str) -> str:
        """Return the language of a user's client."""
        return self.locales.get(user_id, ENGLISH)

    # --- finding ------------------------------------------------------------------------------------------------

    def user(self, name_or_id: str) -> Json | None:
        user = self.users.get(name_or_id)
        return user or next((other for other in self.users.values() if other["username"] == name_or_id), None)

    def guild(self, name_or_id: str) -> Guild | None:
        guild = self.guilds.get(name_or_id)
        return guild or next((other for other in self.guilds.values() if other.data["name"] == name_or_id), None)

    def channel(self, name_or_id: str) -> Json | None:
        channel = self.channels.get(name_or_id)
        return channel or next((other for other in self.channels.values() if other.get("name") == name_or_id), None)

    def sticker(self, name_or_id: str) -> Json | None:
        stickers = (sticker for guild in self.guilds.values() for sticker in guild.data["stickers"])
        return next((sticker for sticker in stickers if name_or_id in {sticker["id"], sticker["name"]}), None)

    def emoji(self, identity: str) -> Json | None:
        emojis = (emoji for guild in self.guilds.values() for emoji in guild.data["emojis"])
        return next((emoji for emoji in emojis if emoji["id"] == identity), None)

    def bot_role(self, guild_id: str) -> str | None:
        """Return the id of the bot's managed role in a server."""
        roles = self.guilds[guild_id].roles
        return next((role["id"] for role in roles if role.get("tags", {}).get("bot_id") == self.application_id), None)

    def guild_of(self, channel: Json) -> Guild | None:
        return self.guilds.get(channel.get("guild_id", ""))

    def parent_of(self, channel: Json) -> Json:
        """Return the channel whose overwrites and age restriction apply: a thread's parent, or the channel itself."""
        return self.channels[channel["parent_id"]] if channel["type"] in THREADS else channel

    def threads_of(self, guild: Guild) -> list[Json]:
        threads = (channel for channel in self.channels.values() if channel["type"] in THREADS)
        return [thread for thread in threads if thread["guild_id"] == guild.id]

    def channels_of(self, guild: Guild) -> list[Json]:
        """List a server's channels and threads."""
        return [*guild.channels.values(), *self.threads_of(guild)]

    def permissions(self, user_id: str, channel: Json) -> int:
        guild = self.guild_of(channel)
        if guild:
            return guild.permissions(user_id, self.parent_of(channel))
        recipients = {user["id"] for user in channel["recipients"]}
        own = user_id == self.application_id and channel["type"] == DM
        return EVERYONE if own or user_id in recipients else 0

    def may(self, user_id: str, channel: Json, name: str) -> bool:
        return bool(self.permissions(user_id, channel) & PERMISSIONS[name])

    def sees(self, user_id: str, channel: Json) -> bool:
        """Tell whether a user can read a channel.

        Private threads require membership or Manage Threads, voice channels Connect.
        """
        if not self.may(user_id, channel, "VIEW_CHANNEL"):
            return False
        if channel["type"] in VOICES:
            return self.may(user_id, channel, "CONNECT")
        members = self.thread_members.get(channel["id"])
        if channel["type"] != PRIVATE_THREAD or members is None or user_id in members:
            return True
        return self.may(user_id, channel, "MANAGE_THREADS")

    def limit(self, channel: Json) -> int:
        """Return the upload limit in bytes."""
        guild = self.guild_of(channel)
        return guild.upload_limit if guild else self.upload_limit

    # --- messages -----------------------------------------------------------------------------------------------

    def put(self, stored: Stored) -> None:
        channel_id = stored.data["channel_id"]
        kept = self.messages.setdefault(channel_id, OrderedDict())
        kept[stored.data["id"]] = stored
        if len(kept) > MOST_MESSAGES:
            kept.popitem(last=False)
        self.channels[channel_id]["last_message_id"] = stored.data["id"]

    def forget_channel(self, channel: Json) -> None:
        """Remove a channel with its messages and threads."""
        for thread in [child for child in self.channels.values() if child.get("parent_id") == channel["id"]]:
            if thread["type"] in THREADS:
                self.forget_channel(thread)
        for held in (self.channels, self.messages, self.thread_members):
            held.pop(channel["id"], None)
        if guild := self.guild_of(channel):
            guild.channels.pop(channel["id"], None)

    def message(self, channel_id: str, message_id: str) -> Stored | None:
        return self.messages.get(channel_id, OrderedDict()).get(message_id)

    def find_message(self, message_id: str) -> Stored | None:
        return next((kept[message_id] for kept in self.messages.values() if message_id in kept), None)
