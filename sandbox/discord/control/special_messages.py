"""Messages that no member writes: of webhooks, followed channels, pins; what messages hold: stickers, emoji, links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord import link_previews, member_actions, messages, references
from sandbox.discord.channel_types import ANNOUNCEMENT
from sandbox.discord.client_refusals import ClientRefusal, a_list
from sandbox.discord.control.common import channel_named, given, guild_named, message_named, place_of, shown
from sandbox.discord.guild import STICKER_FORMATS
from sandbox.discord.rest import answer, state_of
from sandbox.discord.world import snowflake

if TYPE_CHECKING:
    from sandbox.discord.world import Json

routes = web.RouteTableDef()


@routes.post("/control/webhook-message")
async def say_as_webhook(request: web.Request) -> web.Response:
    """A message of a webhook: `{"channel", "name", "content", "attachments", "embeds", "components"}`."""
    state, data = state_of(request), await given(request)
    channel = channel_named(state, data.get("channel"))
    files = [member_actions.upload_of("attachments", one) for one in a_list("attachments", data.get("attachments"))]
    payload = {key: data[key] for key in ("content", "embeds", "components", "flags") if key in data}
    author = _webhook(str(data.get("name", "Captain Hook")))
    stored = messages.create(
        state, channel, author, payload, dict(enumerate(files)), kind="webhook", webhook_id=author["id"]
    )  # fmt: skip
    return answer(shown(state, stored))


@routes.post("/control/crosspost")
async def crosspost(request: web.Request) -> web.Response:
    """An announcement is published in a channel that follows its own: `{"message", "channel"}`."""
    state, data = state_of(request), await given(request)
    stored, channel = message_named(state, data.get("message")), channel_named(state, data.get("channel"))
    origin = state.world.channels[stored.data["channel_id"]]
    if origin["type"] != ANNOUNCEMENT:
        raise ClientRefusal(f"Only what is said in an announcement channel is published: {origin.get('name')} is none.")
    guild = state.world.guilds[origin["guild_id"]]
    author = _webhook(f"{guild.data['name']} #{origin['name']}")
    return answer(shown(state, references.crosspost(state, stored, channel, author)))


@routes.post("/control/pin")
async def pin(request: web.Request) -> web.Response:
    """A member pins a message; the answer is the one that says so."""
    state, data = state_of(request), await given(request)
    stored = message_named(state, data.get("message"))
    user, _ = place_of(state, data | {"channel": stored.data["channel_id"]})
    if stored.seen_by is not None:
        raise ClientRefusal("An ephemeral message can't be pinned.")
    return answer(shown(state, references.pin(state, stored, user)))


def _webhook(name: str) -> Json:
    """A webhook as an author: no user has its id."""
    return {
        "id": snowflake(), "username": name, "discriminator": "0000", "global_name": None, "avatar": None, "bot": True,
        "public_flags": 0, "flags": 0, "primary_guild": None,
    }  # fmt: skip


# --- what messages may hold -----------------------------------------------------------------------------------------


@routes.post("/control/sticker")
async def add_sticker(request: web.Request) -> web.Response:
    """Add a sticker to a server: `{"guild", "name"}`, with a `format` and a `file`; without a file, one is drawn."""
    state, data = state_of(request), await given(request)
    guild, file_format = guild_named(state, data.get("guild")), STICKER_FORMATS.get(str(data.get("format", "png")))
    if not data.get("name") or file_format is None:
        raise ClientRefusal(f"A sticker has a guild, a name, and one of the formats {', '.join(STICKER_FORMATS)}.")
    made = state.world.add_sticker(guild, str(data["name"]), file_format, _file(data))
    changed = {"guild_id": guild.id, "stickers": guild.data["stickers"]}
    state.dispatch("GUILD_STICKERS_UPDATE", changed, guild_id=guild.id)
    return answer(made)


@routes.post("/control/emoji")
async def add_emoji(request: web.Request) -> web.Response:
    """A server has another emoji: `{"guild", "name"}`, with a `file`, and whether it is `animated`."""
    state, data = state_of(request), await given(request)
    guild = guild_named(state, data.get("guild"))
    if not data.get("name"):
        raise ClientRefusal("An emoji has a guild and a name.")
    made = state.world.add_emoji(guild, str(data["name"]), animated=bool(data.get("animated")), file=_file(data))
    changed = {"guild_id": guild.id, "emojis": guild.data["emojis"]}
    state.dispatch("GUILD_EMOJIS_UPDATE", changed, guild_id=guild.id)
    return answer(made)


@routes.post("/control/link")
async def put_behind_link(request: web.Request) -> web.Response:
    """Say what is behind an address: `{"url", "type", "file"}`, with a `title` and a `description`; its embed."""
    state, data = state_of(request), await given(request)
    kind, picture = data.get("type"), _file(data)
    if (
        kind not in link_previews.KINDS
        or not str(data.get("url", "")).startswith(("http://", "https://"))
        or picture is None
    ):
        raise ClientRefusal(f"A link has a url, a file, and one of the types {', '.join(link_previews.KINDS)}.")
    words: Json = {key: str(data[key]) for key in ("title", "description") if key in data}
    return answer(link_previews.add(state, data["url"], kind, picture, words))


def _file(data: Any) -> bytes | None:
    return member_actions.upload_of("file", data["file"]).data if data.get("file") else None
