"""Changes who may do what, as a server's administrators do: roles, commands, and a channel's age restriction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord.client_refusals import ClientRefusal
from sandbox.discord.command_permissions import CHANNEL, ROLE, USER, described
from sandbox.discord.control.common import channel_named, guild_named, read_call, user_named
from sandbox.discord.gateway_events import visible_channel
from sandbox.discord.permissions import PERMISSIONS
from sandbox.discord.rest import answer

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

routes = web.RouteTableDef()


@routes.post("/control/role")
async def add_role(request: web.Request) -> web.Response:
    """Add a role: `{"guild", "name", "permissions": [names]}`."""
    state, data = await read_call(request)
    guild, names = guild_named(state, data.get("guild")), data.get("permissions") or []
    if unknown := [name for name in names if name not in PERMISSIONS]:
        raise ClientRefusal(f"There is no permission {unknown[0]}. The permissions are {', '.join(PERMISSIONS)}.")
    role = state.world.add_role(guild, str(data.get("name")), sum(PERMISSIONS[name] for name in names))
    state.dispatch("GUILD_ROLE_CREATE", {"guild_id": guild.id, "role": role}, guild_id=guild.id)
    return answer(role)


@routes.post("/control/member-roles")
async def set_roles(request: web.Request) -> web.Response:
    """Set a member's roles: `{"guild", "user", "roles": [names]}`."""
    state, data = await read_call(request)
    guild, user = guild_named(state, data.get("guild")), user_named(state, data.get("user"))
    member = guild.members.get(user["id"])
    if member is None:
        raise ClientRefusal(f"{user['username']} isn't in {guild.data['name']}.")
    member["roles"] = [_role(guild, name) for name in data.get("roles") or []]
    state.dispatch("GUILD_MEMBER_UPDATE", member | {"guild_id": guild.id}, guild_id=guild.id)
    return answer(member)


@routes.post("/control/command-permissions")
async def set_command_permissions(request: web.Request) -> web.Response:
    """Set who may use a command: `{"guild", "command", "permissions": [{"role": name, "permission": true}]}`.

    Without a command, they are the whole application's. Entries name a `role` (@everyone is one), a `user` or a
    `channel` ("all" for all channels).
    """
    state, data = await read_call(request)
    guild = guild_named(state, data.get("guild"))
    target = _command(state, guild, data["command"]) if data.get("command") else state.world.application_id
    chosen = state.command_permissions.setdefault(guild.id, {})
    chosen[target] = [_entry(state, guild, entry) for entry in data.get("permissions") or []]
    event = described(state, guild.id, target)
    if not chosen[target]:
        del chosen[target]
    state.dispatch("APPLICATION_COMMAND_PERMISSIONS_UPDATE", event, guild_id=guild.id)
    return answer(event)


@routes.post("/control/age-restriction")
async def set_age_restriction(request: web.Request) -> web.Response:
    """Restrict a channel to adults, or lift it: `{"channel", "nsfw"}`."""
    state, data = await read_call(request)
    channel = channel_named(state, data.get("channel"))
    guild = state.world.guild_of(channel)
    if guild is None:
        raise ClientRefusal(f"{data.get('channel')} isn't a server's channel.")
    channel["nsfw"] = bool(data.get("nsfw"))
    state.dispatch("CHANNEL_UPDATE", visible_channel(state, guild, channel), guild_id=guild.id)
    return answer(channel)


def _role(guild: Guild, name: object) -> str:
    role = next((role for role in guild.roles if name in {role["id"], role["name"]}), None)
    if role is None:
        raise ClientRefusal(f"{guild.data['name']} has no role {name}.")
    return str(role["id"])


def _command(state: State, guild: Guild, name: object) -> str:
    commands = [*state.commands.get("", []), *state.commands.get(guild.id, [])]
    command = next((command for command in commands if name in {command["id"], command["name"]}), None)
    if command is None:
        raise ClientRefusal(f"There is no command {name}.")
    return str(command["id"])


def _entry(state: State, guild: Guild, entry: Json) -> Json:
    if "role" in entry:
        kind, identity = ROLE, _role(guild, entry["role"])
    elif "user" in entry:
        kind, identity = USER, user_named(state, entry["user"])["id"]
    elif entry.get("channel") == "all":
        kind, identity = CHANNEL, str(int(guild.id) - 1)
    else:
        kind, identity = CHANNEL, channel_named(state, entry.get("channel"))["id"]
    return {"id": identity, "type": kind, "permission": bool(entry.get("permission"))}
