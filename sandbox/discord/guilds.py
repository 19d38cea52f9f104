"""The bot's servers: their channels, roles, members, stickers, emoji. Source: API reference, "Guild Resource"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import errors
from sandbox.discord.rest import NEWEST, answer, flag, guild_of, number, state_of

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.world import Json

routes = web.RouteTableDef()


@routes.get("/users/@me/guilds")
async def my_guilds(request: web.Request) -> web.Response:
    """The bot's servers, oldest first, between those named by `after` and `before`."""
    world, after = state_of(request).world, number(request, "after", 0)
    before, limit = number(request, "before", NEWEST), number(request, "limit", 200, 1, 200)
    found = []
    for guild in world.guilds.values():
        if world.application_id in guild.members and after < int(guild.id) < before:
            own = {key: guild.data[key] for key in ("id", "name", "icon", "banner", "features")}
            own |= {"owner": False, "permissions": str(guild.permissions(world.application_id))}
            found.append(own | _counts(request, guild))
    return answer(found[:limit])


@routes.get("/guilds/{guild_id}")
async def guild(request: web.Request) -> web.Response:
    found = guild_of(request)
    return answer(found.data | _counts(request, found))


def _counts(request: web.Request, guild: Guild) -> Json:
    if not flag(request, "with_counts"):
        return {}
    return dict.fromkeys(("approximate_member_count", "approximate_presence_count"), len(guild.members))


@routes.get("/guilds/{guild_id}/channels")
async def guild_channels(request: web.Request) -> web.Response:
    """Channels that the bot can't view are left out where channels are obfuscated. Source: api-docs #8454."""
    state, found = state_of(request), guild_of(request)
    bot, hides = state.world.application_id, state.settings.obfuscate_channels
    visible = (one for one in found.channels.values() if not hides or state.world.may(bot, one, "VIEW_CHANNEL"))
    return answer(list(visible))


@routes.get("/guilds/{guild_id}/roles")
async def guild_roles(request: web.Request) -> web.Response:
    return answer(guild_of(request).roles)


@routes.get("/guilds/{guild_id}/emojis")
async def guild_emojis(request: web.Request) -> web.Response:
    return answer(guild_of(request).data["emojis"])


@routes.get("/guilds/{guild_id}/stickers")
async def guild_stickers(request: web.Request) -> web.Response:
    return answer(guild_of(request).data["stickers"])


@routes.get("/stickers/{sticker_id}")
async def sticker(request: web.Request) -> web.Response:
    found = state_of(request).world.sticker(request.match_info["sticker_id"])
    if found is None:
        raise errors.unknown_sticker()
    return answer(found)


@routes.get("/guilds/{guild_id}/members")
async def guild_members(request: web.Request) -> web.Response:
    members = sorted(guild_of(request).members.values(), key=lambda member: int(member["user"]["id"]))
    after, limit = number(request, "after", 0), number(request, "limit", 1, 1, 1000)
    return answer([member for member in members if int(member["user"]["id"]) > after][:limit])


@routes.get("/guilds/{guild_id}/members/search")
async def search_members(request: web.Request) -> web.Response:
    query, limit = request.query.get("query", "").lower(), number(request, "limit", 1, 1, 1000)
    members = guild_of(request).members.values()
    return answer([member for member in members if member["user"]["username"].startswith(query)][:limit])


@routes.get("/guilds/{guild_id}/members/{user_id}")
async def guild_member(request: web.Request) -> web.Response:
    member = guild_of(request).members.get(request.match_info["user_id"])
    if member is None:
        raise errors.unknown_member()
    return answer(member)
