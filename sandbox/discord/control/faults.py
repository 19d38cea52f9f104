"""Injects faults: refused requests, dead tokens, and a gateway that misbehaves."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord import errors
from sandbox.discord.client_refusals import ClientRefusal
from sandbox.discord.connection import RECONNECT
from sandbox.discord.control.common import number_of, read_call
from sandbox.discord.rest import answer, state_of
from sandbox.discord.state import DiscordFault

if TYPE_CHECKING:
    from sandbox.discord.sessions import Session
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

routes = web.RouteTableDef()
# A MESSAGE_CREATE of a future API version: discord.py fails to parse it.
FUTURE_SHAPE = {"message": {"version": 2, "snowflake": "1"}, "channel": {"snowflake": "1"}}


@routes.post("/control/faults")
async def add_fault(request: web.Request) -> web.Response:
    """Inject a fault: the fields of `DiscordFault`, or the `name` of one of Discord's errors."""
    state, data = await read_call(request)
    known = {field.name for field in fields(DiscordFault)}
    data |= _error_named(data.pop("name", None))
    if not data.keys() <= known or "route" not in data:
        raise ClientRefusal(f"A fault has a route and any of name, {', '.join(sorted(known))}.")
    for name in ("status", "code", "retry_after", "delay", "times"):
        if data.get(name) is not None:
            number_of(name, data[name])
    if not isinstance(data["route"], str):
        raise ClientRefusal(f"route is {data['route']!r}: it takes a path pattern, such as /webhooks/*.")
    state.faults.append(DiscordFault(**data))
    return answer({})


def _error_named(name: Any) -> Json:
    """Return status, code and message of one of Discord's errors by its name or code. Raises: ClientRefusal."""
    if name is None:
        return {}
    for known, (status, code, message) in errors.BY_NAME.items():
        if str(name) in {known, str(code)}:
            return {"status": status, "code": code, "message": message}
    raise ClientRefusal(f"There is no error {name}. The errors are {', '.join(errors.BY_NAME)}.")


@routes.get("/control/faults")
async def list_faults(request: web.Request) -> web.Response:
    return answer({"faults": [asdict(fault) for fault in state_of(request).faults]})


@routes.delete("/control/faults")
async def clear_faults(request: web.Request) -> web.Response:
    state_of(request).faults.clear()
    return answer({})


@routes.post("/control/kill-tokens")
async def kill_tokens(request: web.Request) -> web.Response:
    """Expire all interaction tokens before their time."""
    for interaction in state_of(request).interactions.values():
        interaction.dead = True
    return answer({})


@routes.post("/control/gateway")
async def gateway(request: web.Request) -> web.Response:
    """Do something to all connected sessions, or to those of one `shard`: see `_disturb`."""
    state, data = await read_call(request)
    for session in list(state.sessions.values()):
        if session.connection and data.get("shard") in {None, session.shard[0]}:
            await _disturb(state, session, data)
    return answer({})


async def _disturb(state: State, session: Session, data: Json) -> None:
    """Carry out an `action`: drop (with a close `code`), reconnect, invalidate (`resumable`), or send an event.

    The event may have any `name` and `data`; by default discord.py can't parse it.
    """
    connection = session.connection
    if connection is None:
        return
    match data.get("action"):
        case "drop" if data.get("code") is None:
            connection.abort()
        case "drop":
            await connection.close(int(number_of("code", data["code"])))
        case "reconnect":
            connection.send_operation(RECONNECT)
        case "invalidate":
            state.invalidate(session, resumable=bool(data.get("resumable")))
        case "event":
            name, event = str(data.get("name") or "MESSAGE_CREATE"), data.get("data") or FUTURE_SHAPE
            state.send_event(session, name, event, validate=False)
        case other:
            raise ClientRefusal(f"{other}: the actions are drop, reconnect, invalidate and event.")
