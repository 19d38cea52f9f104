"""Handles /quota, and the button that submits a refused request with fewer images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.delivery.transports import QUIET
from cogs.i18n.translate import N_
from cogs.quota.card import render_quota
from cogs.requests.context import member_of
from cogs.requests.dynamic_items import persistent_item
from cogs.requests.retry_offers import OFFER_PATTERN

if TYPE_CHECKING:
    import re

    from cogs.requests.submission import RequestSubmitter


class Quota(commands.Cog):
    def __init__(self, bot: commands.AutoShardedBot, submitter: RequestSubmitter) -> None:
        self._bot = bot
        self._submitter = submitter

    async def cog_load(self) -> None:
        self._bot.add_dynamic_items(persistent_item(OFFER_PATTERN, self.fewer))

    # Translators: at most 100 characters
    @app_commands.command(description=N_("What you have left, your limits, and when they reset"))
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def quota(self, interaction: discord.Interaction) -> None:
        quota_status = await self._submitter.service.quota(member_of(interaction))
        view = render_quota(quota_status)
        await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=QUIET)

    async def fewer(self, interaction: discord.Interaction, custom_id: re.Match[str], _item: ui.Item[Any]) -> None:
        """Submit a refused request with the number of images that is still possible."""
        with self._submitter.presses.once(interaction):
            name = custom_id["offer"]
            offer = self._submitter.offers.open(name, int(custom_id["images"]))
            await self._submitter.accept_offer(interaction, offer)
            self._submitter.offers.used(name)
