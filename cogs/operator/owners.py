"""Who runs this bot: the owner of its application, or the members of the team that owns it, as Discord has them now."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.texts.refusal import RefusalError

if TYPE_CHECKING:
    from discord.ext import commands

log = logging.getLogger(__name__)

FRESH_SECONDS = 600.0  # so long may somebody who left the team still be taken for an owner
_MAY_RUN_IT = {discord.TeamMemberRole.admin, discord.TeamMemberRole.developer}


class Owners:
    def __init__(self, bot: commands.AutoShardedBot) -> None:
        self._bot = bot
        self._known: frozenset[int] = frozenset()
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def ids(self) -> frozenset[int]:
        """Their ids. Where Discord can't be asked, those known last; nobody where none are known."""
        async with self._asking:  # of many who ask at once, one asks
            if time.monotonic() >= self._until:
                try:
                    self._known = owners_of(await self._bot.application_info())
                    self._until = time.monotonic() + FRESH_SECONDS
                except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                    log.warning("can't look up the bot's owners at Discord: %s", error)
        return self._known

    async def check(self, interaction: discord.Interaction) -> None:
        """Refuse whoever is none of them. Raises: RefusalError."""
        if interaction.user.id not in await self.ids():
            raise RefusalError("Only the bot's owner can do this.")


def owners_of(application: discord.AppInfo) -> frozenset[int]:
    """A team's members who may change the application and have accepted the invitation; of no team, the one owner."""
    if application.team is None:
        return frozenset({application.owner.id})
    accepted = discord.TeamMembershipState.accepted
    members = (one for one in application.team.members if one.membership_state is accepted and one.role in _MAY_RUN_IT)
    head = (application.team.owner_id,) if application.team.owner_id else ()
    return frozenset({*head, *(one.id for one in members)})
