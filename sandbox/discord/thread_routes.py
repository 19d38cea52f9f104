"""Serves the members of a thread. Source: Discord API reference, "Channel Resource"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import errors
from sandbox.discord.channel_routes import channel_of
from sandbox.discord.channel_types import THREADS
from sandbox.discord.rest import answer, flag, state_of

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

routes = web.RouteTableDef()


@routes.get("/channels/{channel_id}/thread-members/{user_id}")
async def member(request: web.Request) -> web.Response:
    state, thread = thread_of(request)
    member = state.world.thread_members.get(thread["id"], {}).get(user_id_of(request))
    if member is None:
        raise errors.unknown_member()
    return answer(with_member(request, state, thread, member))


def thread_of(request: web.Request) -> tuple[State, Json]:
    state, channel = channel_of(request)
    if channel["type"] not in THREADS:
        raise errors.wrong_channel_type()
    return state, channel


def user_id_of(request: web.Request) -> str:
    """Return the member's id in the path, which may be "@me"."""
    return request.match_info["user_id"].replace("@me", state_of(request).world.application_id)


def with_member(request: web.Request, state: State, thread: Json, member: Json) -> Json:
    if not flag(request, "with_member"):
        return member
    return member | {"member": state.world.guilds[thread["guild_id"]].members[member["user_id"]]}
