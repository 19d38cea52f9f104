"""Looks up the bot's owners at Discord: the application's owner, or the members of the team that owns it."""

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

FRESH_SECONDS = 600.0  # somebody who joins the team waits for that long
JUST_NOW_SECONDS = 5.0  # somebody who leaves it counts as an owner for that long
_ROLES = {discord.TeamMemberRole.admin, discord.TeamMemberRole.developer}


class Owners:
    def __init__(self, bot: commands.AutoShardedBot) -> None:
        self._bot = bot
        self._known: frozenset[int] = frozenset()
        self._looked_up = float("-inf")
        self._lookup = asyncio.Lock()

    async def ids(self, max_age: float = FRESH_SECONDS) -> frozenset[int]:
        """Return the owners' ids: the last known ones if Discord can't be reached, nobody if there are none."""
        async with self._lookup:  # one look-up for many callers at once
            if time.monotonic() - self._looked_up >= max_age:
                try:
                    self._known = owners_of(await self._bot.application_info())
                    self._looked_up = time.monotonic()
                except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                    log.warning("can't look up the bot's owners at Discord: %s", error)
        return self._known

    async def check(self, interaction: discord.Interaction) -> None:
        """Refuse everybody who isn't an owner now. Strangers cause no look-up each. Raises: RefusalError."""
        user_id = interaction.user.id
        if user_id not in await self.ids() or user_id not in await self.ids(JUST_NOW_SECONDS):
            raise RefusalError("Only the bot's owner can do this.")


def owners_of(application: discord.AppInfo) -> frozenset[int]:
    """Return the ids of the team members who may change the application, or of its single owner."""
    if application.team is None:
        return frozenset({application.owner.id})
    accepted = discord.TeamMembershipState.accepted
    team = application.team
    members = {member.id for member in team.members if member.membership_state is accepted and member.role in _ROLES}
    return frozenset(members | {team.owner_id} if team.owner_id else members)
