"""Messages: made from what was sent, changed by what is sent later, and seen by whom they are for."""

from __future__ import annotations

import re
import time
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from sandbox.discord import errors
from sandbox.discord.drawn import drawn, embedded, texts
from sandbox.discord.events import message_event
from sandbox.discord.rules import check_message
from sandbox.discord.uploads import attach, signed
from sandbox.discord.world import PERMISSIONS, Stored, snowflake, timestamp

if TYPE_CHECKING:
    from sandbox.discord.rules import Kind
    from sandbox.discord.state import State
    from sandbox.discord.uploads import Upload
    from sandbox.discord.world import Json

EPHEMERAL, LOADING, V2 = 64, 128, 1 << 15
_SETTABLE = EPHEMERAL | V2 | 4 | 4096
_MENTION = re.compile(r"(?<!\\)<@!?(\d+)>")
_ROLE_MENTION = re.compile(r"(?<!\\)<@&(\d+)>")
_EVERYONE_MENTION = re.compile(r"@(?:everyone|here)\b")
MOST_STATES_KEPT = 100

Uploads = dict[int, "Upload"]


def create(
    state: State,
    channel: Json,
    author: Json,
    payload: Any,
    files: Uploads,
    *,
    kind: Kind,
    seen_by: str | None = None,
    **extra: Any,
) -> Stored:
    """A new message, judged by the rules, stored and told to everybody. Raises: DiscordError."""
    errors.refuse(check_message(payload, files={n: one.name for n, one in files.items()}, kind=kind))
    attachments = _attached(state, channel["id"], payload, files, kept={})
    return _post(state, channel, author, payload, attachments, seen_by, extra)


def post(state: State, channel: Json, author: Json, **extra: Any) -> Stored:
    """A new message that holds nothing but what is in `extra`."""
    return _post(state, channel, author, {}, [], None, extra)


def _post(
    state: State, channel: Json, author: Json, payload: Json, attachments: list[Json], seen_by: str | None, extra: Json
) -> Stored:
    token, added = extra.pop("token", None), extra.pop("flags", 0)
    message: Json = {
        "id": snowflake(), "channel_id": channel["id"], "author": author, "content": payload.get("content") or "",
        "timestamp": timestamp(), "edited_timestamp": None, "tts": bool(payload.get("tts")), "pinned": False,
        "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": attachments,
        "embeds": embedded(payload.get("embeds"), attachments),
        "components": drawn(payload.get("components"), attachments),
        "flags": payload.get("flags", 0) & _SETTABLE | added, "type": 0, **extra,
    }  # fmt: skip
    if payload.get("nonce") is not None:
        message["nonce"] = payload["nonce"]
    stored = Stored(message, seen_by, token)
    _mention(state, stored, payload)
    state.world.put(stored)
    _changed(state, stored, "MESSAGE_CREATE")
    return stored


def edit(state: State, stored: Stored, payload: Any, files: Uploads, *, kind: Kind = "edit") -> Stored:
    """Change a message: what is named is replaced, kept attachments are those that are listed. Raises: DiscordError."""
    message = stored.data
    names = {n: one.name for n, one in files.items()}
    errors.refuse(check_message(payload, files=names, kind=kind, existing=message))
    payload = payload or {}
    if "attachments" in payload or files:
        kept = {one["id"]: one for one in message["attachments"]}
        message["attachments"] = _attached(state, message["channel_id"], payload, files, kept=kept)
    if "content" in payload:
        message["content"] = payload["content"] or ""
    if "embeds" in payload:
        message["embeds"] = embedded(payload["embeds"], message["attachments"])
    if "components" in payload:
        message["components"] = drawn(payload["components"], message["attachments"])
    message["flags"] = (message["flags"] | payload.get("flags", 0) & _SETTABLE) & ~LOADING
    message["edited_timestamp"] = timestamp()
    _mention(state, stored, payload, ping=False)
    _changed(state, stored, "MESSAGE_UPDATE")
    return stored


def remove(state: State, stored: Stored) -> None:
    message = stored.data
    state.world.messages[message["channel_id"]].pop(message["id"], None)
    stored.history.append({"at": time.time(), "deleted": True})
    guild_id = state.world.channels[message["channel_id"]].get("guild_id")
    event = {"id": message["id"], "channel_id": message["channel_id"]} | ({"guild_id": guild_id} if guild_id else {})
    if stored.seen_by is None:
        state.dispatch("MESSAGE_DELETE", event, guild_id=guild_id)
    state.emit("message_delete", event | {"seen_by": stored.seen_by})


def require(state: State, channel: Json, *names: str) -> None:
    """The bot's permissions in a channel. Raises: DiscordError."""
    permissions = state.world.permissions(state.world.application_id, channel)
    if not permissions & PERMISSIONS["VIEW_CHANNEL"]:
        raise errors.missing_access()
    if any(not permissions & PERMISSIONS[name] for name in names):
        raise errors.missing_permissions()


def loading(state: State, channel: Json, *, seen_by: str | None, token: str, **extra: Any) -> Stored:
    """The "is thinking..." message of a deferred answer."""
    flags = LOADING | (EPHEMERAL if seen_by else 0)
    return _post(state, channel, state.world.bot, {}, [], seen_by, {"token": token, "flags": flags} | extra)


def without_its_own(state: State, replied: Stored) -> Json:
    """As with Discord, a message replied to comes without the one that it replies to itself."""
    return {key: value for key, value in seen(state, replied).items() if key != "referenced_message"}


def seen(state: State, stored: Stored) -> Json:
    """A message as a person's client has it: with links that live."""
    message = deepcopy(stored.data)
    for attachment in message["attachments"]:
        path = attachment["url"].removeprefix(state.cdn_url + "/").split("?")[0]
        attachment["url"] = signed(state, path)
    if message.get("referenced_message"):  # as it is now: null, once it was deleted
        replied = state.world.message(message["channel_id"], message["referenced_message"]["id"])
        message["referenced_message"] = without_its_own(state, replied) if replied else None
    return message


# --- attachments ----------------------------------------------------------------------------------------------------


def _attached(state: State, channel_id: str, payload: Any, files: Uploads, *, kept: dict[str, Json]) -> list[Json]:
    """The attachments that a message has after this, in the order in which they are named."""
    listed = (payload or {}).get("attachments")
    if listed is None:
        listed = [*kept.values(), *({"id": number} for number in files)]
    attachments, used = [], set()
    for named in listed:
        identity = str(named.get("id"))
        if identity in kept:
            attachments.append(kept[identity])
        elif identity.isdigit() and int(identity) in files:
            used.add(int(identity))
            attachments.append(attach(state, channel_id, files[int(identity)], named))
    attachments += [attach(state, channel_id, one, {}) for number, one in files.items() if number not in used]
    return attachments


# --- mentions and telling -------------------------------------------------------------------------------------------


def _mention(state: State, stored: Stored, payload: Any, *, ping: bool = True) -> None:
    """Whom a message mentions, and who is notified by it: only those that `allowed_mentions` lets through."""
    message = stored.data
    text = "\n".join((message["content"], *texts(message["components"])))
    allowed = (payload or {}).get("allowed_mentions")
    users = set(_MENTION.findall(text)) & state.world.users.keys()
    if replied_to := _answered_to(message, allowed):
        users.add(replied_to)
    parse = set(allowed.get("parse") or ()) if allowed is not None else {"users", "roles", "everyone"}
    named = {str(user) for user in (allowed or {}).get("users") or ()}
    notified = {user for user in users if "users" in parse or user in named or user == replied_to}
    # Whom the message names without notifying is no part of its mentions: clients look such users up themselves.
    message["mentions"] = [state.world.users[user] for user in sorted(notified)]
    everyone = "everyone" in parse and bool(_EVERYONE_MENTION.search(text))
    roles = _ROLE_MENTION.findall(text) if "roles" in parse else []
    message["mention_everyone"], message["mention_roles"] = everyone, roles
    if ping and (notified or everyone or roles):
        state.pings.append({"message": message["id"], "users": sorted(notified), "everyone": everyone, "roles": roles})


def _answered_to(message: Json, allowed: Json | None) -> str | None:
    """The author whom a reply mentions: unless it is told not to, or `allowed_mentions` does not say so."""
    replied = message.get("referenced_message")
    if not replied or not (allowed is None or allowed.get("replied_user")):
        return None
    return str(replied["author"]["id"])


def _changed(state: State, stored: Stored, event: str) -> None:
    message = stored.data
    if len(stored.history) < MOST_STATES_KEPT:
        stored.history.append({"at": time.time(), "message": deepcopy(message)})
    if stored.seen_by is None:
        guild_id = state.world.channels[message["channel_id"]].get("guild_id")
        state.dispatch(event, message_event(state, message), guild_id=guild_id)
    state.emit(event.lower(), {"message": message, "seen_by": stored.seen_by})
