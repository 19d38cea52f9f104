"""Reactions to messages. Source: Discord API reference, "Reaction Object" and "Create Reaction"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import errors, messages, threads
from sandbox.discord.channel_types import guild_field
from sandbox.discord.channels import message_of
from sandbox.discord.rest import answer, nothing, number, state_of
from sandbox.discord.rules.emoji import is_emoji

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json, Stored

routes = web.RouteTableDef()
_ALL = "/channels/{channel_id}/messages/{message_id}/reactions"
_OF_ONE = _ALL + "/{emoji}"


def add(state: State, stored: Stored, user: Json, emoji: str) -> None:
    """React as somebody, once: with one of Unicode's, or with one of a server as `name:id`. Raises: DiscordError."""
    if not is_emoji(emoji) and state.world.emoji(emoji.partition(":")[2]) is None:
        raise errors.unknown_emoji()
    users = stored.reactions.setdefault(emoji, [])
    if user["id"] not in users:
        users.append(user["id"])
        guild = state.world.guild_of(state.world.channels[stored.data["channel_id"]])
        member = {"member": guild.members[user["id"]]} if guild and user["id"] in guild.members else {}
        author = {"message_author_id": stored.data["author"]["id"]}
        _tell(state, stored, "MESSAGE_REACTION_ADD", _one(state, emoji, user["id"]) | author | member)


def remove(state: State, stored: Stored, user_id: str, emoji: str) -> None:
    users = stored.reactions.get(emoji, [])
    if user_id in users:
        users.remove(user_id)
        _tell(state, stored, "MESSAGE_REACTION_REMOVE", _one(state, emoji, user_id))


def _one(state: State, emoji: str, user_id: str) -> Json:
    return {"user_id": user_id, "emoji": _described(state, emoji), "burst": False, "type": 0}


def _described(state: State, emoji: str) -> Json:
    name, _, identity = emoji.partition(":")
    known = state.world.emoji(identity)
    animated = {"animated": True} if known and known["animated"] else {}
    return {"id": identity or None, "name": known["name"] if known else name} | animated


def _tell(state: State, stored: Stored, event: str, data: Json) -> None:
    """Tell everybody, and show it on the message itself."""
    bot = state.world.application_id
    shown = [
        {
            "emoji": _described(state, emoji), "count": len(users), "me": bot in users, "me_burst": False,
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


@routes.put(_OF_ONE + "/@me")
async def react(request: web.Request) -> web.Response:
    state, channel, stored = message_of(request, "READ_MESSAGE_HISTORY")
    emoji = request.match_info["emoji"]
    threads.require_unarchived(channel)
    if not stored.reactions.get(emoji):
        messages.require(state, channel, "ADD_REACTIONS")
    add(state, stored, state.world.bot, emoji)
    return nothing()


@routes.delete(_OF_ONE + "/{user_id}")
async def take_back(request: web.Request) -> web.Response:
    state, channel, stored = message_of(request)
    user_id = request.match_info["user_id"].replace("@me", state.world.application_id)
    if user_id != state.world.application_id:
        messages.require(state, channel, "MANAGE_MESSAGES")
    remove(state, stored, user_id, request.match_info["emoji"])
    return nothing()


@routes.get(_OF_ONE)
async def who_reacted(request: web.Request) -> web.Response:
    _, _, stored = message_of(request, "READ_MESSAGE_HISTORY")
    users = state_of(request).world.users
    after, limit = number(request, "after", 0), number(request, "limit", 25, 1, 100)
    found = sorted(int(one) for one in stored.reactions.get(request.match_info["emoji"], []))
    return answer([users[str(one)] for one in found if one > after][:limit])


@routes.delete(_OF_ONE)
@routes.delete(_ALL)
async def clear(request: web.Request) -> web.Response:
    state, _, stored = message_of(request, "MANAGE_MESSAGES")
    emoji = request.match_info.get("emoji")
    gone = [emoji] if emoji else list(stored.reactions)
    for one in gone:
        stored.reactions.pop(one, None)
    told = {"emoji": _described(state, emoji)} if emoji else {}
    _tell(state, stored, "MESSAGE_REACTION_REMOVE_EMOJI" if emoji else "MESSAGE_REACTION_REMOVE_ALL", told)
    return nothing()
