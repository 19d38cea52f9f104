"""Servers, channels and members as discord.py holds them, from what Discord sends."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord

from cogs.delivery.channels import ConnectionState

GUILD, BOT = 10, 1
TEXT, VOICE, CATEGORY, NEWS, NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD, STAGE, FORUM, MEDIA = (
    0, 2, 4, 5, 10, 11, 12, 13, 15, 16,
)  # fmt: skip


def a_state(http: Any = None) -> ConnectionState:
    """Of a client that is logged in. The events that discord.py dispatches are in its `dispatched`."""
    client = SimpleNamespace(dispatched=[])
    state = ConnectionState(
        dispatch=lambda *event: client.dispatched.append(event), handlers={}, hooks={},
        http=http or SimpleNamespace(_HTTPClient__session=None), intents=discord.Intents(guilds=True),
        max_messages=None,
    )  # fmt: skip
    me = {"id": str(BOT), "username": "SeeDream", "discriminator": "0", "avatar": None, "flags": 0, "bot": True}
    state.user = client.user = discord.ClientUser(state=state, data=me)
    state._get_client = lambda: client
    return state


def a_channel(identity: int, kind: int = TEXT, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(identity), "type": kind, "guild_id": str(GUILD), "name": f"channel-{identity}", "position": 0,
        "permission_overwrites": [], "parent_id": None, "nsfw": False, "topic": None, "flags": 0,
        "bitrate": 64_000, "user_limit": 0, "available_tags": [],
    } | changes  # fmt: skip


def hidden(channel: dict[str, Any]) -> dict[str, Any]:
    """As Discord tells of a channel that the bot may not view."""
    closed = {"id": str(GUILD), "type": 0, "allow": "0", "deny": str(discord.Permissions(view_channel=True).value)}
    return channel | {"name": "___hidden___", "nsfw": False, "flags": 1 << 17, "permission_overwrites": [closed]}


def a_thread(identity: int, parent: int, kind: int = PUBLIC_THREAD) -> dict[str, Any]:
    return {
        "id": str(identity), "type": kind, "guild_id": str(GUILD), "parent_id": str(parent), "owner_id": "1",
        "name": "a thread", "member_count": 1, "message_count": 1, "rate_limit_per_user": 0,
        "thread_metadata": {
            "archived": False, "auto_archive_duration": 60, "archive_timestamp": "2026-01-01", "locked": False,
        },
    }  # fmt: skip


def a_guild(
    state: ConnectionState,
    *channels: dict[str, Any],
    threads: tuple[dict[str, Any], ...] = (),
    everyone: discord.Permissions | None = None,
) -> discord.Guild:
    """A server whose members may do what `everyone` may, and the bot in it."""
    may = discord.Permissions.all_channel() if everyone is None else everyone
    role = {
        "id": str(GUILD), "name": "@everyone", "permissions": str(may.value), "position": 0, "color": 0,
        "hoist": False, "managed": False, "mentionable": False, "flags": 0,
    }  # fmt: skip
    data = {"id": str(GUILD), "name": "Studio", "roles": [role], "channels": channels, "threads": threads}
    guild = discord.Guild(data=data, state=state)
    state._guilds[GUILD] = guild
    return guild


def a_member(guild: discord.Guild, identity: int) -> discord.Member:
    user = {"id": str(identity), "username": "ben", "discriminator": "0", "avatar": None}
    data = {"user": user, "roles": [], "joined_at": "2026-01-01", "flags": 0}
    return discord.Member(data=data, guild=guild, state=guild._state)
