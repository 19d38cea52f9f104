"""The local Discord as one HTTP server: REST under /api/v10, the gateway, the CDN, and the control API."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from sandbox.discord import (
    application_routes,
    artwork,
    channel_routes,
    command_permissions,
    command_routes,
    control,
    errors,
    gateway,
    guild_routes,
    interaction_routes,
    link_previews,
    other_clients,
    reactions,
    rest,
    thread_routes,
    uploads,
)
from sandbox.discord.client_refusals import ClientRefusal
from sandbox.discord.rate_limits import rate_limited
from sandbox.discord.settings import DiscordSettings
from sandbox.discord.state import REQUEST_BODY, RESPONSE_BODY, STATE, Exchange, State
from sandbox.serving import own_origin_only

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.discord.state import DiscordFault

_ROUTED = (
    command_permissions, other_clients, application_routes, command_routes, guild_routes, channel_routes,
    thread_routes, reactions, interaction_routes,
)  # fmt: skip
_API = re.compile(r"/api(?:/v\d+)?(?=/)")
_NO_TOKEN_NEEDED = ("/interactions/", "/webhooks/", "/gateway")
MOST_BODY = 120 * 2**20
CLIENT_GONE = 499


class LocalDiscord:
    """An async context manager. `settings` are those of `sandbox.discord.settings.DiscordSettings`.

    `api_url` ends in /api/v10, `gateway_url` is a ws URL, `cdn_url` serves files, stickers and emoji, `token` is the
    bot's. `on_exchange` is called after each request of a bot, `on_event` with the name and data of each gateway event
    that a session receives.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        on_exchange: Callable[[Exchange], None] | None = None,
        on_event: Callable[[str, Any], None] | None = None,
        **settings: Any,
    ) -> None:
        self._host, self._port = host, port
        self.state = State(settings=DiscordSettings(**settings), on_exchange=on_exchange, on_event=on_event)
        command_routes.give_entry_point(self.state)
        self.url = ""

    @property
    def api_url(self) -> str:
        return self.state.api_url

    @property
    def gateway_url(self) -> str:
        return self.state.gateway_url

    @property
    def cdn_url(self) -> str:
        return self.state.cdn_url

    @property
    def token(self) -> str:
        return self.state.token

    def described(self) -> dict[str, str]:
        addresses = {"discord_api": self.api_url, "discord_gateway": self.gateway_url, "discord_cdn": self.cdn_url}
        return addresses | {"token": self.token}

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(application(self.state), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://{self._host}:{port}"
        self.state.api_url = f"{self.url}/api/v10"
        self.state.gateway_url = f"ws://{self._host}:{port}/gateway"
        self.state.cdn_url = self.url
        return self

    async def __aexit__(self, *_: object) -> None:
        for session in list(self.state.sessions.values()):
            if session.connection:
                await session.connection.close(1001)
        await self._runner.cleanup()


def application(state: State) -> web.Application:
    app = web.Application(client_max_size=MOST_BODY, middlewares=[own_origin_only, _respond])
    app[STATE] = state
    app.add_routes(control.routes)
    app.add_routes([web.get("/gateway/", gateway.handle), web.get("/gateway", gateway.handle)])
    for folder in (uploads.FOLDER, uploads.EPHEMERAL_FOLDER):
        app.router.add_get(f"/{folder}/{{channel}}/{{id}}/{{name}}", uploads.serve)
    app.router.add_get(r"/stickers/{id:\d+}.{extension}", artwork.serve_sticker)
    app.router.add_get(r"/emojis/{id:\d+}.{extension}", artwork.serve_emoji)
    app.router.add_get(f"/{link_previews.FOLDER}/{{path:.+}}", link_previews.serve)
    for prefix in ("/api/v10", "/api/v9", "/api"):
        # The first match wins: /guilds/{id}/members/search comes before /guilds/{id}/members/{user_id}.
        for route in (route for module in _ROUTED for route in module.routes):
            if isinstance(route, web.RouteDef):
                app.router.add_route(route.method, prefix + route.path, route.handler)
    return app


@web.middleware
async def _respond(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    prefix = _API.match(request.path)
    if prefix is None:
        return await _control_response(request, handler)
    state = request.app[STATE]
    path = request.path[prefix.end() :]
    started = time.time()
    if state.settings.latency:
        await asyncio.sleep(state.settings.latency)
    try:
        status, body, headers = await _result(state, request, handler, path)
    except ConnectionResetError:  # the client disconnected during its request
        return web.Response(status=CLIENT_GONE)
    _log(state, request, path, status, started)
    if state.on_exchange:
        exchange = Exchange(
            request.method, _template(request, prefix.end()), path, request.get(REQUEST_BODY), status, body
        )
        state.on_exchange(exchange)
    if status == rest.NO_CONTENT:
        return web.Response(status=status, headers=headers)
    # Exactly this content type: with a charset, discord.py does not parse the body.
    return web.Response(
        status=status, body=json.dumps(body).encode(), headers=headers | {"Content-Type": "application/json"}
    )


async def _result(state: State, request: web.Request, handler: Any, path: str) -> tuple[int, Any, dict[str, str]]:
    """Return status, body and headers of the response to a bot."""
    headers: dict[str, str] = {}
    try:
        if state.settings.rate_limits:
            headers |= state.rate_limits.take(request.method, path)
        if fault := state.take_fault(request.method, path):
            await _fail(request, fault, headers)
        _authenticate(state, request, path)
        response = await handler(request)
        if fault:
            _hide(request, fault)
        return response.status, response.get(RESPONSE_BODY), headers
    except errors.DiscordError as error:
        return error.status, error.body, headers | error.headers
    except web.HTTPNotFound:
        return 404, errors.not_found().body, headers
    except web.HTTPMethodNotAllowed:
        return 405, {"message": "405: Method Not Allowed", "code": 0}, headers


def _authenticate(state: State, request: web.Request, path: str) -> None:
    if path.startswith(_NO_TOKEN_NEEDED) and path != "/gateway/bot":
        return
    if request.headers.get("Authorization") != f"Bot {state.token}":
        raise errors.unauthorized()


async def _fail(request: web.Request, fault: DiscordFault, headers: dict[str, str]) -> None:
    """Respond with an injected fault; `headers` describe the request's rate limit."""
    if fault.delay:
        await asyncio.sleep(fault.delay)
    if fault.status is None or fault.carried_out:
        return
    await request.read()
    if fault.close and request.transport:
        request.transport.abort()
    if fault.status == 429:  # noqa: PLR2004 - a rate limit has its own body
        raise rate_limited(fault.retry_after or 0.1, headers | {"X-RateLimit-Scope": "user"})
    raise errors.DiscordError(fault.status, fault.code, fault.message)


def _hide(request: web.Request, fault: DiscordFault) -> None:
    """Hide the result of a request that was carried out despite a fault."""
    if fault.close and request.transport:
        request.transport.abort()
    if fault.carried_out:
        raise errors.DiscordError(fault.status or 502, fault.code, fault.message)


def _template(request: web.Request, prefix: int) -> str:
    resource = request.match_info.route.resource
    return resource.canonical[prefix:] if resource else request.path[prefix:]


def _log(state: State, request: web.Request, path: str, status: int, started: float) -> None:
    """Log a bot's request, without tokens."""
    shown = re.sub(r"(/(?:webhooks|interactions)/\d+/)[^/]+", r"\1<token>", path)
    state.log.append({
        "at": started, "method": request.method, "path": shown, "status": status,
        "as": "interaction" if shown != path else "bot", "bytes": request.content_length or 0,
    })  # fmt: skip
    state.emit("log", state.log[-1])


async def _control_response(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        response: web.StreamResponse = await handler(request)
    except ClientRefusal as refusal:
        return web.json_response({"error": str(refusal)}, status=400)
    except errors.DiscordError as error:
        return web.json_response({"error": str(error), "body": error.body}, status=400)
    if RESPONSE_BODY in response:
        return web.json_response(response[RESPONSE_BODY], status=response.status)
    return response
