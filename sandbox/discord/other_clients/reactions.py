"""Lists and removes reactions. Source: Discord API reference, "Get Reactions", "Delete All Reactions"."""

from __future__ import annotations

from aiohttp import web

from sandbox.discord import messages, reactions
from sandbox.discord.channel_routes import message_of
from sandbox.discord.reactions import OF_EMOJI, OF_MESSAGE
from sandbox.discord.rest import answer, nothing, page

routes = web.RouteTableDef()


@routes.get(OF_EMOJI)
async def list_users(request: web.Request) -> web.Response:
    state, _, stored = message_of(request, "READ_MESSAGE_HISTORY")
    users = [state.world.users[user_id] for user_id in stored.reactions.get(request.match_info["emoji"], [])]
    return answer(page(request, users, lambda user: int(user["id"]), default=25, most=100))


@routes.delete(OF_EMOJI + "/{user_id}")
async def remove(request: web.Request) -> web.Response:
    state, channel, stored = message_of(request)
    user_id = request.match_info["user_id"].replace("@me", state.world.application_id)
    if user_id != state.world.application_id:
        messages.require(state, channel, "MANAGE_MESSAGES")
    reactions.remove(state, stored, user_id, request.match_info["emoji"])
    return nothing()


@routes.delete(OF_EMOJI)
@routes.delete(OF_MESSAGE)
async def clear(request: web.Request) -> web.Response:
    state, _, stored = message_of(request, "MANAGE_MESSAGES")
    reactions.clear(state, stored, request.match_info.get("emoji"))
    return nothing()
