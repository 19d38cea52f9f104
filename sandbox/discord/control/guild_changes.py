"""Changes a server as its administrators do: permissions, deleted channels and roles, the upload limit."""

from __future__ import annotations

from aiohttp import web

from sandbox.discord import threads
from sandbox.discord.channel_types import THREADS
from sandbox.discord.client_refusals import ClientRefusal
from sandbox.discord.control.common import channel_named, guild_named, number_of, read_call, user_named
from sandbox.discord.default_world import deny
from sandbox.discord.gateway_events import visible_channel
from sandbox.discord.permissions import PERMISSIONS
from sandbox.discord.rest import answer

routes = web.RouteTableDef()


@routes.post("/control/permissions")
async def permissions(request: web.Request) -> web.Response:
    """Deny permissions in a channel to a `user`, or to the bot: `{"channel", "deny": [names]}`.

    An empty list allows everything again.
    """
    state, data = await read_call(request)
    channel = channel_named(state, data.get("channel"))
    names = data.get("deny") or []
    if unknown := [name for name in names if name not in PERMISSIONS]:
        raise ClientRefusal(f"There is no permission {unknown[0]}. The permissions are {', '.join(PERMISSIONS)}.")
    user = user_named(state, data["user"]) if "user" in data else state.world.bot
    was_visible = state.world.sees(state.world.application_id, channel)
    deny(state.world, channel, *names, user_id=user["id"])
    guild = state.world.guilds[channel["guild_id"]]
    state.dispatch("CHANNEL_UPDATE", visible_channel(state, guild, channel), guild_id=guild.id)
    if not was_visible:
        threads.sync(state, guild, channel)
    return answer(channel)


@routes.post("/control/delete-channel")
async def delete_channel(request: web.Request) -> web.Response:
    """Delete a channel or thread; a reset does not restore it."""
    state, data = await read_call(request)
    channel = channel_named(state, data.get("channel"))
    guild = state.world.guild_of(channel)
    if guild is None:
        raise ClientRefusal(f"{data.get('channel')} isn't a server's channel.")
    state.world.forget_channel(channel)
    if channel["type"] in THREADS:
        state.dispatch("THREAD_DELETE", threads.deleted(channel), guild_id=guild.id)
    else:
        state.dispatch("CHANNEL_DELETE", visible_channel(state, guild, channel), guild_id=guild.id)
    state.emit("channel", {"channel": channel["id"]})
    return answer({})


@routes.post("/control/delete-role")
async def delete_role(request: web.Request) -> web.Response:
    state, data = await read_call(request)
    guild = guild_named(state, data.get("guild"))
    role = next((role for role in guild.roles if data.get("role") in {role["id"], role["name"]}), None)
    if role is None or role["id"] == guild.id:
        raise ClientRefusal(f"{data.get('guild')} has no role {data.get('role')} that can be deleted.")
    guild.roles.remove(role)
    for member in guild.members.values():
        member["roles"] = [role_id for role_id in member["roles"] if role_id != role["id"]]
    state.dispatch("GUILD_ROLE_DELETE", {"guild_id": guild.id, "role_id": role["id"]}, guild_id=guild.id)
    return answer({})


@routes.post("/control/upload-limit")
async def upload_limit(request: web.Request) -> web.Response:
    state, data = await read_call(request)
    guild_named(state, data.get("guild")).upload_limit = int(number_of("bytes", data.get("bytes")))
    return answer({})
