"""Serves interaction callbacks, and the webhooks of interaction tokens.

Source: Discord API reference, "Receiving and Responding to Interactions".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import errors, interactions, messages, threads
from sandbox.discord.rest import answer, body_of, flag, nothing, state_of

if TYPE_CHECKING:
    from sandbox.discord.state import Interaction, State
    from sandbox.discord.world import Json, Stored

routes = web.RouteTableDef()


@routes.post("/interactions/{interaction_id}/{token}/callback")
async def callback(request: web.Request) -> web.Response:
    state = state_of(request)
    known = state.interactions.get(request.match_info["token"])
    limit = state.world.limit(channel_of(state, known)) if known else 1 << 20
    payload, files = await body_of(request, limit)
    data = interactions.answer(state, request.match_info["interaction_id"], request.match_info["token"], payload, files)
    return answer(data) if flag(request, "with_response") else nothing()


_WEBHOOK = "/webhooks/{application_id}/{token}"


def channel_of(state: State, interaction: Interaction) -> Json:
    """Return the channel of an interaction. Raises: DiscordError if it was deleted meanwhile."""
    channel = state.world.channels.get(interaction.channel_id)
    if channel is None:
        raise errors.unknown_channel()
    return channel


def webhook_of(request: web.Request) -> tuple[State, Interaction]:
    state = state_of(request)
    match = request.match_info
    return state, interactions.by_token(state, match["application_id"], match["token"])


def webhook_message(request: web.Request) -> tuple[State, Interaction, Stored]:
    state, interaction = webhook_of(request)
    threads.require_answerable(state, channel_of(state, interaction))
    return state, interaction, interactions.message_of(state, interaction, request.match_info["message_id"])


@routes.post(_WEBHOOK)
async def post_follow_up(request: web.Request) -> web.Response:
    """Post a follow-up; the first one after a deferral replaces it. Source: "Create Followup Message"."""
    state, interaction = webhook_of(request)
    payload, files = await body_of(request, state.world.limit(channel_of(state, interaction)))
    if not interaction.acknowledged:
        raise errors.unknown_webhook()
    threads.require_answerable(state, channel_of(state, interaction))
    deferred = state.world.message(interaction.channel_id, interaction.original or "")
    if deferred and deferred.data["flags"] & messages.LOADING:
        threads.require_unarchived(channel_of(state, interaction))
        return answer(messages.seen(state, messages.edit(state, deferred, payload, files, kind="webhook")))
    interactions.count_follow_up(interaction)
    return answer(messages.seen(state, interactions.follow_up(state, interaction, payload, files)))


@routes.get(_WEBHOOK + "/messages/{message_id}")
async def get_webhook_message(request: web.Request) -> web.Response:
    state, _, stored = webhook_message(request)
    return answer(messages.seen(state, stored))


@routes.patch(_WEBHOOK + "/messages/{message_id}")
async def patch_webhook_message(request: web.Request) -> web.Response:
    state, interaction, stored = webhook_message(request)
    threads.require_unarchived(channel_of(state, interaction))
    payload, files = await body_of(request, state.world.limit(channel_of(state, interaction)))
    return answer(messages.seen(state, messages.edit(state, stored, payload, files)))


@routes.delete(_WEBHOOK + "/messages/{message_id}")
async def delete_webhook_message(request: web.Request) -> web.Response:
    state, _, stored = webhook_message(request)
    messages.remove(state, stored)
    return nothing()
