"""Places of every kind, as members make them in the local Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.world import Member

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.support.world import Message, World

Json = dict[str, Any]


async def a_channel(world: World, name: str, kind: str = "text", **how: Any) -> Json:
    """A new channel of the server Studio; in a `category` by name, and `nsfw` or not."""
    return await world.post("/control/channel", {"guild": "Studio", "name": name, "type": kind, **how})


async def a_thread(world: World, channel: str, *, with_bot: bool = False, by: str = "ada", **how: Any) -> Json:
    """A new thread in a channel, or a post in a forum; `private` or not."""
    thread = await world.post("/control/thread", {"user": by, "channel": channel, "name": f"in {channel}", **how})
    if with_bot:
        await add_to_thread(world, thread, "SeeDream")
    return thread


async def add_to_thread(world: World, thread: Json, user: str) -> None:
    await world.post("/control/thread-member", {"thread": thread["id"], "user": user})


async def archive(world: World, thread: Json) -> None:
    """Close a thread; the bot, started again, is not told of it any more."""
    await world.post("/control/thread-state", {"thread": thread["id"], "archived": True})


async def are_hidden(world: World, *channels: str) -> None:
    """The bot may not view these channels, and has never seen them since it was started."""
    for name in channels:
        await world.deny(name, "VIEW_CHANNEL")
    await world.restart_bot()


async def is_out_of_the_cache(world: World, *places: Json) -> None:
    """The bot's library holds these channels and threads no more, though they are there."""
    for place in places:
        name = "THREAD_DELETE" if "thread_metadata" in place else "CHANNEL_DELETE"
        await world.post("/control/gateway", {"action": "event", "name": name, "data": place})


def at(world: World, name: str, place: Json) -> Member:
    return Member(world, name, place["id"])


def link_to(message: Message, place: Json) -> str:
    return f"https://discord.com/channels/{place.get('guild_id', '@me')}/{place['id']}/{message.id}"


async def _a_forum_post(world: World, kind: str) -> Json:
    forum = await a_channel(world, f"a-{kind}", kind)
    return await a_thread(world, forum["id"])


async def _a_thread_of(world: World, kind: str) -> Json:
    return await a_thread(world, (await a_channel(world, f"a-{kind}", kind))["id"])


async def _a_group(world: World) -> Json:
    return await world.post("/control/group", {"name": "friends", "users": ["ada", "ben"]})


async def _the_lobby(world: World) -> Json:
    guild, channel = await world._channel("lobby")
    return {"id": channel, "guild_id": guild}


async def _in_a_category(world: World) -> Json:
    await a_channel(world, "art", "category")
    return await a_channel(world, "sketches", category="art")


# Where the bot is told of messages, and where all that it has is the interaction.
JOINED: dict[str, Callable[[World], Awaitable[Json]]] = {
    "an announcement channel": lambda world: a_channel(world, "news", "announcement"),
    "a channel in a category": _in_a_category,
    "a thread": lambda world: a_thread(world, "general"),
    "a private thread": lambda world: a_thread(world, "general", private=True, with_bot=True),
    "a thread of announcements": lambda world: _a_thread_of(world, "announcement"),
    "a forum post": lambda world: _a_forum_post(world, "forum"),
    "a media post": lambda world: _a_forum_post(world, "media"),
    "a voice chat": lambda world: a_channel(world, "voice-chat", "voice"),
    "a stage chat": lambda world: a_channel(world, "stage-chat", "stage"),
}
FOREIGN: dict[str, Callable[[World], Awaitable[Json]]] = {
    "a group of friends": _a_group,
    "a server without the bot": _the_lobby,
}
