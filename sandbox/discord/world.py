"""What the local Discord holds: servers, channels, members, roles, users, messages, in Discord's own shapes.

Objects are the dicts that go over the wire (source: Discord API reference, "Resources"): what is stored is sent.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Json = dict[str, Any]

EPOCH_MS = 1420070400000
TEXT, DM, THREAD = 0, 1, 11
MOST_MESSAGES = 1000  # kept for each channel
MEBIBYTE = 2**20
ENGLISH = "en-US"

PERMISSIONS = {
    "KICK_MEMBERS": 1 << 1, "BAN_MEMBERS": 1 << 2, "ADMINISTRATOR": 1 << 3, "MANAGE_CHANNELS": 1 << 4,
    "MANAGE_GUILD": 1 << 5, "ADD_REACTIONS": 1 << 6, "VIEW_CHANNEL": 1 << 10, "SEND_MESSAGES": 1 << 11,
    "MANAGE_MESSAGES": 1 << 13, "EMBED_LINKS": 1 << 14, "ATTACH_FILES": 1 << 15, "READ_MESSAGE_HISTORY": 1 << 16,
    "MENTION_EVERYONE": 1 << 17, "USE_EXTERNAL_EMOJIS": 1 << 18, "MANAGE_ROLES": 1 << 28,
    "USE_APPLICATION_COMMANDS": 1 << 31, "SEND_MESSAGES_IN_THREADS": 1 << 38, "USE_EXTERNAL_APPS": 1 << 50,
}  # fmt: skip
ALL_PERMISSIONS = (1 << 53) - 1
EVERYONE = sum(
    PERMISSIONS[name]
    for name in (
        "ADD_REACTIONS", "VIEW_CHANNEL", "SEND_MESSAGES", "EMBED_LINKS", "ATTACH_FILES", "READ_MESSAGE_HISTORY",
        "USE_EXTERNAL_EMOJIS", "USE_APPLICATION_COMMANDS", "SEND_MESSAGES_IN_THREADS", "USE_EXTERNAL_APPS",
    )
)  # fmt: skip

_sequence = count()


def snowflake(at: float | None = None) -> str:
    """A new id, in order of time."""
    ms = int((time.time() if at is None else at) * 1000) - EPOCH_MS
    return str(ms << 22 | next(_sequence) & 0x3FFFFF)


def timestamp(at: float | None = None) -> str:
    """ISO 8601 with microseconds, as Discord writes it."""
    seconds = time.time() if at is None else at
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1e6):06}+00:00"


@dataclass
class Guild:
    """A server. `upload_limit` is in bytes."""

    data: Json
    channels: dict[str, Json] = field(default_factory=dict)
    members: dict[str, Json] = field(default_factory=dict)
    upload_limit: int = 10 * MEBIBYTE

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def roles(self) -> list[Json]:
        roles: list[Json] = self.data["roles"]
        return roles

    def permissions(self, user_id: str, channel: Json | None = None) -> int:
        """What a member may do, in a channel or in general. Source: Discord API reference, "Permissions"."""
        member = self.members.get(user_id)
        if member is None:
            return 0
        if self.data["owner_id"] == user_id:
            return ALL_PERMISSIONS
        held = {self.id, *member["roles"]}
        base = 0
        for role in self.roles:
            if role["id"] in held:
                base |= int(role["permissions"])
        if base & PERMISSIONS["ADMINISTRATOR"]:
            return ALL_PERMISSIONS
        for allow, deny in self._overwrites(channel, user_id, held):
            base = base & ~deny | allow
        return base if channel is None or base & PERMISSIONS["VIEW_CHANNEL"] else 0

    def _overwrites(self, channel: Json | None, user_id: str, held: set[str]) -> list[tuple[int, int]]:
        """(allow, deny) of @everyone, then of the member's roles together, then of the member."""
        overwrites = (channel or {}).get("permission_overwrites", [])
        steps = ({self.id}, held - {self.id}, {user_id})
        found = []
        for ids in steps:
            mine = [one for one in overwrites if one["id"] in ids]
            allow = deny = 0
            for one in mine:
                allow |= int(one["allow"])
                deny |= int(one["deny"])
            found.append((allow, deny))
        return found


@dataclass
class Stored:
    """A message with what only Discord knows of it.

    `history` has every state it was shown in, with its time; `reactions` the ids of users by emoji; `files` describes
    every file that it holds, and `shown` names those that its embeds or components show.
    """

    data: Json
    seen_by: str | None = None
    token: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    history: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    shown: dict[str, set[str]] = field(default_factory=dict)


class World:
    """Everything there is. Names in it are unique, so that people can be called by them."""

    def __init__(self) -> None:
        self.users: dict[str, Json] = {}
        self.locales: dict[str, str] = {}  # of users who chose another language than English
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Json] = {}
        self.messages: dict[str, OrderedDict[str, Stored]] = {}
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
        guild = Guild(_guild(identity, name, owner["id"]))
        self.guilds[identity] = guild
        self.add_member(guild, owner)
        return guild

    def add_role(self, guild: Guild, name: str, permissions: int = 0) -> Json:
        role = _role(snowflake(), name, permissions, position=len(guild.roles))
        guild.roles.append(role)
        return role

    def add_member(self, guild: Guild, user: Json, *roles: Json) -> Json:
        member: Json = {
            "user": user, "nick": None, "avatar": None, "banner": None, "roles": [role["id"] for role in roles],
            "joined_at": timestamp(), "premium_since": None, "deaf": False, "mute": False, "flags": 0,
            "pending": False, "communication_disabled_until": None,
        }  # fmt: skip
        guild.members[user["id"]] = member
        return member

    def add_channel(self, guild: Guild, name: str, *, nsfw: bool = False) -> Json:
        channel: Json = {
            "id": snowflake(), "type": TEXT, "guild_id": guild.id, "name": name, "position": len(guild.channels),
            "permission_overwrites": [], "nsfw": nsfw, "topic": None, "parent_id": None, "flags": 0,
            "last_message_id": None, "rate_limit_per_user": 0,
        }  # fmt: skip
        guild.channels[channel["id"]] = self.channels[channel["id"]] = channel
        return channel

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

    def guild_of(self, channel: Json) -> Guild | None:
        return self.guilds.get(channel.get("guild_id", ""))

    def permissions(self, user_id: str, channel: Json) -> int:
        guild = self.guild_of(channel)
        if guild:
            return guild.permissions(user_id, channel)
        mine = user_id == self.application_id or channel["recipients"][0]["id"] == user_id
        return EVERYONE if mine else 0

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

    def message(self, channel_id: str, message_id: str) -> Stored | None:
        return self.messages.get(channel_id, OrderedDict()).get(message_id)

    def find_message(self, message_id: str) -> Stored | None:
        return next((kept[message_id] for kept in self.messages.values() if message_id in kept), None)


def default_world() -> World:
    """Two servers with channels for every case, and members of every rank. Of two shards, each has one of them."""
    world = World()
    second = float(int(time.time()) - 1)  # an even number of milliseconds
    ada, ben, cleo, dan = (world.add_user(name) for name in ("ada", "ben", "cleo", "dan"))
    studio = world.add_guild("Studio", ada, guild_id=snowflake(second))
    world.add_member(studio, world.bot, world.add_role(studio, "SeeDream", EVERYONE))
    admin = world.add_role(studio, "Admin", PERMISSIONS["ADMINISTRATOR"] | PERMISSIONS["MANAGE_GUILD"])
    patron = world.add_role(studio, "Patron")
    world.add_member(studio, ben)
    world.add_member(studio, cleo, patron)
    world.add_member(studio, dan, admin)
    for name in ("general", "gallery"):
        world.add_channel(studio, name)
    world.add_channel(studio, "after-dark", nsfw=True)
    deny(world, world.add_channel(studio, "no-files"), "ATTACH_FILES")
    deny(world, world.add_channel(studio, "backroom"), "VIEW_CHANNEL")
    workshop = world.add_guild("Workshop", ben, guild_id=snowflake(second + 0.0015))
    workshop.upload_limit = MEBIBYTE
    world.add_member(workshop, world.bot, world.add_role(workshop, "SeeDream", EVERYONE))
    world.add_member(workshop, ada)
    world.add_channel(workshop, "small-files")
    elsewhere = world.add_guild("Elsewhere", cleo)  # the bot is no member here: only members' own installs reach it
    world.add_member(elsewhere, ada)
    world.add_channel(elsewhere, "lobby")
    return world


def deny(world: World, channel: Json, *names: str, user_id: str | None = None) -> None:
    """Take permissions from a member in a channel, the bot if none is named; with no name, give back what was taken."""
    who = user_id or world.application_id
    channel["permission_overwrites"] = [one for one in channel["permission_overwrites"] if one["id"] != who]
    if names:
        taken = sum(PERMISSIONS[name] for name in names)
        channel["permission_overwrites"].append({"id": who, "type": 1, "allow": "0", "deny": str(taken)})


def _role(identity: str, name: str, permissions: int, *, position: int) -> Json:
    return {
        "id": identity, "name": name, "permissions": str(permissions), "position": position, "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None}, "hoist": False,
        "managed": False, "mentionable": False, "icon": None, "unicode_emoji": None, "flags": 0,
    }  # fmt: skip


def _guild(identity: str, name: str, owner_id: str) -> Json:
    return {
        "id": identity, "name": name, "icon": None, "description": None, "home_header": None, "splash": None,
        "discovery_splash": None, "features": [], "banner": None, "owner_id": owner_id, "application_id": None,
        "region": "deprecated", "afk_channel_id": None, "afk_timeout": 300, "system_channel_id": None,
        "system_channel_flags": 0, "widget_enabled": False, "widget_channel_id": None, "verification_level": 0,
        "roles": [_role(identity, "@everyone", EVERYONE, position=0)], "default_message_notifications": 0,
        "mfa_level": 0, "explicit_content_filter": 0, "max_presences": None, "max_members": 500000,
        "max_stage_video_channel_users": 50, "max_video_channel_users": 25, "vanity_url_code": None,
        "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": ENGLISH, "rules_channel_id": None,
        "safety_alerts_channel_id": None, "public_updates_channel_id": None, "premium_progress_bar_enabled": False,
        "nsfw": False, "nsfw_level": 0, "emojis": [], "stickers": [], "incidents_data": None,
    }  # fmt: skip
