"""Changes who is in a server: the bot, other users and bots; and sets the channel that greets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import memberships
from sandbox.discord.client_refusals import ClientRefusal
from sandbox.discord.control.common import guild_named, read_call, user_named
from sandbox.discord.rest import answer

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

routes = web.RouteTableDef()
LARGEST_FLAGS = 2**53


@routes.post("/control/join")
async def join(request: web.Request) -> web.Response:
    """Add the bot to a server: `{"guild"}`. One that doesn't exist is created, with a channel `general`."""
    state, data = await read_call(request)
    if not data.get("guild"):
        raise ClientRefusal("A server needs a name.")
    guild = state.world.guild(str(data["guild"])) or _create(state, data)
    if state.world.application_id in guild.members:
        raise ClientRefusal(f"The bot is already in {guild.data['name']}.")
    memberships.join(state, guild)
    return answer(guild.data)


def _create(state: State, data: Json) -> Guild:
    guild = state.world.add_guild(str(data["guild"]), user_named(state, data.get("owner", "ada")))
    guild.data["system_channel_id"] = state.world.add_channel(guild, "general")["id"]
    return guild


@routes.post("/control/remove-bot")
async def remove_bot(request: web.Request) -> web.Response:
    """Remove the bot from a server: `{"guild"}`."""
    state, data = await read_call(request)
    guild = guild_named(state, data.get("guild"))
    if state.world.application_id not in guild.members:
        raise ClientRefusal(f"The bot isn't in {guild.data['name']}.")
    memberships.remove(state, guild)
    return answer({})


@routes.post("/control/user")
async def add_user(request: web.Request) -> web.Response:
    """Add a new user to a server: `{"name", "guild"}`; with `bot`, another bot."""
    state, data = await read_call(request)
    guild, name = guild_named(state, data.get("guild")), data.get("name")
    if not name or state.world.user(str(name)):
        raise ClientRefusal("A new user needs a name that nobody else has.")
    user = state.world.add_user(str(name), bot=bool(data.get("bot")))
    memberships.add(state, guild, user)
    return answer(user)


@routes.post("/control/system-channel")
async def set_system_channel(request: web.Request) -> web.Response:
    """Set the channel of a server's greetings: `{"guild", "channel", "flags"}`; no channel means no greetings."""
    state, data = await read_call(request)
    guild, flags = guild_named(state, data.get("guild")), data.get("flags", 0)
    named = data.get("channel")
    channels = [channel for channel in guild.channels.values() if named in {channel["id"], channel["name"]}]
    if (named is not None and not channels) or type(flags) is not int or not 0 <= flags < LARGEST_FLAGS:
        raise ClientRefusal(f"{guild.data['name']} has no channel {named}, or the flags {flags!r} are invalid.")
    memberships.set_system_channel(state, guild, channels[0]["id"] if channels else None, flags)
    return answer(guild.data)
