"""Serves endpoints whose lists are always empty here; some clients read them before they are ready.

Source: Discord's OpenAPI document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import errors
from sandbox.discord.rest import answer, guild_of, state_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.discord.world import Json

_EMPTY: dict[str, Json | list[Json]] = {
    "/sticker-packs": {"sticker_packs": []},
    "/soundboard-default-sounds": [],
    "/voice/regions": [],
    "/applications/{application_id}/emojis": {"items": []},
    "/applications/{application_id}/entitlements": [],
    "/guilds/{guild_id}/soundboard-sounds": {"items": []},
    "/guilds/{guild_id}/scheduled-events": [],
}


def _handler(body: Json | list[Json]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        if "guild_id" in request.match_info:
            guild_of(request)
        application = state_of(request).world.application_id
        if request.match_info.get("application_id", application) != application:
            raise errors.unknown_application()
        return answer(body)

    return handle


routes = [web.get(path, _handler(body)) for path, body in _EMPTY.items()]
