"""The control API: act as a member, look at everything, and make things go wrong. README.md has it all."""

from __future__ import annotations

import asyncio
import math
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord import members, messages
from sandbox.discord.gateway import INVALID_SESSION, RECONNECT
from sandbox.discord.limits import Limits
from sandbox.discord.rest import answer, state_of
from sandbox.discord.state import Fault, Settings
from sandbox.discord.world import PERMISSIONS, default_world, deny

if TYPE_CHECKING:
    from sandbox.discord.state import Interaction, State
    from sandbox.discord.world import Json, Stored

routes = web.RouteTableDef()
LONGEST_WAIT = 120.0


async def given(request: web.Request) -> Json:
    """The JSON of a control call; none is an empty object."""
    try:
        data = await request.json() if request.can_read_body else {}
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise members.ClientRefusal("The body is no JSON object.")
    return data


def _number(name: str, given: Any) -> float:
    try:
        number = math.nan if isinstance(given, bool) else float(given)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise members.ClientRefusal(f"{name} is {given!r}: it takes a number of at least 0.")
    return number


def _place(state: State, data: Any) -> tuple[Json, Json]:
    return members.place(state, str(data.get("user")), data.get("channel"))


def _message(state: State, message_id: Any) -> Stored:
    stored = state.world.find_message(str(message_id))
    if stored is None:
        raise members.ClientRefusal(f"There is no message {message_id}.")
    return stored


async def _begun(state: State, interaction: Interaction, data: Json) -> web.Response:
    """The interaction; with `wait`, also how the bot answered it, or that it did not in time."""
    result: Json = {"interaction": interaction.id}
    if data.get("wait"):
        window = state.settings.interaction_window
        found = await state.until(lambda: interaction.answer, min(window, LONGEST_WAIT))
        if not found:
            return answer(result | {"failed": "The application did not respond"})
        result["answer"] = found
        if found["message_id"] and (stored := state.world.find_message(found["message_id"])):
            result["message"] = _shown(state, stored)
    return answer(result)


def _shown(state: State, stored: Stored) -> Json:
    return messages.seen(state, stored) | {"ephemeral": stored.seen_by is not None, "seen_by": stored.seen_by}


# --- acting ---------------------------------------------------------------------------------------------------------


@routes.post("/control/command")
async def command(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    user, channel = _place(state, data)
    begun = members.run(
        state, user, channel, str(data.get("name")), data.get("options"),
        members.uploads_of(data.get("attachments")), locale=data.get("locale"),
    )  # fmt: skip
    return await _begun(state, begun, data)


@routes.post("/control/autocomplete")
async def autocomplete(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    user, channel = _place(state, data)
    begun = members.complete(state, user, channel, str(data.get("name")), data.get("options"), str(data.get("focused")))
    found = await state.until(lambda: begun.answer, state.settings.interaction_window)
    if not found:
        return answer({"failed": "Loading options failed"}, 504)
    return answer({"choices": found["data"]["choices"]})


@routes.post("/control/press")
async def press(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    user = state.world.user(str(data.get("user")))
    if user is None:
        raise members.ClientRefusal(f"There is no user {data.get('user')}.")
    stored = _message(state, data.get("message"))
    begun = members.press(state, user, stored, str(data.get("button")), data.get("values"))
    return await _begun(state, begun, data)


@routes.post("/control/modal")
async def modal(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    user = state.world.user(str(data.get("user")))
    opened = state.find_interaction(str(data.get("interaction")))
    if user is None or opened is None:
        raise members.ClientRefusal("There is no such user or interaction.")
    return await _begun(state, members.submit(state, user, opened, data.get("fields")), data)


@routes.post("/control/message")
async def message(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    user, channel = _place(state, data)
    attached = data.get("attachments") or []
    if not isinstance(attached, list):
        raise members.ClientRefusal("attachments takes a list here.")
    files = list(members.uploads_of(dict(enumerate(attached))).values())
    stored = members.send(
        state, user, channel, str(data.get("content", "")), files, data.get("reply_to"), ping=data.get("ping", True)
    )
    return answer(_shown(state, stored))


@routes.post("/control/delete-message")
async def delete_message(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    messages.remove(state, _message(state, data.get("message")))
    return answer({})


# --- looking --------------------------------------------------------------------------------------------------------


@routes.get("/control/world")
async def world(request: web.Request) -> web.Response:
    found = state_of(request).world
    return answer({
        "bot": found.bot, "users": list(found.users.values()),
        "dms": {one: found.dm(one)["id"] for one, user in found.users.items() if not user.get("bot")},
        "guilds": [
            guild.data | {
                "channels": list(guild.channels.values()), "members": list(guild.members.values()),
                "upload_limit": guild.upload_limit,
            }
            for guild in found.guilds.values()
        ],
    })  # fmt: skip


@routes.get("/control/commands")
async def commands(request: web.Request) -> web.Response:
    state = state_of(request)
    user, channel = _place(state, request.query)
    return answer(members.commands_in(state, user, channel))


@routes.get("/control/messages")
async def list_messages(request: web.Request) -> web.Response:
    state = state_of(request)
    user, channel = _place(state, request.query)
    return answer([_shown(state, one) for one in _seen_by(state, user, channel)])


@routes.get("/control/messages/{message_id}")
async def one_message(request: web.Request) -> web.Response:
    state = state_of(request)
    stored = _message(state, request.match_info["message_id"])
    return answer({"message": _shown(state, stored), "history": stored.history})


@routes.get("/control/log")
async def log(request: web.Request) -> web.Response:
    return answer(list(state_of(request).log))


@routes.post("/control/log/clear")
async def clear_log(request: web.Request) -> web.Response:
    state_of(request).log.clear()
    return answer({})


@routes.get("/control/pings")
async def pings(request: web.Request) -> web.Response:
    return answer(list(state_of(request).pings))


@routes.get("/control/events")
async def events(request: web.Request) -> web.WebSocketResponse:
    """Everything as it happens, one JSON object a message."""
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
    """Wait until something is so: `for=ready`, `for=message` (with `channel`, `user`, `text`, `button`, `after`)."""
    state, query = state_of(request), request.query
    timeout = min(_number("timeout", query.get("timeout", 30)), LONGEST_WAIT)
    match query.get("for"):
        case "ready":
            found: Any = await state.until(lambda: _ready(state), timeout)
        case "message":
            user, channel = _place(state, query)
            _number("after", query.get("after", 0))
            found = await state.until(lambda: _matching(state, user, channel, query), timeout)
        case "revision":
            stored, after = _message(state, query.get("message")), _number("after", query.get("after", 0))
            found = await state.until(lambda: len(stored.history) > after, timeout)
        case "empty":
            user, channel = _place(state, query)
            found = await state.until(lambda: not _seen_by(state, user, channel), timeout)
        case "answer":
            known = state.find_interaction(query.get("interaction", ""))
            if known is None:
                raise members.ClientRefusal(f"There is no interaction {query.get('interaction')}.")
            found = await state.until(lambda: known.answer, timeout)
        case other:
            raise members.ClientRefusal(f"for={other}: wait for ready, message, revision, empty or answer.")
    return answer({"found": found or None}, 200 if found else 408)


def _seen_by(state: State, user: Json, channel: Json) -> list[Stored]:
    kept = state.world.messages.get(channel["id"])
    return [one for one in (kept or {}).values() if one.seen_by in {None, user["id"]}]


def _ready(state: State) -> bool:
    connected = any(session.connection for session in state.sessions.values())
    return connected and any(state.commands.values())


def _matching(state: State, user: Json, channel: Json, query: Any) -> Json | None:
    for stored in reversed(_seen_by(state, user, channel)):
        shown = stored.data
        if int(shown["id"]) <= int(query.get("after", 0)):
            continue
        if query.get("id") not in {None, shown["id"]}:
            continue
        text = "\n".join((shown["content"], *messages.texts(shown["components"])))
        labels = {one.get("label") for one in members.walk(shown["components"])}
        if query.get("text", "") in text and ("button" not in query or query["button"] in labels):
            return _shown(state, stored)
    return None


# --- making things go wrong -----------------------------------------------------------------------------------------


@routes.post("/control/faults")
async def add_fault(request: web.Request) -> web.Response:
    data = await given(request)
    known = {field.name for field in fields(Fault)}
    if not data.keys() <= known or "route" not in data:
        raise members.ClientRefusal(f"A fault has a route and any of {', '.join(sorted(known))}.")
    for name in ("status", "code", "retry_after", "delay", "times"):
        if data.get(name) is not None:
            _number(name, data[name])
    if not isinstance(data["route"], str):
        raise members.ClientRefusal(f"route is {data['route']!r}: it takes a pattern of a path, such as /webhooks/*.")
    state_of(request).faults.append(Fault(**data))
    return answer({})


@routes.get("/control/faults")
async def waiting_faults(request: web.Request) -> web.Response:
    return answer({"faults": [asdict(fault) for fault in state_of(request).faults]})


@routes.delete("/control/faults")
async def clear_faults(request: web.Request) -> web.Response:
    state_of(request).faults.clear()
    return answer({})


@routes.get("/control/settings")
async def current_settings(request: web.Request) -> web.Response:
    return answer(state_of(request).described())


@routes.patch("/control/settings")
async def settings(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    known = {field.name: isinstance(field.default, bool) for field in fields(Settings)}
    for name, value in data.items():
        if name not in known:
            raise members.ClientRefusal(f"There is no setting {name}: the settings are {', '.join(known)}.")
        if known[name] and not isinstance(value, bool):
            raise members.ClientRefusal(f"{name} is {value!r}: it takes true or false.")
        data[name] = value if known[name] else _number(name, value)
    state.settings = replace(state.settings, **data)
    return answer(state.described())


@routes.post("/control/permissions")
async def permissions(request: web.Request) -> web.Response:
    """Take permissions from the bot in a channel: `{"channel", "deny": [names]}`; an empty list gives them back."""
    state, data = state_of(request), await given(request)
    channel = state.world.channel(str(data.get("channel")))
    if channel is None:
        raise members.ClientRefusal(f"There is no channel {data.get('channel')}.")
    names = data.get("deny") or []
    if unknown := [name for name in names if name not in PERMISSIONS]:
        raise members.ClientRefusal(f"There is no permission {unknown[0]}: they are {', '.join(PERMISSIONS)}.")
    deny(state.world, channel, *names)
    state.dispatch("CHANNEL_UPDATE", channel, guild_id=channel["guild_id"])
    return answer(channel)


@routes.post("/control/upload-limit")
async def upload_limit(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    guild = state.world.guild(str(data.get("guild")))
    if guild is None:
        raise members.ClientRefusal(f"There is no server {data.get('guild')}.")
    guild.upload_limit = int(_number("bytes", data.get("bytes")))
    return answer({})


@routes.post("/control/kill-tokens")
async def kill_tokens(request: web.Request) -> web.Response:
    """Interaction tokens die before their time."""
    for interaction in state_of(request).interactions.values():
        interaction.dead = True
    return answer({})


@routes.post("/control/gateway")
async def gateway(request: web.Request) -> web.Response:
    """`{"action": "drop" | "reconnect" | "invalidate"}`, with `resumable` for the last."""
    state, data = state_of(request), await given(request)
    for session in list(state.sessions.values()):
        connection = session.connection
        if connection is None:
            continue
        match data.get("action"):
            case "drop":
                await connection.close(1006 if data.get("code") is None else int(_number("code", data["code"])))
            case "reconnect":
                connection.send({"op": RECONNECT, "d": None, "s": None, "t": None})
            case "invalidate":
                if not data.get("resumable"):
                    state.sessions.pop(session.id, None)
                connection.send({"op": INVALID_SESSION, "d": bool(data.get("resumable")), "s": None, "t": None})
            case other:
                raise members.ClientRefusal(f"{other}: the actions are drop, reconnect and invalidate.")
    return answer({})


@routes.post("/control/reset")
async def reset(request: web.Request) -> web.Response:
    """A new day: the same world with nothing said in it. Connections and registered commands stay."""
    state = state_of(request)
    fresh, old = default_world(), state.world
    for stored in old.messages.values():
        stored.clear()
    for guild in old.guilds.values():
        match = fresh.guild(guild.data["name"])
        guild.upload_limit = match.upload_limit if match else guild.upload_limit
        for channel in guild.channels.values():
            usual = channel["name"] in {"no-files", "backroom"}
            deny(
                old,
                channel,
                *({"no-files": "ATTACH_FILES", "backroom": "VIEW_CHANNEL"}[channel["name"]],) if usual else (),
            )
    state.settings, state.limits = Settings(), Limits()
    for held in (state.faults, state.log, state.pings, state.interactions, state.files, state.nonces):
        held.clear()
    return answer({})
