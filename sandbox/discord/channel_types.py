"""Describes channels of every type. Source: Discord API reference, "Channel Resource"."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

TEXT, DM, VOICE, GROUP, CATEGORY, ANNOUNCEMENT = 0, 1, 2, 3, 4, 5
ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD = 10, 11, 12
STAGE, FORUM, MEDIA = 13, 15, 16
THREADS = {ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD}
VOICES = {VOICE, STAGE}
FORUMS = {FORUM, MEDIA}
PRIVATE = {DM, GROUP}
WITHOUT_MESSAGES = {CATEGORY, *FORUMS}
NAMES = {
    "text": TEXT, "voice": VOICE, "category": CATEGORY, "announcement": ANNOUNCEMENT, "stage": STAGE, "forum": FORUM,
    "media": MEDIA,
}  # fmt: skip
OBFUSCATED = 1 << 17
DAY_MINUTES = 1440

_OF_VOICE: Json = {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
_OF_FORUM: Json = {
    "available_tags": [], "default_reaction_emoji": None, "default_sort_order": None, "default_forum_layout": 0,
}  # fmt: skip


def guild_channel(identity: str, kind: int, guild_id: str, name: str, *, position: int, nsfw: bool) -> Json:
    channel: Json = {
        "id": identity, "type": kind, "guild_id": guild_id, "name": name, "position": position,
        "permission_overwrites": [], "nsfw": nsfw, "topic": None, "parent_id": None, "flags": 0,
        "last_message_id": None, "rate_limit_per_user": 0,
    }  # fmt: skip
    return channel | (_OF_VOICE if kind in VOICES else {}) | (_OF_FORUM if kind in FORUMS else {})


def guild_field(channel: Json) -> Json:
    """Return the `guild_id` field of an object in this channel: none in direct messages and groups."""
    return {"guild_id": channel["guild_id"]} if "guild_id" in channel else {}


def thread(identity: str, kind: int, parent: Json, name: str, *, owner_id: str, at: str) -> Json:
    """Describe a thread. Overwrites and age restriction are those of its parent."""
    private = {"invitable": True} if kind == PRIVATE_THREAD else {}
    return {
        "id": identity, "type": kind, "guild_id": parent["guild_id"], "parent_id": parent["id"], "owner_id": owner_id,
        "name": name, "last_message_id": None, "message_count": 0, "member_count": 0, "total_message_sent": 0,
        "rate_limit_per_user": 0, "flags": 0,
        "thread_metadata": {
            "archived": False, "auto_archive_duration": DAY_MINUTES, "archive_timestamp": at, "locked": False,
            "create_timestamp": at, **private,
        },
    } | ({"applied_tags": []} if parent["type"] in FORUMS else {})  # fmt: skip


def obfuscated(channel: Json, everyone_id: str, view_channel: int) -> Json:
    """Hide a channel from a bot that can't view it. Source: api-docs #8454 and its change log entry."""
    hidden = {"id": everyone_id, "type": 0, "allow": "0", "deny": str(view_channel)}
    return channel | {
        "name": "___hidden___", "topic": None, "last_message_id": None, "nsfw": False, "rate_limit_per_user": 0,
        "flags": channel["flags"] | OBFUSCATED, "permission_overwrites": [hidden],
    }  # fmt: skip
