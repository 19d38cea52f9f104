"""Fetches members of a server by their ids, through the gateway: by ids, Discord answers without any intent."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import discord

log = logging.getLogger(__name__)

PER_QUERY = 100  # Discord's limit
MOST_QUERIES = 10  # at once: a connection may send 120 messages a minute
PATIENCE_SECONDS = 5.0


async def members_of(guild: discord.Guild, user_ids: Sequence[int]) -> Mapping[int, discord.Member] | None:
    """Return those who are in the server, of the first 1,000; None if Discord doesn't answer in time."""
    known = [user_id for user_id in user_ids if user_id][: PER_QUERY * MOST_QUERIES]  # 0 stands for forgotten members
    parts = [known[at : at + PER_QUERY] for at in range(0, len(known), PER_QUERY)]
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            answers = await asyncio.gather(
                *(guild.query_members(user_ids=part, limit=PER_QUERY, cache=False) for part in parts)
            )
    except (TimeoutError, RuntimeError, OSError) as error:  # RuntimeError: its shard is not connected
        log.warning("server %d: Discord didn't send the members in time: %r", guild.id, error)
        return None
    return {member.id: member for members in answers for member in members}


async def roles_of(guild: discord.Guild, user_ids: Sequence[int]) -> Mapping[int, frozenset[int]] | None:
    """Return the role ids of each member, without @everyone; None if Discord doesn't answer in time."""
    members = await members_of(guild, user_ids)
    if members is None:
        return None
    return {member.id: frozenset(role.id for role in member.roles) - {guild.id} for member in members.values()}
