"""Embeds for links in a message's text. Source: API reference, "Embed Types".

Nothing here reaches the internet. The control API defines previews of URLs. Links to files of this CDN have
previews too, and every Tenor GIF is a single drawn picture.
"""

from __future__ import annotations

import asyncio
import io
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web
from PIL import Image

from sandbox.discord.state import STATE
from sandbox.discord.uploads import content_type, path_of, sides
from sandbox.discord.world import snowflake

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.state import State
    from sandbox.discord.world import Json, Stored

GIFV, IMAGE, VIDEO, ARTICLE = KINDS = ("gifv", "image", "video", "article")
FOLDER = "external"
MOST_EMBEDS = 5
SUPPRESS_EMBEDS, V2 = 1 << 2, 1 << 15
_LINK = re.compile(r"(?<![<\w])https?://[^\s<>|]*[^\s<>|.,:;\"')\]]")
_TENOR = re.compile(r"https?://(?:www\.)?tenor\.com/view/([\w-]+)")
_STILL = (498, 280)


def add(state: State, url: str, kind: str, picture: bytes, texts: Json) -> Json:
    """Define the preview of a URL. Returns its embed."""
    state.links[url] = _embed(state, url, kind, picture) | texts
    return state.links[url]


def _embed(state: State, url: str, kind: str, picture: bytes) -> Json:
    host = urlsplit(url).netloc
    embed: Json = {"type": kind, "url": url}
    file_url = url if kind == IMAGE else f"https://media.{host}/{snowflake()}/picture.png"
    embed["thumbnail"] = _kept(state, file_url, picture)
    if kind in {GIFV, VIDEO}:
        seen = {key: embed["thumbnail"][key] for key in ("width", "height") if key in embed["thumbnail"]}
        embed["video"] = _kept(state, f"https://media.{host}/{snowflake()}/picture.mp4", b"\0\0\0\x18ftypmp42") | seen
    if kind != IMAGE:
        embed["provider"] = {
            "name": host.split(".")[-2].capitalize() if "." in host else host,
            "url": f"https://{host}",
        }
    return embed


def _kept(state: State, url: str, file: bytes) -> Json:
    """Store a page's picture or video, and describe it with its URL and its proxy URL."""
    parts = urlsplit(url)
    path = f"{FOLDER}/{snowflake()}/{parts.scheme}/{parts.netloc}{parts.path}"
    state.external[path] = file
    medium = {"url": url, "proxy_url": f"{state.cdn_url}/{path}", "flags": 0} | sides(file)
    kind = content_type(url)
    return medium | ({"content_type": kind} if kind else {})


async def serve(request: web.Request) -> web.Response:
    """Serve `/external/{id}/https/{host}/{path}`, as Discord's media proxy does."""
    data = request.app[STATE].external.get(request.path.lstrip("/"))
    if data is None:
        return web.Response(status=404)
    return web.Response(body=data, content_type=content_type(request.path) or "application/octet-stream")


def unfurl(state: State, stored: Stored, notify: Callable[[State, Stored], None]) -> None:
    """Add embeds for the links in a message's text, at once or after `media_delay`; then call `notify`."""
    embeds = _embeds_of(state, stored.data)
    later = embeds and state.settings.media_delay
    _show(stored, [] if later else embeds)
    if later:
        asyncio.get_running_loop().call_later(state.settings.media_delay, _finish, state, stored, notify)


def _show(stored: Stored, embeds: list[Json]) -> None:
    """Show these embeds after those that the author sent."""
    stored.data["embeds"] = [embed for embed in stored.data["embeds"] if embed["type"] == "rich"] + embeds


def _finish(state: State, stored: Stored, notify: Callable[[State, Stored], None]) -> None:
    if state.world.message(stored.data["channel_id"], stored.data["id"]) is stored:
        _show(stored, _embeds_of(state, stored.data))  # its text may have changed
        notify(state, stored)


def _embeds_of(state: State, message: Json) -> list[Json]:
    shown = not message["flags"] & (SUPPRESS_EMBEDS | V2)
    links = dict.fromkeys(_LINK.findall(message["content"]) if shown else ())
    return [embed for url in links if (embed := _behind(state, url))][:MOST_EMBEDS]


def _behind(state: State, url: str) -> Json | None:
    if url in state.links:
        return state.links[url]
    if tenor := _TENOR.match(url):
        return add(state, url, GIFV, _still(tenor[1]), {"provider": {"name": "Tenor", "url": "https://tenor.co"}})
    return _of_cdn(state, url)


def _of_cdn(state: State, url: str) -> Json | None:
    """Describe the preview of an uploaded image."""
    data: Any = state.files.get(path_of(state, url))
    kind = content_type(url.partition("?")[0]) or ""
    if data is None or not kind.startswith("image/"):
        return None
    thumbnail = {"url": url, "proxy_url": url, "content_type": kind, "flags": 0} | sides(data)
    return {"type": IMAGE, "url": url, "thumbnail": thumbnail}


def _still(name: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", _STILL, f"hsl({sum(name.encode()) % 360}, 60%, 55%)").save(written, "PNG")
    return written.getvalue()
