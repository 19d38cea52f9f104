"""Serves the files of stickers and emoji as the CDN does; draws those that were not uploaded.

Source: Discord API reference, "CDN Endpoints", "Sticker Format Types" and "Emoji Formats".
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

from aiohttp import web
from PIL import Image, ImageDraw

from sandbox.discord.guild import APNG, GIF, LOTTIE
from sandbox.discord.state import STATE

if TYPE_CHECKING:
    from sandbox.discord.world import Json

STICKER_SIDE, EMOJI_SIDE = 320, 128  # pixels
_FRAMES = 3
_LOTTIE = {"v": "5.7.4", "fr": 30, "ip": 0, "op": 30, "w": STICKER_SIDE, "h": STICKER_SIDE, "layers": []}
_EXTENSIONS = {APNG: "png", GIF: "gif", LOTTIE: "json"}
_TYPES = {"png": "image/png", "gif": "image/gif", "webp": "image/webp", "jpg": "image/jpeg", "json": "application/json"}
_UNSUPPORTED = 415


async def serve_sticker(request: web.Request) -> web.Response:
    """Serve `/stickers/{id}.{png|gif|json}`, in the sticker's own format only."""
    state, extension = request.app[STATE], request.match_info["extension"]
    sticker = state.world.sticker(request.match_info["id"])
    if sticker is None or extension != _EXTENSIONS.get(sticker["format_type"], "png"):
        return _not_there()
    file = state.world.artwork.get(sticker["id"]) or draw_sticker(sticker)
    return web.Response(body=file, content_type=_TYPES[extension])


async def serve_emoji(request: web.Request) -> web.Response:
    """Serve `/emojis/{id}.{png|jpg|webp|gif}[?animated=true]`; only animated emoji exist as GIF."""
    state, extension = request.app[STATE], request.match_info["extension"]
    emoji = state.world.emoji(request.match_info["id"])
    if emoji is None or extension not in _TYPES:
        return _not_there()
    if extension == "json" or (extension == "gif" and not emoji["animated"]):
        return web.Response(status=_UNSUPPORTED)
    animated = extension == "gif" or (extension == "webp" and request.query.get("animated") == "true")
    file = state.world.artwork.get(emoji["id"]) or draw_emoji(emoji)
    return web.Response(body=convert(file, extension, animated=animated), content_type=_TYPES[extension])


def _not_there() -> web.Response:
    return web.Response(status=404, text="This content is no longer available.")


def draw_sticker(sticker: Json) -> bytes:
    if sticker["format_type"] == LOTTIE:
        return json.dumps(_LOTTIE | {"nm": sticker["name"]}).encode()
    frames = _FRAMES if sticker["format_type"] in {APNG, GIF} else 1
    return _picture(sticker["id"], STICKER_SIDE, frames, "GIF" if sticker["format_type"] == GIF else "PNG")


def draw_emoji(emoji: Json) -> bytes:
    frames = _FRAMES if emoji["animated"] else 1
    return _picture(emoji["id"], EMOJI_SIDE, frames, "GIF" if frames > 1 else "PNG")


def convert(file: bytes, extension: str, *, animated: bool) -> bytes:
    """Convert a picture to a format; without `animated`, only its first frame."""
    written = io.BytesIO()
    with Image.open(io.BytesIO(file)) as image:
        if image.format == extension.upper() and (animated or getattr(image, "n_frames", 1) == 1):
            return file
        kept = {"save_all": True} if animated else {}
        shown = image if animated else image.convert("RGB" if extension == "jpg" else "RGBA")
        shown.save(written, "JPEG" if extension == "jpg" else extension.upper(), **kept)
    return written.getvalue()


def _picture(seed: str, side: int, frames: int, kind: str) -> bytes:
    """Draw a disc on a transparent background. Its color depends on the seed, its size on the frame."""
    hue = int(seed) * 67 % 360
    pictures = [Image.new("RGBA", (side, side), (0, 0, 0, 0)) for _ in range(frames)]
    for number, picture in enumerate(pictures):
        margin = side // 4 - number * side // 16
        ImageDraw.Draw(picture).ellipse((margin, margin, side - margin, side - margin), fill=f"hsl({hue}, 70%, 50%)")
    written = io.BytesIO()
    more = {"save_all": True, "append_images": pictures[1:], "duration": 200, "loop": 0} if frames > 1 else {}
    pictures[0].save(written, kind, **more)
    return written.getvalue()
