"""Serves the gateway's address, the application, users and direct messages. Source: Discord API reference."""

from __future__ import annotations

from aiohttp import web

from sandbox.discord import errors
from sandbox.discord.rest import answer, body_of, named, state_of

routes = web.RouteTableDef()


@routes.get("/gateway")
async def gateway(request: web.Request) -> web.Response:
    return answer({"url": state_of(request).gateway_url})


@routes.get("/gateway/bot")
async def gateway_bot(request: web.Request) -> web.Response:
    state = state_of(request)
    limit = state.session_limits.described(state.settings)
    return answer({"url": state.gateway_url, "shards": state.settings.shards, "session_start_limit": limit})


@routes.get("/users/@me")
async def me(request: web.Request) -> web.Response:
    return answer(
        state_of(request).world.bot | {"mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}
    )


@routes.get("/users/{user_id}")
async def user(request: web.Request) -> web.Response:
    user = state_of(request).world.users.get(request.match_info["user_id"])
    if user is None:
        raise errors.unknown_user()
    return answer(user)


@routes.post("/users/@me/channels")
async def create_dm(request: web.Request) -> web.Response:
    payload, _ = await body_of(request)
    recipient = str(named(payload).get("recipient_id"))
    world = state_of(request).world
    if recipient not in world.users or recipient == world.application_id:
        raise errors.unknown_user()
    return answer(world.dm(recipient))


@routes.get("/oauth2/applications/@me")
@routes.get("/applications/@me")
async def application(request: web.Request) -> web.Response:
    state = state_of(request)
    world = state.world
    return answer({
        "id": world.application_id, "name": "SeeDream", "icon": None, "description": "", "type": None,
        "bot": world.bot, "summary": "", "bot_public": True, "bot_require_code_grant": False, "verify_key": "0" * 64,
        "flags": state.flags, "flags_new": str(state.flags), "redirect_uris": [], "interactions_endpoint_url": None,
        "role_connections_verification_url": None, "owner": world.user("ada"), "team": None,
        "approximate_guild_count": len(world.guilds), "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0, "explicit_content_filter": 0, "eligible_oauth2_scopes": [],
        "integration_types_config": {str(kind): {} for kind in state.settings.integration_types},
    })  # fmt: skip
