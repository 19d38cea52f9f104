"""Lists the bot's servers, and a server's channels, roles, expressions and members. Source: "Guild Resource"."""

from __future__ import annotations

from aiohttp import web

from sandbox.discord import errors
from sandbox.discord.guild_routes import counts
from sandbox.discord.rest import NEWEST, answer, guild_of, number, page, state_of

routes = web.RouteTableDef()


@routes.get("/users/@me/guilds")
async def my_guilds(request: web.Request) -> web.Response:
    """List the bot's servers between `after` and `before`, oldest first."""
    world, after = state_of(request).world, number(request, "after", 0)
    before, limit = number(request, "before", NEWEST), number(request, "limit", 200, 1, 200)
    guilds = []
    for guild in world.guilds.values():
        if world.application_id in guild.members and after < int(guild.id) < before:
            own = {key: guild.data[key] for key in ("id", "name", "icon", "banner", "features")}
            own |= {"owner": False, "permissions": str(guild.permissions(world.application_id))}
            guilds.append(own | counts(request, guild))
    return answer(guilds[:limit])


@routes.get("/guilds/{guild_id}/channels")
async def guild_channels(request: web.Request) -> web.Response:
    """List the channels; with obfuscation on, only those that the bot can view. Source: api-docs #8454."""
    state, guild = state_of(request), guild_of(request)
    bot, hides = state.world.application_id, state.settings.obfuscate_channels
    channels = guild.channels.values()
    return answer([channel for channel in channels if not hides or state.world.may(bot, channel, "VIEW_CHANNEL")])


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
    sticker = state_of(request).world.sticker(request.match_info["sticker_id"])
    if sticker is None:
        raise errors.unknown_sticker()
    return answer(sticker)


@routes.get("/guilds/{guild_id}/members")
async def guild_members(request: web.Request) -> web.Response:
    members = guild_of(request).members.values()
    return answer(page(request, members, lambda member: int(member["user"]["id"]), default=1, most=1000))


@routes.get("/guilds/{guild_id}/members/search")
async def search_members(request: web.Request) -> web.Response:
    query, limit = request.query.get("query", "").lower(), number(request, "limit", 1, 1, 1000)
    members = guild_of(request).members.values()
    return answer([member for member in members if member["user"]["username"].startswith(query)][:limit])
