"""Adds and removes reactions to messages. Source: Discord API reference, "Reaction Object" and "Create Reaction"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import errors, messages, threads
from sandbox.discord.channel_routes import message_of
from sandbox.discord.channel_types import guild_field
from sandbox.discord.rest import nothing
from sandbox.discord.rules.emoji import is_emoji

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json, Stored

routes = web.RouteTableDef()
OF_MESSAGE = "/channels/{channel_id}/messages/{message_id}/reactions"
OF_EMOJI = OF_MESSAGE + "/{emoji}"


def add(state: State, stored: Stored, user: Json, emoji: str) -> None:
    """Add a user's reaction: a Unicode emoji, or a server's as `name:id`. Raises: DiscordError."""
    if not is_emoji(emoji) and state.world.emoji(emoji.partition(":")[2]) is None:
        raise errors.unknown_emoji()
    users = stored.reactions.setdefault(emoji, [])
    if user["id"] not in users:
        users.append(user["id"])
        guild = state.world.guild_of(state.world.channels[stored.data["channel_id"]])
        member = {"member": guild.members[user["id"]]} if guild and user["id"] in guild.members else {}
        author = {"message_author_id": stored.data["author"]["id"]}
        _notify(state, stored, "MESSAGE_REACTION_ADD", _reaction(state, emoji, user["id"]) | author | member)


def remove(state: State, stored: Stored, user_id: str, emoji: str) -> None:
    users = stored.reactions.get(emoji, [])
    if user_id in users:
        users.remove(user_id)
        _notify(state, stored, "MESSAGE_REACTION_REMOVE", _reaction(state, emoji, user_id))


def clear(state: State, stored: Stored, emoji: str | None = None) -> None:
    """Remove everybody's reactions to a message, or only those with one emoji."""
    for removed in [emoji] if emoji else list(stored.reactions):
        stored.reactions.pop(removed, None)
    if emoji:
        _notify(state, stored, "MESSAGE_REACTION_REMOVE_EMOJI", {"emoji": _partial_emoji(state, emoji)})
    else:
        _notify(state, stored, "MESSAGE_REACTION_REMOVE_ALL", {})


def _reaction(state: State, emoji: str, user_id: str) -> Json:
    return {"user_id": user_id, "emoji": _partial_emoji(state, emoji), "burst": False, "type": 0}


def _partial_emoji(state: State, emoji: str) -> Json:
    name, _, identity = emoji.partition(":")
    known = state.world.emoji(identity)
    animated = {"animated": True} if known and known["animated"] else {}
    return {"id": identity or None, "name": known["name"] if known else name} | animated


def _notify(state: State, stored: Stored, event: str, data: Json) -> None:
    """Update the reactions shown on the message, and send the event."""
    bot = state.world.application_id
    shown = [
        {
            "emoji": _partial_emoji(state, emoji), "count": len(users), "me": bot in users, "me_burst": False,
            "count_details": {"burst": 0, "normal": len(users)}, "burst_colors": [],
        }
        for emoji, users in stored.reactions.items()
        if users
    ]  # fmt: skip
    stored.data.pop("reactions", None)
    stored.data |= {"reactions": shown} if shown else {}
    channel_id = stored.data["channel_id"]
    channel = state.world.channels[channel_id]
    state.dispatch_in(
        channel, event, {"channel_id": channel_id, "message_id": stored.data["id"]} | guild_field(channel) | data
    )
    state.emit("message_update", {"message": messages.known(state, stored), "seen_by": stored.seen_by})


@routes.put(OF_EMOJI + "/@me")
async def react(request: web.Request) -> web.Response:
    state, channel, stored = message_of(request, "READ_MESSAGE_HISTORY")
    emoji = request.match_info["emoji"]
    threads.require_unarchived(channel)
    if not stored.reactions.get(emoji):
        messages.require(state, channel, "ADD_REACTIONS")
    add(state, stored, state.world.bot, emoji)
    return nothing()
