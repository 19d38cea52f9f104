"""Messages as discord.py holds them, from what Discord sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

if TYPE_CHECKING:
    from discord.state import ConnectionState

AUTHOR = 40


def wire_message(identity: int = 7, **parts: Any) -> dict[str, Any]:
    author = {"id": str(AUTHOR), "username": "ada", "discriminator": "0", "avatar": None}
    return {
        "id": str(identity), "channel_id": "5", "author": author, "content": "", "edited_timestamp": None,
        "timestamp": "2026-01-01T00:00:00+00:00", "tts": False, "mention_everyone": False, "mentions": [],
        "mention_roles": [], "attachments": [], "embeds": [], "components": [], "pinned": False, "type": 0, "flags": 0,
    } | parts  # fmt: skip


def a_message(state: ConnectionState, guild: discord.Guild | None = None, **parts: Any) -> discord.Message:
    """One that was written in a server, or else as a direct message."""
    channel = discord.PartialMessageable(state=state, id=5, guild_id=guild.id if guild else None)
    return discord.Message(state=state, channel=channel, data=wire_message(**parts))
