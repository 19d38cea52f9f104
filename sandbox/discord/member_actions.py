"""What a member does in a channel without an interaction: send and forward messages, with files."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.discord import messages, threads
from sandbox.discord.channel_types import THREADS, WITHOUT_MESSAGES
from sandbox.discord.client_refusals import ClientRefusal, a_list, an_object
from sandbox.discord.references import can_be_forwarded, forwarding, replying
from sandbox.discord.uploads import Upload

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json, Stored

REFERENCES = ("loaded", "deleted", "absent")


def place(state: State, user_name: str, where: object) -> tuple[Json, Json]:
    """Return the user and the channel; `where` is a channel's name or id, or "dm". Raises: ClientRefusal."""
    user = state.world.user(user_name)
    if user is None:
        raise ClientRefusal(f"There is no user {user_name}.")
    if where is None or where == "dm":
        return user, state.world.dm(user["id"])
    channel = state.world.channel(str(where))
    guild = state.world.guild_of(channel) if channel else None
    if channel is None or (guild and user["id"] not in guild.members):
        raise ClientRefusal(f"{user_name} has no channel {where}.")
    if not state.world.sees(user["id"], channel):
        raise ClientRefusal(f"{user_name} can't view {where}.")
    return user, channel


def send(state: State, user: Json, channel: Json, payload: Json, files: list[Upload], **reply: Any) -> Stored:
    """Send a message as a member; `reply` holds the arguments of `_replying`, and `ping`."""
    require_open(state, user, channel)
    pings = {"parse": ["users", "roles", "everyone"], "replied_user": reply.pop("ping", True)}
    payload = payload | {"allowed_mentions": pings}
    extra = _replying(state, channel, **reply) if reply.get("to") else {}
    stored = messages.create(state, channel, user, payload, dict(enumerate(files)), kind="create", **extra)
    if channel["type"] in THREADS:
        threads.join(state, channel, user["id"])
    return stored


def _replying(state: State, channel: Json, *, to: str, reference: str = "loaded") -> Json:
    """Return a reply's extra fields. The original may be `deleted` meanwhile, or `absent`: not looked up.

    Source: Discord API reference, "Message Structure", referenced_message.
    """
    if reference not in REFERENCES:
        raise ClientRefusal(f"reference is {reference}: it takes {', '.join(REFERENCES)}.")
    extra = replying(state, channel, {"message_id": to})
    if reference == "deleted" and (replied := state.world.message(channel["id"], to)):
        messages.remove(state, replied)
        extra["referenced_message"] = None
    return extra | {"loaded": reference != "absent"}


def require_open(state: State, user: Json, channel: Json) -> None:
    """Raise ClientRefusal if a member can't write in the channel."""
    if channel["type"] in WITHOUT_MESSAGES:
        raise ClientRefusal(f"You can't send messages in {channel['name']}: it only holds posts or channels.")
    if threads.is_locked(state, channel, user["id"]):
        raise ClientRefusal(f"{channel['name']} is locked.")


def forward(state: State, user: Json, channel: Json, stored: Stored) -> Stored:
    """Forward a message as a member."""
    require_open(state, user, channel)
    if not can_be_forwarded(stored):
        raise ClientRefusal("That message can't be forwarded.")
    origin = state.world.channels[stored.data["channel_id"]]
    if is_age_restricted(state, origin) and not is_age_restricted(state, channel):
        raise ClientRefusal("A message from an age-restricted channel can only be forwarded to another one.")
    return messages.post(state, channel, user, **forwarding(state, stored))


def is_age_restricted(state: State, channel: Json) -> bool:
    """Tell whether a channel is, or the one that a thread is in."""
    parent = state.world.channels.get(channel.get("parent_id") or "", {})
    return bool(channel.get("nsfw") or ("thread_metadata" in channel and parent.get("nsfw")))


def uploads_of(files: Any) -> dict[str, Upload]:
    """Read files of the control API: option -> {name, data (base64)} or {path}. Raises: ClientRefusal."""
    return {option: upload_of(option, file) for option, file in an_object("attachments", files).items()}


def uploads_in(data: Json) -> list[Upload]:
    """Return the files of a call's `attachments`. Raises: ClientRefusal."""
    return [upload_of("attachments", file) for file in a_list("attachments", data.get("attachments"))]


def upload_of(option: str, file: Any) -> Upload:
    try:
        if "path" in file:
            path = Path(file["path"])
            return Upload(file.get("name", path.name), path.read_bytes())
        return Upload(file["name"], base64.b64decode(file["data"], validate=True))
    except (OSError, KeyError, TypeError, binascii.Error) as error:
        raise ClientRefusal(f"{option}: that file can't be read ({error}).") from error
