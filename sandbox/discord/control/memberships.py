"""Who is in a server: the bot joins and is removed, other people and bots come; and where a server greets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import memberships
from sandbox.discord.client_refusals import ClientRefusal
from sandbox.discord.control.common import given, guild_named
from sandbox.discord.rest import answer, state_of

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

routes = web.RouteTableDef()
LARGEST_FLAGS = 2**53


@routes.post("/control/join")
async def join(request: web.Request) -> web.Response:
    """The bot joins a server: `{"guild"}`. One that there is not is made, with a channel `general`; the server."""
    state, data = state_of(request), await given(request)
    if not data.get("guild"):
        raise ClientRefusal("A server has a name.")
    guild = state.world.guild(str(data["guild"])) or _made(state, data)
    if state.world.application_id in guild.members:
        raise ClientRefusal(f"The bot is in {guild.data['name']} already.")
    memberships.join(state, guild)
    return answer(guild.data)


def _made(state: State, data: Json) -> Guild:
    owner = state.world.user(str(data.get("owner", "ada")))
    if owner is None:
        raise ClientRefusal(f"There is no user {data['owner']}.")
    guild = state.world.add_guild(str(data["guild"]), owner)
    guild.data["system_channel_id"] = state.world.add_channel(guild, "general")["id"]
    return guild


@routes.post("/control/remove-bot")
async def remove_bot(request: web.Request) -> web.Response:
    """The bot is removed from a server: `{"guild"}`."""
    state, data = state_of(request), await given(request)
    guild = guild_named(state, data.get("guild"))
    if state.world.application_id not in guild.members:
        raise ClientRefusal(f"The bot is not in {guild.data['name']}.")
    memberships.remove(state, guild)
    return answer({})


@routes.post("/control/user")
async def add_user(request: web.Request) -> web.Response:
    """Somebody new joins a server: `{"name", "guild"}`; with `bot`, another bot."""
    state, data = state_of(request), await given(request)
    guild, name = guild_named(state, data.get("guild")), data.get("name")
    if not name or state.world.user(str(name)):
        raise ClientRefusal("Somebody new has a name of their own.")
    user = state.world.add_user(str(name), bot=bool(data.get("bot")))
    memberships.add(state, guild, user)
    return answer(user)


@routes.post("/control/system-channel")
async def set_system_channel(request: web.Request) -> web.Response:
    """Where a server greets: `{"guild", "channel", "flags"}`; no channel, nowhere."""
    state, data = state_of(request), await given(request)
    guild, flags = guild_named(state, data.get("guild")), data.get("flags", 0)
    named = data.get("channel")
    found = [one for one in guild.channels.values() if named in {one["id"], one["name"]}]
    if (named is not None and not found) or type(flags) is not int or not 0 <= flags < LARGEST_FLAGS:
        raise ClientRefusal(f"{named} is no channel of {guild.data['name']}, or {flags!r} are no flags.")
    memberships.set_system_channel(state, guild, found[0]["id"] if found else None, flags)
    return answer(guild.data)
