"""Creates, edits, deletes and shows messages."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from sandbox.discord import errors, external_media, link_previews, moderation, threads
from sandbox.discord.channel_types import PRIVATE, THREADS, guild_field
from sandbox.discord.gateway_events import message_event
from sandbox.discord.rendering import render_components, render_embeds, texts
from sandbox.discord.rules import check_message
from sandbox.discord.rules.filenames import referenced
from sandbox.discord.stickers_and_polls import stickers_and_poll
from sandbox.discord.uploads import attach, renewed
from sandbox.discord.world import Stored, snowflake, timestamp

if TYPE_CHECKING:
    from sandbox.discord.rules import Kind
    from sandbox.discord.state import State
    from sandbox.discord.uploads import Upload
    from sandbox.discord.world import Json

EPHEMERAL, LOADING, VOICE, V2 = 64, 128, 1 << 13, 1 << 15
_SETTABLE = EPHEMERAL | VOICE | V2 | 4 | 4096
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
    """Check a new message, store it and send its event. Raises: DiscordError."""
    check(state, channel, author, payload, files, kind=kind)
    ephemeral = seen_by is not None
    held = _attached(state, channel["id"], payload.get("attachments"), files, {}, rest=True, ephemeral=ephemeral)
    return _post(state, channel, author, payload, held, seen_by, extra)


def check(state: State, channel: Json, author: Json, payload: Any, files: Uploads, *, kind: Kind) -> None:
    """Check a new message. Raises: DiscordError."""
    errors.refuse(check_message(payload, files={n: upload.name for n, upload in files.items()}, kind=kind))
    if author["id"] == state.world.application_id:
        moderation.check(state, channel, payload)


def post(state: State, channel: Json, author: Json, *, files: list[Json] | None = None, **extra: Any) -> Stored:
    """Post a message without checks: existing files, and the fields in `extra`."""
    return _post(state, channel, author, {}, files or [], None, extra)


def _post(
    state: State, channel: Json, author: Json, payload: Json, files: list[Json], seen_by: str | None, extra: Json
) -> Stored:
    threads.posted(state, channel)
    token, added, loaded = extra.pop("token", None), extra.pop("flags", 0), extra.pop("loaded", True)
    message: Json = {
        "id": snowflake(), "channel_id": channel["id"], "author": author, "content": payload.get("content") or "",
        "timestamp": timestamp(), "edited_timestamp": None, "tts": bool(payload.get("tts")), "pinned": False,
        "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": [],
        "embeds": render_embeds(payload.get("embeds"), files),
        "components": render_components(payload.get("components"), files),
        "flags": payload.get("flags", 0) & _SETTABLE | added, "type": 0,
        **stickers_and_poll(state, payload), **extra,
    }  # fmt: skip
    if payload.get("nonce") is not None:
        message["nonce"] = payload["nonce"]
    stored = Stored(message, seen_by, token, files=files, loaded=loaded)
    _list_attachments(state, stored, payload)
    external_media.resolve(state, stored, dispatch_update)
    link_previews.unfurl(state, stored, dispatch_update)
    _mention(state, stored, payload)
    state.world.put(stored)
    _record(state, stored, "MESSAGE_CREATE")
    return stored


def edit(state: State, stored: Stored, payload: Any, files: Uploads, *, kind: Kind = "edit") -> Stored:
    """Replace the given fields of a message; attachments that are not listed are removed. Raises: DiscordError."""
    message = stored.data
    names = {n: upload.name for n, upload in files.items()}
    existing = message | {"attachments": stored.files}
    unlisted = state.settings.unlisted_uploads
    errors.refuse(check_message(payload, files=names, kind=kind, existing=existing, unlisted=unlisted))
    payload = payload or {}
    kept = {file["id"]: file for file in stored.files}
    moderation.check(state, state.world.channels[message["channel_id"]], payload, kept)
    listed = payload.get("attachments")
    if listed is not None or files:
        rest, ephemeral = listed is None or kind == "webhook", stored.seen_by is not None
        stored.files = _attached(state, message["channel_id"], listed, files, kept, rest=rest, ephemeral=ephemeral)
    if "content" in payload:
        message["content"] = payload["content"] or ""
    if "embeds" in payload:
        message["embeds"] = render_embeds(payload["embeds"], stored.files)
    if "components" in payload:
        message["components"] = render_components(payload["components"], stored.files)
        external_media.resolve(state, stored, dispatch_update)
    _list_attachments(state, stored, payload)
    message["flags"] = (message["flags"] | payload.get("flags", 0) & _SETTABLE) & ~LOADING
    if payload.keys() & {"content", "embeds", "flags"}:
        link_previews.unfurl(state, stored, dispatch_update)
    message["edited_timestamp"] = timestamp()
    _mention(state, stored, payload, ping=False)
    _record(state, stored, "MESSAGE_UPDATE")
    return stored


def remove(state: State, stored: Stored) -> None:
    message = stored.data
    state.world.messages[message["channel_id"]].pop(message["id"], None)
    stored.history.append({"at": time.time(), "deleted": True})
    channel = state.world.channels[message["channel_id"]]
    event = {"id": message["id"], "channel_id": message["channel_id"]} | guild_field(channel)
    if channel["type"] in THREADS:
        channel["message_count"] -= 1
    if stored.seen_by is None:
        state.dispatch_in(channel, "MESSAGE_DELETE", event)
    state.emit("message_delete", event | {"seen_by": stored.seen_by})


def require(state: State, channel: Json, *names: str) -> None:
    """Require permissions of the bot in a channel; in threads, SEND_MESSAGES has another name. Raises: DiscordError."""
    bot = state.world.application_id
    if not state.world.sees(bot, channel):
        raise errors.missing_access()
    if channel["type"] in THREADS:
        names = tuple(name.replace("SEND_MESSAGES", "SEND_MESSAGES_IN_THREADS") for name in names)
    if channel["type"] not in PRIVATE and not all(state.world.may(bot, channel, name) for name in names):
        raise errors.missing_permissions()


def loading(state: State, channel: Json, *, seen_by: str | None, token: str, **extra: Any) -> Stored:
    """Post the "is thinking..." message of a deferred response."""
    flags = LOADING | (EPHEMERAL if seen_by else 0)
    return _post(state, channel, state.world.bot, {}, [], seen_by, {"token": token, "flags": flags} | extra)


def without_its_own(state: State, replied: Stored) -> Json:
    """Describe a referenced message, which comes without its own referenced message, as on Discord."""
    return {key: value for key, value in seen(state, replied).items() if key != "referenced_message"}


def seen(state: State, stored: Stored) -> Json:
    """Describe a message as clients receive it, with fresh links."""
    message: Json = renewed(state, stored.data)
    if not stored.loaded:
        message.pop("referenced_message", None)
    if message.get("referenced_message"):  # its current state; null if it was deleted
        origin = message["message_reference"]["channel_id"]
        replied = state.world.message(origin, message["referenced_message"]["id"])
        message["referenced_message"] = without_its_own(state, replied) if replied else None
    return message


def known(state: State, stored: Stored) -> Json:
    """Describe a message for the control API, with all of its files and who has reacted."""
    reacted = {emoji: list(users) for emoji, users in stored.reactions.items()}
    return seen(state, stored) | {"files": renewed(state, stored.files), "reacted": reacted}


# --- attachments ----------------------------------------------------------------------------------------------------


def _attached(
    state: State,
    channel_id: str,
    listed: list[Json] | None,
    files: Uploads,
    kept: dict[str, Json],
    *,
    rest: bool,
    ephemeral: bool,
) -> list[Json]:
    """Return the files that a message will have: those that are listed, and with `rest` every other upload.

    An edit removes what it does not list. One that uploads files without listing any keeps no old file.
    Source: Discord API reference, "Editing Message Attachments"; api-docs #5170.
    """
    held, new = [], dict(files)
    for described in listed or ():
        identity = str(described["id"])
        if identity in kept:
            held.append(_described(kept[identity], described))
        elif upload := new.pop(int(identity), None):
            held.append(attach(state, channel_id, upload, described, ephemeral=ephemeral))
    others = new.values() if rest else ()
    return held + [attach(state, channel_id, upload, {}, ephemeral=ephemeral) for upload in others]


def _described(file: Json, attachment: Json) -> Json:
    return file | ({"description": attachment["description"]} if attachment.get("description") else {})


def _list_attachments(state: State, stored: Stored, payload: Json) -> None:
    """Set `attachments` to the files that neither embeds nor components show. Source: api-docs #8277, #8279."""
    for part in ("embeds", "components"):
        if part in payload:
            stored.shown[part] = set(referenced(payload[part]))
    hidden = set().union(*stored.shown.values()) if state.settings.hide_attachments else set()
    stored.data["attachments"] = [file for file in stored.files if file["filename"] not in hidden]


# --- mentions and events -------------------------------------------------------------------------------------------


def _mention(state: State, stored: Stored, payload: Any, *, ping: bool = True) -> None:
    """Set whom a message mentions, and record who is notified, as far as `allowed_mentions` permits."""
    message = stored.data
    text = "\n".join((message["content"], *texts(message["components"])))
    allowed = (payload or {}).get("allowed_mentions")
    users = set(_MENTION.findall(text)) & state.world.users.keys()
    if replied_to := _replied_author(message, allowed):
        users.add(replied_to)
    parse = set(allowed.get("parse") or ()) if allowed is not None else {"users", "roles", "everyone"}
    named = {str(user) for user in (allowed or {}).get("users") or ()}
    notified = {user for user in users if "users" in parse or user in named or user == replied_to}
    # Users who are named without being notified are not in `mentions`: clients look them up themselves.
    known = state.world.users  # webhooks are not users
    message["mentions"] = [known[user] for user in sorted(notified) if user in known]
    everyone = "everyone" in parse and bool(_EVERYONE_MENTION.search(text))
    roles = _roles_in(state, message["channel_id"], text) if "roles" in parse else []
    message["mention_everyone"], message["mention_roles"] = everyone, roles
    if ping and (notified or everyone or roles):
        state.pings.append({"message": message["id"], "users": sorted(notified), "everyone": everyone, "roles": roles})


def _roles_in(state: State, channel_id: str, text: str) -> list[str]:
    """Return the server's roles that a text mentions."""
    guild = state.world.guild_of(state.world.channels[channel_id])
    known = {role["id"] for role in guild.roles} if guild else set()
    return [role for role in dict.fromkeys(_ROLE_MENTION.findall(text)) if role in known]


def _replied_author(message: Json, allowed: Json | None) -> str | None:
    """Return the author whom a reply mentions, if `allowed_mentions` permits it."""
    replied = message.get("referenced_message")
    if not replied or not (allowed is None or allowed.get("replied_user")):
        return None
    return str(replied["author"]["id"])


def dispatch_update(state: State, stored: Stored) -> None:
    _record(state, stored, "MESSAGE_UPDATE")


def _record(state: State, stored: Stored, event: str) -> None:
    message = stored.data
    if len(stored.history) < MOST_STATES_KEPT:
        stored.history.append({"at": time.time(), "message": known(state, stored)})
    if stored.seen_by is None:
        channel = state.world.channels[message["channel_id"]]
        state.dispatch_in(channel, event, message_event(state, seen(state, stored)))
    state.emit(event.lower(), {"message": known(state, stored), "seen_by": stored.seen_by})
