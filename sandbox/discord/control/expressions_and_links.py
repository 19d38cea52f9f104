"""Adds stickers and emoji to servers, and defines the previews of links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord import link_previews
from sandbox.discord.client_refusals import ClientRefusal
from sandbox.discord.control.common import guild_named, read_call
from sandbox.discord.guild import STICKER_FORMATS
from sandbox.discord.member_actions import upload_of
from sandbox.discord.rest import answer

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

routes = web.RouteTableDef()


@routes.post("/control/sticker")
async def add_sticker(request: web.Request) -> web.Response:
    """Add a sticker to a server: `{"guild", "name"}`, with a `format` and a `file`; without a file, one is drawn."""
    state, data = await read_call(request)
    guild, file_format = guild_named(state, data.get("guild")), STICKER_FORMATS.get(str(data.get("format", "png")))
    if not data.get("name") or file_format is None:
        raise ClientRefusal(f"A sticker has a guild, a name, and one of the formats {', '.join(STICKER_FORMATS)}.")
    sticker = state.world.add_sticker(guild, str(data["name"]), file_format, _file(data))
    _dispatch_update(state, guild, "stickers")
    return answer(sticker)


@routes.post("/control/emoji")
async def add_emoji(request: web.Request) -> web.Response:
    """Add an emoji to a server: `{"guild", "name"}`, with a `file` and `animated`; without a file, one is drawn."""
    state, data = await read_call(request)
    guild = guild_named(state, data.get("guild"))
    if not data.get("name"):
        raise ClientRefusal("An emoji has a guild and a name.")
    emoji = state.world.add_emoji(guild, str(data["name"]), animated=bool(data.get("animated")), file=_file(data))
    _dispatch_update(state, guild, "emojis")
    return answer(emoji)


def _dispatch_update(state: State, guild: Guild, key: str) -> None:
    changed = {"guild_id": guild.id, key: guild.data[key]}
    state.dispatch(f"GUILD_{key.upper()}_UPDATE", changed, guild_id=guild.id)


@routes.post("/control/link")
async def define_link(request: web.Request) -> web.Response:
    """Define the preview of a URL: `{"url", "type", "file"}`, with a `title` and a `description`. Returns its embed."""
    state, data = await read_call(request)
    kind, picture = data.get("type"), _file(data)
    is_web = str(data.get("url", "")).startswith(("http://", "https://"))
    if kind not in link_previews.KINDS or not is_web or picture is None:
        raise ClientRefusal(f"A link has a url, a file, and one of the types {', '.join(link_previews.KINDS)}.")
    texts: Json = {key: str(data[key]) for key in ("title", "description") if key in data}
    return answer(link_previews.add(state, data["url"], kind, picture, texts))


def _file(data: Any) -> bytes | None:
    return upload_of("file", data["file"]).data if data.get("file") else None
