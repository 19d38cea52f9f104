"""Places of every kind in the local Discord, by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.world import Member

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.support.world import Message, World


async def thread_in(world: World, channel: str, *, private: bool = False) -> str:
    """A thread in a channel, or a post in a forum; the bot is added to a private one."""
    thread = await world.start_thread(Member(world, "ada", channel), private=private)
    if private:
        await world.add_to_thread(thread)
    return thread


async def _in_a_category(world: World) -> str:
    await world.make_channel("art", "category")
    return await world.make_channel("sketches", category="art")


async def _thread_of_a(world: World, kind: str) -> str:
    return await thread_in(world, await world.make_channel(f"a-{kind}", kind))


async def _lobby(world: World) -> str:
    return await world.channel_id("lobby")


# Where the bot is told of messages, and where all that it has is the interaction.
JOINED: dict[str, Callable[[World], Awaitable[str]]] = {
    "an announcement channel": lambda world: world.make_channel("news", "announcement"),
    "a channel in a category": _in_a_category,
    "a thread": lambda world: thread_in(world, "general"),
    "a private thread": lambda world: thread_in(world, "general", private=True),
    "a thread of announcements": lambda world: _thread_of_a(world, "announcement"),
    "a forum post": lambda world: _thread_of_a(world, "forum"),
    "a media post": lambda world: _thread_of_a(world, "media"),
    "a voice chat": lambda world: world.make_channel("voice-chat", "voice"),
    "a stage chat": lambda world: world.make_channel("stage-chat", "stage"),
}
FOREIGN: dict[str, Callable[[World], Awaitable[str]]] = {
    "a group of friends": lambda world: world.make_group("friends", "ada", "ben"),
    "a server without the bot": _lobby,
}


async def link_to(message: Message, *, server: str = "general") -> str:
    """The link of a message in a server, which is named by one of its channels."""
    guild = await message.world.guild_of(server)
    return f"https://discord.com/channels/{guild}/{message.data['channel_id']}/{message.id}"


async def are_hidden(world: World, *channels: str) -> None:
    """The bot may not view these channels, and has never seen them since it was started."""
    for name in channels:
        await world.deny(name, "VIEW_CHANNEL")
    await world.restart_bot()


async def archived_long_ago(world: World, thread: str) -> None:
    """The bot has not been told of it since it was started."""
    await world.set_thread(thread, archived=True)
    await world.restart_bot()


async def out_of_the_cache(world: World, place: str) -> None:
    """The bot's library holds a channel or thread no more, though it is there."""
    guilds = (await world.get("/control/world"))["guilds"]
    held = [("THREAD_DELETE", one) for guild in guilds for one in guild["threads"]]
    held += [("CHANNEL_DELETE", one) for guild in guilds for one in guild["channels"]]
    await world.send_event(*next((event, data) for event, data in held if data["id"] == place))
