"""Serves a server of the bot and its members. Source: API reference, "Guild Resource"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import errors
from sandbox.discord.rest import answer, flag, guild_of

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.world import Json

routes = web.RouteTableDef()


@routes.get("/guilds/{guild_id}")
async def guild(request: web.Request) -> web.Response:
    guild = guild_of(request)
    return answer(guild.data | counts(request, guild))


def counts(request: web.Request, guild: Guild) -> Json:
    """Return the approximate counts, if the query wants them."""
    if not flag(request, "with_counts"):
        return {}
    return dict.fromkeys(("approximate_member_count", "approximate_presence_count"), len(guild.members))


@routes.get("/guilds/{guild_id}/members/{user_id}")
async def guild_member(request: web.Request) -> web.Response:
    member = guild_of(request).members.get(request.match_info["user_id"])
    if member is None:
        raise errors.unknown_member()
    return answer(member)
