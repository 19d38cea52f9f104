"""Serves channels and their messages to the bot. Source: Discord API reference, "Message"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import errors, messages, threads
from sandbox.discord.channel_types import THREADS, WITHOUT_MESSAGES
from sandbox.discord.message_content import without_content
from sandbox.discord.references import referring
from sandbox.discord.rest import NEWEST, answer, body_of, named, nothing, number, state_of

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json, Stored

routes = web.RouteTableDef()


def channel_of(request: web.Request, *needed: str) -> tuple[State, Json]:
    state = state_of(request)
    channel = state.world.channels.get(request.match_info["channel_id"])
    if channel is None:
        raise errors.unknown_channel()
    messages.require(state, channel, *needed)
    return state, channel


def message_of(request: web.Request, *needed: str) -> tuple[State, Json, Stored]:
    state, channel = channel_of(request, *needed)
    stored = state.world.message(channel["id"], request.match_info["message_id"])
    if stored is None or stored.seen_by is not None:
        raise errors.unknown_message()
    return state, channel, stored


@routes.get("/channels/{channel_id}")
async def channel(request: web.Request) -> web.Response:
    state, channel = channel_of(request)
    return answer(threads.described(state, channel) if channel["type"] in THREADS else channel)


@routes.get("/channels/{channel_id}/messages")
async def get_messages(request: web.Request) -> web.Response:
    state, channel = channel_of(request, "READ_MESSAGE_HISTORY")
    stored = [message for message in state.world.messages.get(channel["id"], {}).values() if message.seen_by is None]
    limit = number(request, "limit", 50, 1, 100)
    if "around" in request.query:
        middle = number(request, "around", 0)
        chosen = [message for message in stored if int(message.data["id"]) <= middle][-(limit // 2 + 1) :]
        chosen += [message for message in stored if int(message.data["id"]) > middle][: limit - len(chosen)]
    elif "after" in request.query:  # the nearest ones
        after = number(request, "after", 0)
        chosen = [message for message in stored if int(message.data["id"]) > after][:limit]
    else:
        before = number(request, "before", NEWEST)
        chosen = [message for message in stored if int(message.data["id"]) < before][-limit:]
    return answer([_read(state, message) for message in reversed(chosen)])


@routes.get("/channels/{channel_id}/messages/{message_id}")
async def get_message(request: web.Request) -> web.Response:
    state, _, stored = message_of(request, "READ_MESSAGE_HISTORY")
    return answer(_read(state, stored))


def _read(state: State, stored: Stored) -> Json:
    """Describe a message to the bot; the Message Content intent applies to REST as well."""
    message = messages.seen(state, stored)
    if state.settings.message_content:
        return message
    guild_id = state.world.channels[message["channel_id"]].get("guild_id")
    return without_content(state.world, state.settings, message, guild_id)


@routes.post("/channels/{channel_id}/messages")
async def post_message(request: web.Request) -> web.Response:
    state, channel = channel_of(request, "SEND_MESSAGES")
    if channel["type"] in WITHOUT_MESSAGES:
        raise errors.no_text_channel()
    threads.require_unlocked(state, channel)
    payload, files = await body_of(request, state.world.limit(channel))
    if files:
        messages.require(state, channel, "ATTACH_FILES")
    fields = named(payload)
    if known := _posted_before(state, fields):
        return answer(_read(state, known))
    extra = referring(state, channel, fields.get("message_reference"))
    stored = messages.create(state, channel, state.world.bot, payload, files, kind="create", **extra)
    if channel["type"] in THREADS:
        threads.join(state, channel, state.world.application_id)
    if fields.get("enforce_nonce"):
        state.nonces.keep(state.world.application_id, fields.get("nonce"), stored.data["id"])
    return answer(_read(state, stored))


def _posted_before(state: State, fields: Json) -> Stored | None:
    """Return the bot's message with the same nonce. Raises: DiscordError if it was deleted since."""
    if not fields.get("enforce_nonce") or fields.get("nonce") is None:
        return None
    identity = state.nonces.message(state.world.application_id, fields["nonce"], state.settings.nonce_life)
    if identity is None:
        return None
    stored = state.world.find_message(identity)
    if stored is None:
        raise errors.unknown_message()
    return stored


@routes.patch("/channels/{channel_id}/messages/{message_id}")
async def patch_message(request: web.Request) -> web.Response:
    state, channel, stored = message_of(request)
    if stored.data["author"]["id"] != state.world.application_id:
        raise errors.not_the_author()
    threads.require_unarchived(channel)
    threads.require_unlocked(state, channel)
    payload, files = await body_of(request, state.world.limit(channel))
    if files:
        messages.require(state, channel, "ATTACH_FILES")
    return answer(_read(state, messages.edit(state, stored, payload, files)))


@routes.delete("/channels/{channel_id}/messages/{message_id}")
async def delete_message(request: web.Request) -> web.Response:
    state, channel, stored = message_of(request)
    if stored.data["author"]["id"] != state.world.application_id:
        messages.require(state, channel, "MANAGE_MESSAGES")
    if threads.is_locked(state, channel, state.world.application_id):
        threads.require_unarchived(channel)
    messages.remove(state, stored)
    return nothing()


@routes.post("/channels/{channel_id}/typing")
async def typing(request: web.Request) -> web.Response:
    state, channel = channel_of(request)
    state.emit("typing", {"channel": channel["id"]})
    return nothing()
