"""Looks up channels and threads, with the permissions members have in them.

discord.py's cache isn't Discord: it has no archived threads, and of a hidden channel a copy without name and
permissions. What it lacks is fetched, within two of the three seconds that Discord waits for an answer.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord.abc import GuildChannel
from discord.state import AutoShardedConnectionState

from cogs.i18n.translate import _
from cogs.texts.refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from discord.types.gateway import InteractionCreateEvent
    from discord.types.guild import Guild

PATIENCE_SECONDS = 2.0  # of the three that Discord waits for an answer

# Discord's name for a channel that the bot can't view. Discord also sends a flag for it, which discord.py drops.
_HIDDEN = "___hidden___"


class ChannelKind(Enum):
    """Kinds of channels with different permissions. A forum post is a thread; a stage's chat is a voice channel's."""

    TEXT = "text"
    THREAD = "thread"
    VOICE = "voice"


def kind_of(channel: object) -> ChannelKind:
    match channel:
        case discord.Thread():
            return ChannelKind.THREAD
        case discord.VoiceChannel() | discord.StageChannel():
            return ChannelKind.VOICE
        case _:
            return ChannelKind.TEXT


@dataclass(frozen=True, slots=True)
class Place:
    """A channel or thread, for permission checks. `parent`: a thread's channel; None if it is unknown."""

    channel: object
    parent: GuildChannel | None = None

    @property
    def lies_in(self) -> tuple[int, ...]:
        """The ids of the thread, its channel and its category, as far as they exist; the nearest first."""
        if isinstance(self.channel, discord.Thread):
            return (self.channel.id, *(Place(self.parent).lies_in or (self.channel.parent_id,)))
        if isinstance(self.channel, GuildChannel):
            return (self.channel.id, self.channel.category_id) if self.channel.category_id else (self.channel.id,)
        return (self.channel.id,) if isinstance(self.channel, discord.abc.Snowflake) else ()

    @property
    def age_restricted(self) -> bool:
        return is_age_restricted(self.parent or self.channel)

    def permissions_of(self, member: discord.Member) -> discord.Permissions:
        """Return a member's permissions there; none if they can't be known."""
        if isinstance(self.channel, GuildChannel):
            return self.channel.permissions_for(member)
        if self.parent is None:
            return discord.Permissions.none()
        # Not the parent's own method: a member who can't write in a channel may be able to write in its threads.
        return GuildChannel.permissions_for(self.parent, member)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPlace(Place):
    """A channel or thread of a server."""

    server: discord.Guild


def is_age_restricted(channel: object) -> bool:
    restricted = getattr(channel, "is_nsfw", None)
    return bool(restricted and restricted())


def is_hidden(channel: object) -> bool:
    """Return whether the bot can't view the channel, so that nothing else is known about it."""
    return getattr(channel, "name", None) == _HIDDEN


async def place_of(client: discord.Client, channel: object) -> Place:
    """Look up the channel of an interaction or a message. Raises: RefusalError if Discord is too slow."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            if isinstance(channel, discord.PartialMessageable) and channel.guild_id is not None:
                channel = await _fetched(client, channel.id) or channel
            return await _with_parent(client, channel)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
        raise RefusalError(_("Discord is slow right now. Try again. Nothing was made or charged.")) from error


async def find_place(client: discord.Client, guild: discord.Guild | None, channel_id: int) -> ServerPlace | None:
    """Find a server's channel or thread by its id; None if there is none that the bot can see.

    `guild`: the only server to look in. Raises: discord.HTTPException, aiohttp.ClientError, OSError.
    """
    known = guild.get_channel_or_thread(channel_id) if guild else client.get_channel(channel_id)
    channel = known if isinstance(known, GuildChannel | discord.Thread) else await _fetched(client, channel_id)
    if channel is None or is_hidden(channel) or (guild and channel.guild.id != guild.id):
        return None
    place = await _with_parent(client, channel)
    return ServerPlace(channel, place.parent, server=channel.guild)


async def _with_parent(client: discord.Client, channel: object) -> Place:
    if not isinstance(channel, discord.Thread):
        return Place(channel)
    parent: object = channel.parent
    if parent is None and client.get_guild(channel.guild.id):  # elsewhere the bot isn't a member and can't fetch it
        parent = await _fetched(client, channel.parent_id)
    return Place(channel, parent if isinstance(parent, GuildChannel) else None)


async def _fetched(client: discord.Client, channel_id: int) -> GuildChannel | discord.Thread | None:
    """Fetch a server's channel; None if the bot can't see it or discord.py doesn't know its type."""
    try:
        channel = await client.fetch_channel(channel_id)
    except (discord.Forbidden, discord.NotFound, discord.InvalidData):
        return None
    return channel if isinstance(channel, GuildChannel | discord.Thread) else None


class ConnectionState(AutoShardedConnectionState[Any]):
    """Extends discord.py's connection state in two ways.

    An interaction from a hidden channel keeps the channel that Discord sent with it, which has its name, category and
    age restriction; discord.py would replace it by its cached copy.

    `guild_added` is dispatched for a server that has just added the bot. discord.py doesn't dispatch `guild_join`
    while a shard becomes ready, which takes minutes with many servers.
    """

    def parse_interaction_create(self, data: InteractionCreateEvent) -> None:
        guild = self._get_guild(int(data.get("guild_id", 0)))
        channel_id = int(data.get("channel", {}).get("id", 0))
        with _unhidden(guild, channel_id) if guild else nullcontext():
            super().parse_interaction_create(data)

    def parse_guild_create(self, data: Guild) -> None:
        super().parse_guild_create(data)
        guild = self._get_guild(int(data["id"]))
        if "unavailable" not in data and guild is not None:
            self.dispatch("guild_added", guild)


@contextmanager
def _unhidden(guild: discord.Guild, channel_id: int) -> Iterator[None]:
    """Remove the channel from discord.py's cache while the context lasts, if it is hidden."""
    held = guild.get_channel(channel_id)
    if held is None or not is_hidden(held):
        yield
        return
    guild._remove_channel(held)  # noqa: SLF001 - there is no other way to remove it from the cache
    try:
        yield
    finally:
        guild._add_channel(held)  # noqa: SLF001 - as above
