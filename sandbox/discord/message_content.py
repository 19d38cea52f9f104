"""What an application may read of other people's messages without the intent for their content.

Source: Discord API reference, "Message Content Intent" and "Message Structure", note 2; Discord's page "You Might Not
Need a Privileged Intent". Neither names stickers among what is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

_NOTHING: Json = {"content": "", "embeds": [], "attachments": [], "components": []}


def without_content(state: State, message: Json, guild_id: str | None) -> Json:
    """A message of that server, or of none, as an application without the intent has it.

    A message that it refers to is judged by itself.
    """
    if replied := message.get("referenced_message"):
        message = message | {"referenced_message": without_content(state, replied, guild_id)}
    return message if is_readable(state, message, guild_id) else _emptied(message)


def is_readable(state: State, message: Json, guild_id: str | None) -> bool:
    """Whether the application may read it all the same: its own, direct messages, and what mentions it."""
    if guild_id is None or message["author"]["id"] == state.world.application_id:
        return True
    if state.settings.role_mentions_read and state.world.bot_role(guild_id) in message["mention_roles"]:
        return True
    return _mentions(state, message)


def _mentions(state: State, message: Json) -> bool:
    """Whether it mentions the bot, in its text or as a reply that pings."""
    bot = state.world.application_id
    replied = message.get("referenced_message")
    if not state.settings.replies_to_commands_read and replied and "interaction_metadata" in replied:
        return f"<@{bot}>" in message["content"] or f"<@!{bot}>" in message["content"]
    return any(user["id"] == bot for user in message["mentions"])


def _emptied(message: Json) -> Json:
    """Without what its author wrote, sent and forwarded; a poll is left out."""
    emptied = {key: value for key, value in message.items() if key != "poll"} | _NOTHING
    if snapshots := message.get("message_snapshots"):
        emptied["message_snapshots"] = [{"message": one["message"] | _NOTHING} for one in snapshots]
    return emptied
