"""Shows the world, messages, logs and sessions, and waits until something happens."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord import commands
from sandbox.discord.channel_types import GROUP
from sandbox.discord.client_refusals import ClientRefusal
from sandbox.discord.control.common import (
    LONGEST_WAIT,
    interaction_named,
    message_named,
    number_of,
    place_of,
    shown,
)
from sandbox.discord.rendering import texts, walk
from sandbox.discord.rest import answer, state_of

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json, Stored

routes = web.RouteTableDef()


@routes.get("/control/world")
async def world(request: web.Request) -> web.Response:
    world = state_of(request).world
    return answer({
        "bot": world.bot, "users": list(world.users.values()), "locales": world.locales,
        "cdn": state_of(request).cdn_url,
        "groups": [channel for channel in world.channels.values() if channel["type"] == GROUP],
        "thread_members": {thread: list(members) for thread, members in world.thread_members.items()},
        "dms": {user_id: world.dm(user_id)["id"] for user_id, user in world.users.items() if not user.get("bot")},
        "guilds": [
            guild.data | {
                "channels": list(guild.channels.values()), "members": list(guild.members.values()),
                "threads": world.threads_of(guild), "upload_limit": guild.upload_limit,
            }
            for guild in world.guilds.values()
        ],
    })  # fmt: skip


@routes.get("/control/commands")
async def list_commands(request: web.Request) -> web.Response:
    """List the commands that a user is offered in a channel, in the user's language."""
    state = state_of(request)
    user, channel = place_of(state, request.query)
    locale = state.world.locale_of(user["id"])
    return answer([commands.localized(command, locale) for command in commands.commands_in(state, user, channel)])


@routes.get("/control/messages")
async def list_messages(request: web.Request) -> web.Response:
    """List the messages of a channel as a user sees them."""
    state = state_of(request)
    user, channel = place_of(state, request.query)
    return answer([shown(state, stored) for stored in _visible_to(state, user, channel)])


@routes.get("/control/messages/{message_id}")
async def message_history(request: web.Request) -> web.Response:
    """Return a message with every state that it was shown in."""
    state = state_of(request)
    stored = message_named(state, request.match_info["message_id"])
    return answer({"message": shown(state, stored), "history": stored.history})


@routes.get("/control/log")
async def log(request: web.Request) -> web.Response:
    return answer(list(state_of(request).log))


@routes.post("/control/log/clear")
async def clear_log(request: web.Request) -> web.Response:
    state_of(request).log.clear()
    return answer({})


@routes.get("/control/pings")
async def pings(request: web.Request) -> web.Response:
    """List who was notified by which message."""
    return answer(list(state_of(request).pings))


@routes.get("/control/gateway")
async def gateway(request: web.Request) -> web.Response:
    """List the sessions, and what is left of the day's session starts."""
    state = state_of(request)
    sessions = [
        {"id": session.id, "shard": session.shard, "connected": session.connection is not None}
        for session in state.sessions.values()
    ]
    return answer({"sessions": sessions, "session_start_limit": state.session_limits.described(state.settings)})


@routes.get("/control/events")
async def events(request: web.Request) -> web.WebSocketResponse:
    """Stream everything that happens, one JSON object per WebSocket message."""
    state = state_of(request)
    socket = web.WebSocketResponse(heartbeat=30)
    await socket.prepare(request)
    queue: asyncio.Queue[Json] = asyncio.Queue(10_000)
    state.listeners.add(queue)
    closed = asyncio.create_task(socket.receive())
    try:
        while not closed.done():
            event = asyncio.create_task(queue.get())
            await asyncio.wait({event, closed}, return_when=asyncio.FIRST_COMPLETED)
            if event.done():
                await socket.send_json(event.result())
            else:
                event.cancel()
    finally:
        closed.cancel()
        state.listeners.discard(queue)
    return socket


@routes.get("/control/wait")
async def wait(request: web.Request) -> web.Response:
    """Wait for ready, message, revision, empty or answer. Answers with 408 if it doesn't happen in time."""
    state, query = state_of(request), request.query
    timeout = min(number_of("timeout", query.get("timeout", 30)), LONGEST_WAIT)
    match query.get("for"):
        case "ready":
            sessions = number_of("sessions", query.get("sessions", 1))
            result: Any = await state.until(lambda: _ready(state, sessions), timeout)
        case "message":
            user, channel = place_of(state, query)
            number_of("after", query.get("after", 0))
            result = await state.until(lambda: _matching(state, user, channel, query), timeout)
        case "revision":
            stored, after = message_named(state, query.get("message")), number_of("after", query.get("after", 0))
            result = await state.until(lambda: len(stored.history) > after, timeout)
        case "empty":
            user, channel = place_of(state, query)
            result = await state.until(lambda: not _visible_to(state, user, channel), timeout)
        case "answer":
            interaction = interaction_named(state, query.get("interaction", ""))
            result = await state.until(lambda: interaction.answer, timeout)
        case other:
            raise ClientRefusal(f"for={other}: wait for ready, message, revision, empty or answer.")
    return answer({"found": result or None}, 200 if result else 408)


def _visible_to(state: State, user: Json, channel: Json) -> list[Stored]:
    messages = state.world.messages.get(channel["id"])
    return [stored for stored in (messages or {}).values() if stored.seen_by in {None, user["id"]}]


def _ready(state: State, sessions: float) -> bool:
    """Tell whether as many sessions are connected and commands are registered."""
    connected = sum(session.connection is not None for session in state.sessions.values())
    registered = any(command["type"] != commands.ENTRY_POINT for scope in state.commands.values() for command in scope)
    return connected >= sessions and registered


def _matching(state: State, user: Json, channel: Json, query: Any) -> Json | None:
    """Find the newest message that fits the query."""
    for stored in reversed(_visible_to(state, user, channel)):
        data = stored.data
        if int(data["id"]) <= int(query.get("after", 0)):
            continue
        if query.get("id") not in {None, data["id"]}:
            continue
        text = "\n".join((data["content"], *texts(data["components"])))
        labels = {component.get("label") for component in walk(data["components"])}
        if query.get("text", "") in text and ("button" not in query or query["button"] in labels):
            return shown(state, stored)
    return None
