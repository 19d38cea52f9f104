"""Removes message content that an application without the Message Content intent does not receive.

Source: Discord API reference, "Message Content Intent" and "Message Structure", note 2; Discord's page "You Might Not
Need a Privileged Intent". Neither lists stickers among the removed fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.settings import DiscordSettings
    from sandbox.discord.world import Json, World

_EMPTY: Json = {"content": "", "embeds": [], "attachments": [], "components": []}


def without_content(world: World, settings: DiscordSettings, message: Json, guild_id: str | None) -> Json:
    """Return a message as an application without the intent receives it; `guild_id` is None for direct messages.

    A referenced message is judged separately.
    """
    if replied := message.get("referenced_message"):
        message = message | {"referenced_message": without_content(world, settings, replied, guild_id)}
    return message if is_readable(world, settings, message, guild_id) else _emptied(message)


def is_readable(world: World, settings: DiscordSettings, message: Json, guild_id: str | None) -> bool:
    """Tell whether the bot receives the content without the intent: its own messages, DMs and messages that ping it."""
    if guild_id is None or message["author"]["id"] == world.application_id:
        return True
    if settings.role_mentions_read and world.bot_role(guild_id) in message["mention_roles"]:
        return True
    return _mentions_bot(world, settings, message)


def _mentions_bot(world: World, settings: DiscordSettings, message: Json) -> bool:
    """Tell whether the text mentions the bot or the reply pings it."""
    bot = world.application_id
    replied = message.get("referenced_message")
    if not settings.replies_to_commands_read and replied and "interaction_metadata" in replied:
        return f"<@{bot}>" in message["content"] or f"<@!{bot}>" in message["content"]
    return any(user["id"] == bot for user in message["mentions"])


def _emptied(message: Json) -> Json:
    """Remove what the author wrote, attached or forwarded, and any poll."""
    emptied = {key: value for key, value in message.items() if key != "poll"} | _EMPTY
    if snapshots := message.get("message_snapshots"):
        emptied["message_snapshots"] = [{"message": snapshot["message"] | _EMPTY} for snapshot in snapshots]
    return emptied
