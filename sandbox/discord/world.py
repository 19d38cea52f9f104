"""What the local Discord holds: servers, channels, members, roles, users, messages, in Discord's own shapes.

Objects are the dicts that go over the wire (source: Discord API reference, "Resources"): what is stored is sent.
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
    """A new id, in order of time."""
    ms = int((time.time() if at is None else at) * 1000) - EPOCH_MS
    return str(ms << 22 | next(_sequence) & 0x3FFFFF)


def made_at(identity: str) -> float:
    """The time that an id was made at."""
    return ((int(identity) >> 22) + EPOCH_MS) / 1000


def timestamp(at: float | None = None) -> str:
    """ISO 8601 with microseconds, as Discord writes it."""
    seconds = time.time() if at is None else at
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1e6):06}+00:00"


@dataclass
class Stored:
    """A message with what only Discord knows of it.

    `history` has every state it was shown in, with its time; `reactions` the ids of users by emoji; `files` describes
    every file that it holds, and `shown` names those that its embeds or components show. Where it is not `loaded`, the
    message that it refers to was not looked for.
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
    """Everything there is. Names in it are unique, so that people can be called by them."""

    def __init__(self) -> None:
        self.users: dict[str, Json] = {}
        self.locales: dict[str, str] = {}  # of users who chose another language than English
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Json] = {}
        self.messages: dict[str, OrderedDict[str, Stored]] = {}
        self.thread_members: dict[str, dict[str, Json]] = {}  # of each thread, by user
        self.artwork: dict[str, bytes] = {}  # files of stickers and emoji; missing ones are drawn
        self.bot = self.add_user("SeeDream", bot=True)
        self.application_id = str(self.bot["id"])
        self.upload_limit = 10 * MEBIBYTE

    # --- making -------------------------------------------------------------------------------------------------

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
        """The bot joins a server, with a managed role that has the permissions that it was invited with."""
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
        """A group of people, as of the first one; the bot is not in it."""
        group: Json = {
            "id": snowflake(), "type": GROUP, "last_message_id": None, "flags": 0, "recipients": list(users),
            "name": name, "icon": None, "owner_id": users[0]["id"],
        }  # fmt: skip
        self.channels[group["id"]] = group
        return group

    def dm(self, user_id: str) -> Json:
        """The direct messages between a user and the bot."""
        for channel in self.channels.values():
            if channel["type"] == DM and channel["recipients"][0]["id"] == user_id:
                return channel
        channel = {
            "id": snowflake(), "type": DM, "last_message_id": None, "flags": 0, "recipients": [self.users[user_id]],
        }  # fmt: skip
        self.channels[channel["id"]] = channel
        return channel

    def locale_of(self, user_id: str) -> str:
        """The language that a user has chosen for their client."""
        return self.locales.get(user_id, ENGLISH)

    # --- finding ------------------------------------------------------------------------------------------------

    def user(self, name_or_id: str) -> Json | None:
        found = self.users.get(name_or_id)
        return found or next((user for user in self.users.values() if user["username"] == name_or_id), None)

    def guild(self, name_or_id: str) -> Guild | None:
        found = self.guilds.get(name_or_id)
        return found or next((one for one in self.guilds.values() if one.data["name"] == name_or_id), None)

    def channel(self, name_or_id: str) -> Json | None:
        found = self.channels.get(name_or_id)
        return found or next((one for one in self.channels.values() if one.get("name") == name_or_id), None)

    def sticker(self, name_or_id: str) -> Json | None:
        every = [one for guild in self.guilds.values() for one in guild.data["stickers"]]
        return next((one for one in every if name_or_id in {one["id"], one["name"]}), None)

    def emoji(self, identity: str) -> Json | None:
        every = (one for guild in self.guilds.values() for one in guild.data["emojis"])
        return next((one for one in every if one["id"] == identity), None)

    def bot_role(self, guild_id: str) -> str | None:
        """The id of the bot's managed role in a server."""
        roles = self.guilds[guild_id].roles
        return next((one["id"] for one in roles if one.get("tags", {}).get("bot_id") == self.application_id), None)

    def guild_of(self, channel: Json) -> Guild | None:
        return self.guilds.get(channel.get("guild_id", ""))

    def parent_of(self, channel: Json) -> Json:
        """The channel whose overwrites and age restriction count: of a thread, the one that it is in."""
        return self.channels[channel["parent_id"]] if channel["type"] in THREADS else channel

    def threads_of(self, guild: Guild) -> list[Json]:
        return [one for one in self.channels.values() if one["type"] in THREADS and one["guild_id"] == guild.id]

    def channels_of(self, guild: Guild) -> list[Json]:
        """A server's channels and threads."""
        return [*guild.channels.values(), *self.threads_of(guild)]

    def permissions(self, user_id: str, channel: Json) -> int:
        guild = self.guild_of(channel)
        if guild:
            return guild.permissions(user_id, self.parent_of(channel))
        recipients = {one["id"] for one in channel["recipients"]}
        own = user_id == self.application_id and channel["type"] == DM
        return EVERYONE if own or user_id in recipients else 0

    def may(self, user_id: str, channel: Json, name: str) -> bool:
        return bool(self.permissions(user_id, channel) & PERMISSIONS[name])

    def sees(self, user_id: str, channel: Json) -> bool:
        """Whether somebody may read there: in a private thread, who is in it or moderates; by voice, who may connect.

        A thread whose members nobody keeps is everybody's.
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
        """The largest file, in bytes, that may be uploaded there."""
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
        for thread in [one for one in self.channels.values() if one.get("parent_id") == channel["id"]]:
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
