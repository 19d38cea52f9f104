"""Messages that refer to another: replies to it, and forwards of it.

Source: Discord API reference, "Message Reference Types" and "Message Snapshot".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors, messages

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json, Stored

FORWARD = 1
_IN_A_SNAPSHOT = (
    "type", "content", "embeds", "attachments", "timestamp", "edited_timestamp", "flags", "mentions", "mention_roles",
    "components",
)  # fmt: skip


def referring(state: State, channel: Json, reference: Json | None) -> Json:
    """What a message of the bot has that refers to another. Raises: DiscordError where that one is not there."""
    if not isinstance(reference, dict) or not reference:
        return {}
    if reference.get("type") != FORWARD:
        return replying(state, channel, reference)
    origin = state.world.channels.get(str(reference.get("channel_id")))
    if origin is None:
        raise errors.unknown_channel()
    messages.require(state, origin, "READ_MESSAGE_HISTORY")
    stored = state.world.message(origin["id"], str(reference.get("message_id")))
    if stored is None or stored.seen_by is not None:
        raise errors.unknown_message()
    return forwarding(state, stored)


def replying(state: State, channel: Json, reference: Json) -> Json:
    """What a reply has besides. Raises: DiscordError where the message replied to is not there."""
    replied = state.world.message(channel["id"], str(reference.get("message_id")))
    if replied is None or replied.seen_by is not None:
        if reference.get("fail_if_not_exists") is False:
            return {}
        field = {"_errors": [{"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}]}
        body = {"code": 50035, "message": "Invalid Form Body", "errors": {"message_reference": field}}
        raise errors.DiscordError(400, 50035, "Invalid Form Body", body)
    place = {"guild_id": channel["guild_id"]} if "guild_id" in channel else {}
    full = {"type": 0, "message_id": replied.data["id"], "channel_id": channel["id"]} | place
    return {"type": 19, "message_reference": full, "referenced_message": messages.without_its_own(state, replied)}


def forwarding(state: State, stored: Stored) -> Json:
    """What a forward has besides: a snapshot of the message, without its author."""
    shown = messages.seen(state, stored)
    origin = state.world.channels[shown["channel_id"]]
    place = {"guild_id": origin["guild_id"]} if "guild_id" in origin else {}
    reference = {"type": FORWARD, "message_id": shown["id"], "channel_id": shown["channel_id"]} | place
    snapshot = {key: shown[key] for key in _IN_A_SNAPSHOT}
    return {"message_reference": reference, "message_snapshots": [{"message": snapshot}]}
