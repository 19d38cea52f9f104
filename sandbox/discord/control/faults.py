"""Making things go wrong, and a new day."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord import errors, memberships, threads
from sandbox.discord.channel_types import THREADS
from sandbox.discord.client_refusals import ClientRefusal
from sandbox.discord.command_routes import give_entry_point
from sandbox.discord.connection import RECONNECT
from sandbox.discord.control.common import given, number_of
from sandbox.discord.default_world import default_world, deny, use_first_channel_as_system_channel
from sandbox.discord.gateway_events import visible_channel
from sandbox.discord.guild import ENGLISH
from sandbox.discord.permissions import PERMISSIONS
from sandbox.discord.rate_limits import RateLimits
from sandbox.discord.rest import answer, state_of
from sandbox.discord.session_limits import SessionLimits
from sandbox.discord.settings import Settings
from sandbox.discord.state import Fault

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

routes = web.RouteTableDef()
# What a client of today can't know: a message that is named and written in another way. discord.py fails over it.
NEW_SHAPE = {"message": {"version": 2, "snowflake": "1"}, "channel": {"snowflake": "1"}}


@routes.post("/control/faults")
async def add_fault(request: web.Request) -> web.Response:
    data = await given(request)
    known = {field.name for field in fields(Fault)}
    data |= _named(data.pop("name", None))
    if not data.keys() <= known or "route" not in data:
        raise ClientRefusal(f"A fault has a route and any of name, {', '.join(sorted(known))}.")
    for name in ("status", "code", "retry_after", "delay", "times"):
        if data.get(name) is not None:
            number_of(name, data[name])
    if not isinstance(data["route"], str):
        raise ClientRefusal(f"route is {data['route']!r}: it takes a pattern of a path, such as /webhooks/*.")
    state_of(request).faults.append(Fault(**data))
    return answer({})


def _named(name: Any) -> Json:
    """Status, code and message of a refusal of Discord's, by its name or its code. Raises: ClientRefusal."""
    if name is None:
        return {}
    for known, (status, code, message) in errors.BY_NAME.items():
        if str(name) in {known, str(code)}:
            return {"status": status, "code": code, "message": message}
    raise ClientRefusal(f"There is no refusal {name}: they are {', '.join(errors.BY_NAME)}.")


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
    known = {field.name: type(getattr(Settings(), field.name)) for field in fields(Settings)}
    for name, value in data.items():
        if name not in known:
            raise ClientRefusal(f"There is no setting {name}: the settings are {', '.join(known)}.")
        data[name] = _taken(name, value, known[name])
    state.settings = replace(state.settings, **data)
    give_entry_point(state)
    return answer(state.described())


def _taken(name: str, value: Any, kind: type) -> Any:
    if kind is bool and not isinstance(value, bool):
        raise ClientRefusal(f"{name} is {value!r}: it takes true or false.")
    if kind is int and (type(value) is not int or value < 1):
        raise ClientRefusal(f"{name} is {value!r}: it takes a whole number of at least 1.")
    if kind is list and not isinstance(value, list):
        raise ClientRefusal(f"{name} is {value!r}: it takes a list.")
    return number_of(name, value) if kind is float else value


@routes.post("/control/permissions")
async def permissions(request: web.Request) -> web.Response:
    """Take permissions from the bot in a channel: `{"channel", "deny": [names]}`; an empty list gives them back.

    With `user`, from that member instead.
    """
    state, data = state_of(request), await given(request)
    channel = state.world.channel(str(data.get("channel")))
    if channel is None:
        raise ClientRefusal(f"There is no channel {data.get('channel')}.")
    names = data.get("deny") or []
    if unknown := [name for name in names if name not in PERMISSIONS]:
        raise ClientRefusal(f"There is no permission {unknown[0]}: they are {', '.join(PERMISSIONS)}.")
    user = state.world.user(str(data["user"])) if "user" in data else state.world.bot
    if user is None:
        raise ClientRefusal(f"There is no user {data['user']}.")
    saw = state.world.sees(state.world.application_id, channel)
    deny(state.world, channel, *names, user_id=user["id"])
    guild = state.world.guilds[channel["guild_id"]]
    state.dispatch("CHANNEL_UPDATE", visible_channel(state, guild, channel), guild_id=guild.id)
    if not saw:
        threads.sync(state, guild, channel)
    return answer(channel)


@routes.post("/control/delete-channel")
async def delete_channel(request: web.Request) -> web.Response:
    """It is gone for good: a new day does not bring it back."""
    state, data = state_of(request), await given(request)
    channel = state.world.channel(str(data.get("channel")))
    guild = state.world.guild_of(channel) if channel else None
    if channel is None or guild is None:
        raise ClientRefusal(f"There is no channel {data.get('channel')}.")
    state.world.forget_channel(channel)
    if channel["type"] in THREADS:
        gone = {key: channel[key] for key in ("id", "guild_id", "parent_id", "type")}
        state.dispatch("THREAD_DELETE", gone, guild_id=guild.id)
    else:
        state.dispatch("CHANNEL_DELETE", visible_channel(state, guild, channel), guild_id=guild.id)
    state.emit("channel", {"channel": channel["id"]})
    return answer({})


@routes.post("/control/delete-role")
async def delete_role(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    guild = state.world.guild(str(data.get("guild")))
    role = next((one for one in guild.roles if data.get("role") in {one["id"], one["name"]}), None) if guild else None
    if guild is None or role is None or role["id"] == guild.id:
        raise ClientRefusal(f"There is no role {data.get('role')} in {data.get('guild')} that could be deleted.")
    guild.roles.remove(role)
    for member in guild.members.values():
        member["roles"] = [one for one in member["roles"] if one != role["id"]]
    state.dispatch("GUILD_ROLE_DELETE", {"guild_id": guild.id, "role_id": role["id"]}, guild_id=guild.id)
    return answer({})


@routes.post("/control/upload-limit")
async def upload_limit(request: web.Request) -> web.Response:
    state, data = state_of(request), await given(request)
    guild = state.world.guild(str(data.get("guild")))
    if guild is None:
        raise ClientRefusal(f"There is no server {data.get('guild')}.")
    guild.upload_limit = int(number_of("bytes", data.get("bytes")))
    return answer({})


@routes.post("/control/kill-tokens")
async def kill_tokens(request: web.Request) -> web.Response:
    """Interaction tokens die before their time."""
    for interaction in state_of(request).interactions.values():
        interaction.dead = True
    return answer({})


@routes.post("/control/gateway")
async def gateway(request: web.Request) -> web.Response:
    """`{"action": "drop" | "reconnect" | "invalidate" | "event"}`, with a `code` or `resumable`, or the `name` and
    `data` of an event of any shape; of one `shard`, or of all.
    """
    state, data = state_of(request), await given(request)
    for session in list(state.sessions.values()):
        connection = session.connection
        if connection is None or data.get("shard") not in {None, session.shard[0]}:
            continue
        match data.get("action"):
            case "drop":
                if data.get("code") is None:
                    connection.abort()
                else:
                    await connection.close(int(number_of("code", data["code"])))
            case "reconnect":
                connection.send_operation(RECONNECT)
            case "invalidate":
                state.invalidate(session, resumable=bool(data.get("resumable")))
            case "event":
                name, event = str(data.get("name") or "MESSAGE_CREATE"), data.get("data") or NEW_SHAPE
                state.send_event(session, name, event, validate=False)
            case other:
                raise ClientRefusal(f"{other}: the actions are drop, reconnect, invalidate and event.")
    return answer({})


@routes.get("/control/bot")
async def bot_state(request: web.Request) -> web.Response:
    """Whether a bot is connected, and whether its process can be ended and started here, and runs."""
    return answer(_about_bot(state_of(request)))


@routes.post("/control/bot")
async def bot_process(request: web.Request) -> web.Response:
    """`{"action": "kill" | "start" | "restart"}`: SIGKILL, a new process, or a clean end and a new process."""
    state, data = state_of(request), await given(request)
    bot = state.bot
    if bot is None:
        raise ClientRefusal("Nobody supervises the bot's process here: make demo does.")
    match data.get("action"):
        case "kill":
            if not bot.running:
                raise ClientRefusal("The bot is not running: start it first.")
            await bot.kill()
        case "start":
            await bot.start()
        case "restart":
            await bot.restart()
        case other:
            raise ClientRefusal(f"{other}: the actions are kill, start and restart.")
    return answer(_about_bot(state))


def _about_bot(state: State) -> Json:
    connected = any(session.connection for session in state.sessions.values())
    running = state.bot.running if state.bot else None
    return {"connected": connected, "supervised": state.bot is not None, "running": running}


@routes.post("/control/reset")
async def reset(request: web.Request) -> web.Response:
    """A new day: the same world with nothing said in it. Connections and registered commands stay."""
    state = state_of(request)
    fresh, old = default_world(), state.world
    old.locales.clear()
    for stored in old.messages.values():
        stored.clear()
    for thread in [one for one in old.channels.values() if one["type"] in THREADS]:
        old.forget_channel(thread)
    for guild in old.guilds.values():
        match = fresh.guild(guild.data["name"])
        guild.upload_limit = match.upload_limit if match else guild.upload_limit
        guild.data["preferred_locale"] = ENGLISH
        use_first_channel_as_system_channel(guild)
        if old.application_id in guild.members and not (match and fresh.application_id in match.members):
            memberships.remove(state, guild)
        for channel in guild.channels.values():
            channel["permission_overwrites"] = []
            usual = channel["name"] in {"no-files", "backroom"}
            deny(
                old,
                channel,
                *({"no-files": "ATTACH_FILES", "backroom": "VIEW_CHANNEL"}[channel["name"]],) if usual else (),
            )
    state.settings, state.rate_limits, state.session_limits = Settings(), RateLimits(), SessionLimits()
    for held in (state.faults, state.log, state.pings, state.interactions, state.files, state.nonces):
        held.clear()
    state.links.clear()
    state.external.clear()
    return answer({})
