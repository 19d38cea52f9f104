"""Who may use a command: what a server's admins chose under Server Settings > Integrations, and the command's default.

Source: Discord API reference, "Application Commands", Permissions; Discord's help, "Updates to Command Permissions": a
command's own entries override the application's, and both override the command's default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import errors
from sandbox.discord.channel_types import THREADS
from sandbox.discord.command_routes import OF_GUILD, commands_of
from sandbox.discord.permissions import PERMISSIONS
from sandbox.discord.rest import answer, guild_of

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

routes = web.RouteTableDef()
ROLE, USER, CHANNEL = 1, 2, 3
Entries = dict[tuple[int, str], bool]


@routes.get(OF_GUILD + "/permissions")
async def all_permissions(request: web.Request) -> web.Response:
    state, guild_id, _ = commands_of(request)
    chosen = state.command_permissions.get(guild_id, {})
    return answer([described(state, guild_id, target) for target in chosen])


@routes.get(OF_GUILD + "/{command_id}/permissions")
async def permissions_of_one(request: web.Request) -> web.Response:
    state, guild_id, _ = commands_of(request)
    target = request.match_info["command_id"]
    if target not in state.command_permissions.get(guild_of(request).id, {}):
        raise errors.named("unknown_command_permissions")
    return answer(described(state, guild_id, target))


def described(state: State, guild_id: str, target: str) -> Json:
    """Describe the entries of a command, or of the whole application by its id."""
    entries = state.command_permissions.get(guild_id, {}).get(target, [])
    return {
        "id": target, "application_id": state.world.application_id, "guild_id": guild_id, "permissions": entries,
    }  # fmt: skip


def may_use(state: State, command: Json, guild: Guild, user_id: str, channel: Json) -> bool:
    """Tell whether a member may use a command in a channel."""
    permissions = guild.permissions(user_id, channel)
    if permissions & PERMISSIONS["ADMINISTRATOR"]:
        return True
    own, whole = (_entries(state, guild, target) for target in (command["id"], state.world.application_id))
    if not _in_channel(own, whole, guild, channel):
        return False
    user, everyone = [(USER, user_id)], [(ROLE, guild.id)]
    roles = [(ROLE, role) for role in guild.members[user_id]["roles"]] if user_id in guild.members else []
    steps = [(own, user), (own, roles), (own, everyone), (whole, user), (whole, roles)]
    for entries, keys in steps:
        if any(key in entries for key in keys):
            return any(entries.get(key) for key in keys)
    needed = command["default_member_permissions"]
    by_default = needed is None or bool(permissions & int(needed))
    return by_default and whole.get((ROLE, guild.id), True)


def _entries(state: State, guild: Guild, target: str) -> Entries:
    chosen = state.command_permissions.get(guild.id, {}).get(target, [])
    return {(entry["type"], entry["id"]): entry["permission"] for entry in chosen}


def _in_channel(own: Entries, whole: Entries, guild: Guild, channel: Json) -> bool:
    """Entries of a channel count for its threads; without one, those of all channels count."""
    identity = channel["parent_id"] if channel["type"] in THREADS else channel["id"]
    here, everywhere = (CHANNEL, identity), (CHANNEL, str(int(guild.id) - 1))
    found = (entries[key] for entries in (own, whole) for key in (here, everywhere) if key in entries)
    return next(found, True)
