"""Members of a server by their ids, asked of Discord by the gateway: it tells of those alone without any intent."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import discord

log = logging.getLogger(__name__)

PER_QUERY = 100  # Discord's limit
MOST_QUERIES = 10  # at once: a connection may send 120 things a minute
PATIENCE_SECONDS = 5.0


async def members_of(guild: discord.Guild, user_ids: Sequence[int]) -> Mapping[int, discord.Member] | None:
    """Those of them who are in the server, of the first 1,000; None if Discord does not tell in time."""
    wanted = [one for one in user_ids if one][: PER_QUERY * MOST_QUERIES]
    parts = [wanted[at : at + PER_QUERY] for at in range(0, len(wanted), PER_QUERY)]
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            found = await asyncio.gather(
                *(guild.query_members(user_ids=part, limit=PER_QUERY, cache=False) for part in parts)
            )
    except (TimeoutError, RuntimeError, OSError) as error:  # RuntimeError: its shard is not connected
        log.warning("server %d: Discord didn't send the members in time: %r", guild.id, error)
        return None
    return {member.id: member for members in found for member in members}


async def roles_of(guild: discord.Guild, user_ids: Sequence[int]) -> Mapping[int, frozenset[int]] | None:
    """The roles of each, without @everyone. None as above."""
    found = await members_of(guild, user_ids)
    if found is None:
        return None
    return {one.id: frozenset(role.id for role in one.roles) - {guild.id} for one in found.values()}
