"""Renews the links of attachments. The endpoint is undocumented, but open to bots: esmBot #461."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import errors
from sandbox.discord.rest import answer, body_of, named, state_of
from sandbox.discord.uploads import path_of, signed

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

routes = web.RouteTableDef()
MOST_URLS = 50


@routes.post("/attachments/refresh-urls")
async def refresh_urls(request: web.Request) -> web.Response:
    """Sign each of `{"attachment_urls": [...]}` again, whether or not the file still exists."""
    payload, _ = await body_of(request)
    urls = named(payload).get("attachment_urls")
    if not isinstance(urls, list) or not 1 <= len(urls) <= MOST_URLS or not all(isinstance(url, str) for url in urls):
        raise errors.bad_form()
    state = state_of(request)
    return answer({"refreshed_urls": [_refreshed(state, url) for url in urls]})


def _refreshed(state: State, url: str) -> Json:
    path = path_of(state, url)
    return {"original": url, "refreshed": signed(state, path) if path else None}
