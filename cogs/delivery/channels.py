"""Channels and threads as Discord has them: one that discord.py does not hold is fetched before it is judged."""

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

# Discord's name for a channel that the bot may not view. It has a flag for them as well, which discord.py drops.
_HIDDEN = "___hidden___"


class Kind(Enum):
    """What permissions tell apart. A post in a forum or a media channel is a thread; a stage's chat is a voice chat."""

    TEXT = "text"
    THREAD = "thread"
    VOICE = "voice"


def kind_of(channel: object) -> Kind:
    match channel:
        case discord.Thread():
            return Kind.THREAD
        case discord.VoiceChannel() | discord.StageChannel():
            return Kind.VOICE
        case _:
            return Kind.TEXT


@dataclass(frozen=True, slots=True)
class Place:
    """A channel or thread. A thread follows its `parent` in everything; None where nobody tells it."""

    channel: object
    parent: GuildChannel | None = None

    @property
    def lies_in(self) -> tuple[int, ...]:
        """Its id, of a thread that of its channel, and that of the category."""
        if isinstance(self.channel, discord.Thread):
            return (self.channel.id, *(Place(self.parent).lies_in or (self.channel.parent_id,)))
        if isinstance(self.channel, GuildChannel):
            return (self.channel.id, self.channel.category_id) if self.channel.category_id else (self.channel.id,)
        return (self.channel.id,) if isinstance(self.channel, discord.abc.Snowflake) else ()

    @property
    def age_restricted(self) -> bool:
        return is_age_restricted(self.parent or self.channel)

    def permissions_of(self, member: discord.Member) -> discord.Permissions:
        """What a member may do there; nothing where that can't be known."""
        if isinstance(self.channel, GuildChannel):
            return self.channel.permissions_for(member)
        if self.parent is None:
            return discord.Permissions.none()
        # Not the parent's own rule: who may not write in a channel may well write in its threads.
        return GuildChannel.permissions_for(self.parent, member)


def is_age_restricted(channel: object) -> bool:
    restricted = getattr(channel, "is_nsfw", None)
    return bool(restricted and restricted())


def is_hidden(channel: object) -> bool:
    """Whether all that is known of a channel is that the bot may not view it."""
    return getattr(channel, "name", None) == _HIDDEN


async def place_of(client: discord.Client, channel: object) -> Place:
    """Where an interaction or a message comes from. Raises: RefusalError, where Discord is too slow to tell."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            if isinstance(channel, discord.PartialMessageable) and channel.guild_id is not None:
                channel = await _fetched(client, channel.id) or channel
            return await _with_parent(client, channel)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
        raise RefusalError(_("Discord is slow right now. Try again. Nothing was made or charged.")) from error


async def find_place(client: discord.Client, guild: discord.Guild, channel_id: int) -> Place | None:
    """A channel or thread of a server by its id; None if there is none that the bot may see.

    Raises: discord.HTTPException and what aiohttp raises, where Discord does not tell.
    """
    channel = guild.get_channel_or_thread(channel_id) or await _fetched(client, channel_id)
    if channel is None or is_hidden(channel) or channel.guild.id != guild.id:
        return None
    return await _with_parent(client, channel)


async def _with_parent(client: discord.Client, channel: object) -> Place:
    if not isinstance(channel, discord.Thread):
        return Place(channel)
    parent: object = channel.parent
    if parent is None and client.get_guild(channel.guild.id):  # elsewhere the bot is no member and learns nothing
        parent = await _fetched(client, channel.parent_id)
    return Place(channel, parent if isinstance(parent, GuildChannel) else None)


async def _fetched(client: discord.Client, channel_id: int) -> GuildChannel | discord.Thread | None:
    """A server's channel; None for what the bot may not see, and for kinds that discord.py does not know."""
    try:
        channel = await client.fetch_channel(channel_id)
    except (discord.Forbidden, discord.NotFound, discord.InvalidData):
        return None
    return channel if isinstance(channel, GuildChannel | discord.Thread) else None


class ConnectionState(AutoShardedConnectionState[Any]):
    """discord.py's, but that an interaction from a hidden channel keeps the channel that Discord sent with it.

    That one has its name, category and age restriction; discord.py would prefer the copy that it holds.

    It dispatches `guild_added` for a server that has just added the bot. discord.py's `guild_join` is not dispatched
    while a shard becomes ready, which takes minutes where it has many servers.
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
    """For as long as the context lasts, discord.py does not hold the channel if it is hidden."""
    held = guild.get_channel(channel_id)
    if held is None or not is_hidden(held):
        yield
        return
    guild._remove_channel(held)  # noqa: SLF001 - there is no other way to have it forgotten
    try:
        yield
    finally:
        guild._add_channel(held)  # noqa: SLF001 - as above
