"""Checks again, when a request is submitted, that its member may use pictures from other channels.

What was read when a form was opened or a first result was made may be closed to them by now, or age-restricted.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.delivery.channels import PATIENCE_SECONDS, find_place, kind_of
from cogs.i18n.translate import _, sentences
from cogs.requests.context import can_read
from cogs.texts.access import FREE
from cogs.texts.refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cogs.delivery.channels import Place, ServerPlace
    from studio.jobs.job import PictureSource

Person = discord.Member | discord.User


async def sources_now(
    client: discord.Client, person: Person, channel_id: int, sources: Sequence[PictureSource | None]
) -> tuple[PictureSource | None, ...]:
    """Return the sources with their channels' age restriction as it is now. `channel_id`: of the request.

    Raises: RefusalError if the person can't read one of the channels now, or if Discord is too slow.
    """
    elsewhere = {source.channel_id for source in sources if source and source.channel_id != channel_id}
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            restricted = {other: await _age_restricted(client, person, other) for other in elsewhere}
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
        raise RefusalError(_("Discord is slow right now. Try again. Nothing was made or charged.")) from error
    return tuple(
        replace(source, age_restricted=True) if source and restricted.get(source.channel_id) else source
        for source in sources
    )


async def _age_restricted(client: discord.Client, person: Person, channel_id: int) -> bool:
    """Return whether a channel is age-restricted. Raises: RefusalError if the person can't read it."""
    place = await find_place(client, None, channel_id)
    member = await _member(place, person) if place else None
    if place is None or member is None or not await may_read(place, member):
        text = _("You can't read the channel that one of these pictures is from, so you can't use it here.")
        raise RefusalError(sentences(text, _(FREE)))
    return place.age_restricted


async def _member(place: ServerPlace, person: Person) -> discord.Member | None:
    """Return the person as a member of the server that a place is in; None if they aren't one."""
    if isinstance(person, discord.Member) and person.guild.id == place.server.id:
        return person
    try:
        return await place.server.fetch_member(person.id)
    except (discord.Forbidden, discord.NotFound):
        return None


async def may_read(place: Place, member: discord.Member) -> bool:
    """Tell whether a member can read a place. Of a private thread, its channel's permissions don't say it."""
    may, channel = place.permissions_of(member), place.channel
    if not can_read(may, kind_of(channel)):
        return False
    if not isinstance(channel, discord.Thread) or not channel.is_private() or may.manage_threads:
        return True
    try:
        await channel.fetch_member(member.id)
    except discord.NotFound:
        return False
    return True
