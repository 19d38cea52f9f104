"""REST: what all routes share, who and where the bot is, and its commands.

Source: Discord API reference; shapes: Discord's OpenAPI document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord import errors, messages
from sandbox.discord.state import REQUEST_BODY, RESPONSE_BODY, STATE
from sandbox.discord.uploads import read_body

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

routes = web.RouteTableDef()
NO_CONTENT = 204
NEWEST = 1 << 63  # later than every id


def answer(data: Any, status: int = 200) -> web.Response:
    """JSON; the middleware writes it, with the content type exactly as clients want it."""
    response = web.Response(status=status)
    response[RESPONSE_BODY] = data
    return response


def nothing() -> web.Response:
    return web.Response(status=NO_CONTENT)


def state_of(request: web.Request) -> State:
    return request.app[STATE]


async def body_of(request: web.Request, most: int = 1 << 20) -> tuple[Any, messages.Uploads]:
    payload, files = await read_body(request, most, state_of(request).settings.request_limit)
    request[REQUEST_BODY] = payload
    return payload, files


def number(request: web.Request, name: str, default: int, least: int = 0, most: int | None = None) -> int:
    """A number of the query. Raises: DiscordError."""
    given = request.query.get(name, str(default))
    if not given.isdecimal():
        problem = {"code": "NUMBER_TYPE_COERCE", "message": f'Value "{given}" is not int.'}
    elif int(given) < least:
        problem = {"code": "NUMBER_TYPE_MIN", "message": f"int value should be greater than or equal to {least}."}
    elif most is not None and int(given) > most:
        problem = {"code": "NUMBER_TYPE_MAX", "message": f"int value should be less than or equal to {most}."}
    else:
        return int(given)
    body = {"code": 50035, "message": "Invalid Form Body", "errors": {name: {"_errors": [problem]}}}
    raise errors.DiscordError(400, 50035, "Invalid Form Body", body)


def flag(request: web.Request, name: str) -> bool:
    """Whether the query asks for it."""
    return request.query.get(name, "").lower() in {"1", "true"}


def named(payload: Any) -> Json:
    """The fields of a body; none where it is no object, which the rules refuse."""
    return payload if isinstance(payload, dict) else {}


# --- who and where --------------------------------------------------------------------------------------------------


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
    found = state_of(request).world.users.get(request.match_info["user_id"])
    if found is None:
        raise errors.unknown_user()
    return answer(found)


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


def guild_of(request: web.Request) -> Guild:
    state = state_of(request)
    guild = state.world.guilds.get(request.match_info["guild_id"])
    if guild is None:
        raise errors.unknown_guild()
    if state.world.application_id not in guild.members:
        raise errors.missing_access()
    return guild
