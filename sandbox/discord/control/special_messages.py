"""Posts messages that no member writes: of webhooks, followed channels and pins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import messages, references
from sandbox.discord.channel_types import ANNOUNCEMENT
from sandbox.discord.client_refusals import ClientRefusal
from sandbox.discord.control.common import channel_named, message_named, place_of, read_call, shown
from sandbox.discord.member_actions import uploads_in
from sandbox.discord.rest import answer
from sandbox.discord.world import snowflake

if TYPE_CHECKING:
    from sandbox.discord.world import Json

routes = web.RouteTableDef()


@routes.post("/control/webhook-message")
async def post_as_webhook(request: web.Request) -> web.Response:
    """Post as a webhook: `{"channel", "name", "content", "attachments", "embeds", "components"}`."""
    state, data = await read_call(request)
    channel = channel_named(state, data.get("channel"))
    files = dict(enumerate(uploads_in(data)))
    payload = {key: data[key] for key in ("content", "embeds", "components", "flags") if key in data}
    author = _webhook(str(data.get("name", "Captain Hook")))
    stored = messages.create(state, channel, author, payload, files, kind="webhook", webhook_id=author["id"])
    return answer(shown(state, stored))


@routes.post("/control/crosspost")
async def crosspost(request: web.Request) -> web.Response:
    """Publish an announcement in a channel that follows its own: `{"message", "channel"}`."""
    state, data = await read_call(request)
    stored, channel = message_named(state, data.get("message")), channel_named(state, data.get("channel"))
    origin = state.world.channels[stored.data["channel_id"]]
    if origin["type"] != ANNOUNCEMENT:
        raise ClientRefusal(f"{origin.get('name')} isn't an announcement channel. Only announcements can be published.")
    guild = state.world.guilds[origin["guild_id"]]
    author = _webhook(f"{guild.data['name']} #{origin['name']}")
    return answer(shown(state, references.crosspost(state, stored, channel, author)))


@routes.post("/control/pin")
async def pin(request: web.Request) -> web.Response:
    """Pin a message as a member. Returns the system message about it."""
    state, data = await read_call(request)
    stored = message_named(state, data.get("message"))
    user, _ = place_of(state, data | {"channel": stored.data["channel_id"]})
    if stored.seen_by is not None:
        raise ClientRefusal("An ephemeral message can't be pinned.")
    return answer(shown(state, references.pin(state, stored, user)))


def _webhook(name: str) -> Json:
    """Describe a webhook as an author: its id belongs to no user."""
    return {
        "id": snowflake(), "username": name, "discriminator": "0000", "global_name": None, "avatar": None, "bot": True,
        "public_flags": 0, "flags": 0, "primary_guild": None,
    }  # fmt: skip
