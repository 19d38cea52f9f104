"""Reads and changes the settings, resets the world, and controls the bot's process."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord import memberships
from sandbox.discord.channel_types import THREADS
from sandbox.discord.client_refusals import ClientRefusal
from sandbox.discord.command_routes import give_entry_point
from sandbox.discord.control.common import number_of, read_call
from sandbox.discord.default_world import (
    DENIED_TO_BOT,
    default_world,
    deny,
    use_first_channel_as_system_channel,
)
from sandbox.discord.guild import ENGLISH
from sandbox.discord.rate_limits import DiscordRateLimits
from sandbox.discord.rest import answer, state_of
from sandbox.discord.session_limits import SessionLimits
from sandbox.discord.settings import DiscordSettings

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.state import State
    from sandbox.discord.world import Json, World

routes = web.RouteTableDef()


@routes.get("/control/settings")
async def current_settings(request: web.Request) -> web.Response:
    return answer(asdict(state_of(request).settings))


@routes.patch("/control/settings")
async def change_settings(request: web.Request) -> web.Response:
    state, data = await read_call(request)
    known = {field.name: type(getattr(DiscordSettings(), field.name)) for field in fields(DiscordSettings)}
    for name, value in data.items():
        if name not in known:
            raise ClientRefusal(f"There is no setting {name}. The settings are {', '.join(known)}.")
        data[name] = _checked(name, value, known[name])
    state.settings = replace(state.settings, **data)
    give_entry_point(state)
    return answer(asdict(state.settings))


def _checked(name: str, value: Any, kind: type) -> Any:
    """Return a setting's value if it has the right type. Raises: ClientRefusal."""
    if kind is bool and not isinstance(value, bool):
        raise ClientRefusal(f"{name} is {value!r}: it takes true or false.")
    if kind is int and (type(value) is not int or value < 1):
        raise ClientRefusal(f"{name} is {value!r}: it takes a whole number of at least 1.")
    if kind is list and not isinstance(value, list):
        raise ClientRefusal(f"{name} is {value!r}: it takes a list.")
    return number_of(name, value) if kind is float else value


@routes.get("/control/bot")
async def bot_state(request: web.Request) -> web.Response:
    """Tell whether a bot is connected, and whether its process is supervised here and runs."""
    return answer(_bot_state(state_of(request)))


@routes.post("/control/bot")
async def bot_process(request: web.Request) -> web.Response:
    """Do `{"action": "kill" | "start" | "restart"}`; kill is SIGKILL, restart begins with a clean stop."""
    state, data = await read_call(request)
    bot = state.bot
    if bot is None:
        raise ClientRefusal("The bot's process isn't supervised here. Start the local world with: make demo")
    match data.get("action"):
        case "kill":
            if not bot.running:
                raise ClientRefusal("The bot isn't running. Start it first.")
            await bot.kill()
        case "start":
            await bot.start()
        case "restart":
            await bot.restart()
        case other:
            raise ClientRefusal(f"{other}: the actions are kill, start and restart.")
    return answer(_bot_state(state))


def _bot_state(state: State) -> Json:
    connected = any(session.connection for session in state.sessions.values())
    running = state.bot.running if state.bot else None
    return {"connected": connected, "supervised": state.bot is not None, "running": running}


@routes.post("/control/reset")
async def reset(request: web.Request) -> web.Response:
    """Remove messages, threads, logs and changed settings. Connections and registered commands stay."""
    state, initial = state_of(request), default_world()
    _clear(state.world)
    for guild in state.world.guilds.values():
        _reset_guild(state, guild, initial)
    state.settings, state.rate_limits, state.session_limits = DiscordSettings(), DiscordRateLimits(), SessionLimits()
    for stored in (
        state.faults, state.log, state.pings, state.interactions, state.files, state.nonces, state.links,
        state.external,
    ):  # fmt: skip
        stored.clear()
    state.command_permissions.clear()
    return answer({})


def _clear(world: World) -> None:
    """Remove all messages and threads, and the members' languages."""
    world.locales.clear()
    for messages in world.messages.values():
        messages.clear()
    for thread in [channel for channel in world.channels.values() if channel["type"] in THREADS]:
        world.forget_channel(thread)


def _reset_guild(state: State, guild: Guild, initial: World) -> None:
    """Restore a server's settings, permissions and the bot's membership to those of the initial world."""
    original = initial.guild(guild.data["name"])
    guild.upload_limit = original.upload_limit if original else guild.upload_limit
    guild.data["preferred_locale"] = ENGLISH
    use_first_channel_as_system_channel(guild)
    if state.world.application_id in guild.members and not (original and initial.application_id in original.members):
        memberships.remove(state, guild)
    for channel in guild.channels.values():
        channel["permission_overwrites"] = []
        deny(state.world, channel, *DENIED_TO_BOT.get(channel["name"], ()))
