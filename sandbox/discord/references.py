"""Messages that refer to another message: replies, forwards, crossposts and pin notices.

Source: Discord API reference, "Message Reference Types", "Message Reference Content Attribution", "Message Snapshot".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors, messages
from sandbox.discord.channel_types import guild_field
from sandbox.discord.message_content import is_readable
from sandbox.discord.world import timestamp

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json, Stored

FORWARD = 1
PINNED = 6  # a type of message
CROSSPOSTED, IS_CROSSPOST, HAS_SNAPSHOT = 1 << 0, 1 << 1, 1 << 14
_FORWARDED_TYPES = {0, 19, 20, 23}
_IN_A_SNAPSHOT = (
    "type", "content", "embeds", "attachments", "timestamp", "edited_timestamp", "flags", "mentions", "mention_roles",
    "sticker_items", "components",
)  # fmt: skip


def referring(state: State, channel: Json, reference: Json | None) -> Json:
    """Return the reference fields of the bot's message. Raises: DiscordError if the other message does not exist."""
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
    if not can_be_forwarded(stored):
        raise errors.wrong_message_type()
    seen, guild_id = messages.seen(state, stored), origin.get("guild_id")
    if not (state.settings.message_content or is_readable(state.world, state.settings, seen, guild_id)):
        raise errors.named("unreadable_forward")
    return forwarding(state, stored)


def replying(state: State, channel: Json, reference: Json) -> Json:
    """Return a reply's extra fields. Raises: DiscordError if the original does not exist."""
    replied = state.world.message(channel["id"], str(reference.get("message_id")))
    if replied is None or replied.seen_by is not None:
        if reference.get("fail_if_not_exists") is False:
            return {}
        field = {"_errors": [{"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}]}
        body = {"code": 50035, "message": "Invalid Form Body", "errors": {"message_reference": field}}
        raise errors.DiscordError(400, 50035, "Invalid Form Body", body)
    referenced = messages.without_its_own(state, replied)
    return {"type": 19, "message_reference": _reference(channel, replied), "referenced_message": referenced}


def _reference(channel: Json, stored: Stored, kind: int = 0) -> Json:
    """Return a reference to a message of a channel."""
    return {"type": kind, "message_id": stored.data["id"], "channel_id": channel["id"]} | guild_field(channel)


def can_be_forwarded(stored: Stored) -> bool:
    """Tell whether a message can be forwarded: system messages and polls can't."""
    return stored.data["type"] in _FORWARDED_TYPES and "poll" not in stored.data


def forwarding(state: State, stored: Stored) -> Json:
    """Return a forward's extra fields: a snapshot without the author; a forwarded forward keeps its snapshot."""
    shown = messages.seen(state, stored)
    reference = _reference(state.world.channels[shown["channel_id"]], stored, FORWARD)
    snapshot = {key: shown[key] for key in _IN_A_SNAPSHOT if key in shown}
    snapshots = shown.get("message_snapshots") or [{"message": snapshot}]
    return {"message_reference": reference, "message_snapshots": snapshots, "flags": HAS_SNAPSHOT}


def crosspost(state: State, stored: Stored, channel: Json, webhook: Json) -> Stored:
    """Publish an announcement in a following channel, as that channel's webhook."""
    origin = state.world.channels[stored.data["channel_id"]]
    stored.data["flags"] |= CROSSPOSTED
    messages.dispatch_update(state, stored)
    copied = {key: stored.data[key] for key in ("content", "embeds", "components")}
    return messages.post(
        state, channel, webhook, files=list(stored.files), flags=IS_CROSSPOST, webhook_id=webhook["id"],
        message_reference=_reference(origin, stored), **copied,
    )  # fmt: skip


def pin(state: State, stored: Stored, user: Json) -> Stored:
    """Pin a message. Return the system message about it."""
    channel = state.world.channels[stored.data["channel_id"]]
    stored.data["pinned"] = True
    messages.dispatch_update(state, stored)
    pinned = {"channel_id": channel["id"], "last_pin_timestamp": timestamp()} | guild_field(channel)
    state.dispatch_in(channel, "CHANNEL_PINS_UPDATE", pinned)
    return messages.post(state, channel, user, type=PINNED, message_reference=_reference(channel, stored))
