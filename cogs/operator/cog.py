"""/operator: for the bot's owners only, in their own server or in direct messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.delivery.transports import QUIET
from cogs.operator.screens import PATTERN, Api, ranked, render_drain, render_servers, render_stats
from cogs.requests.dynamic_items import persistent_item
from studio.jobs.admission import Drain

if TYPE_CHECKING:
    import re

    from cogs.client.bot import StudioBot
    from cogs.operator.owners import Owners
    from seedream.providers import Provider
    from studio.clock import Clock
    from studio.jobs.operations import Operations
    from studio.jobs.service import ImageService

DAYS = 30  # of usage, in the list of servers
_DRAINS = {
    "This process, until it ends": Drain.HERE,
    "All processes, until switched off": Drain.ALL,
    "Off: accept requests again": Drain.OFF,
}


class Operator(commands.GroupCog, name="operator", description="For the bot's owner"):
    """The command. `server`: the only server that has it; without one it works in direct messages.

    `daily_limit`: the whole bot's, in credits; None for none.
    """

    def __init__(
        self,
        bot: StudioBot,
        owners: Owners,
        service: ImageService,
        operations: Operations,
        clock: Clock,
        *,
        provider: Provider,
        server: int | None,
        daily_limit: int | None,
    ) -> None:
        self._bot = bot
        self._owners = owners
        self._service = service
        self._operations = operations
        self._clock = clock
        self._provider = provider
        self._daily_limit = daily_limit
        group = self.app_command
        assert isinstance(group, app_commands.Group)  # noqa: S101 - a GroupCog has a group
        if server is None:
            group.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
            group.allowed_contexts = app_commands.AppCommandContext(dm_channel=True)
        else:
            group.default_permissions = discord.Permissions(administrator=True)
            app_commands.guilds(server)(group)

    async def cog_load(self) -> None:
        self._bot.add_dynamic_items(persistent_item(PATTERN, self.press, check=self._owners.check))

    @app_commands.command(description="Show jobs, usage, errors and the bot's status")
    async def stats(self, interaction: discord.Interaction) -> None:
        await self._owners.check(interaction)
        await _answer(interaction, await self._stats())

    @app_commands.command(description="Show which servers use the bot, and how much")
    async def servers(self, interaction: discord.Interaction) -> None:
        await self._owners.check(interaction)
        await _answer(interaction, await self._servers(0))

    @app_commands.command(description="Stop accepting requests and finish the running ones, or resume")
    @app_commands.describe(mode="Which processes stop accepting requests")
    @app_commands.choices(mode=[app_commands.Choice(name=name, value=drain) for name, drain in _DRAINS.items()])
    async def drain(self, interaction: discord.Interaction, mode: str) -> None:
        await self._owners.check(interaction)
        await self._service.admission.set_drain(Drain(mode))
        await _answer(interaction, self._drain())

    async def press(self, interaction: discord.Interaction, match: re.Match[str], _item: ui.Item[Any]) -> None:
        """Do what a button of these screens says, and show the result."""
        what, page = match["what"], int(match["page"])
        if what == "retry":
            await self._service.admission.try_now()
        elif what == "undrain":
            await self._service.admission.set_drain(Drain.OFF)
        view = await (self._servers(page) if what == "servers" else self._stats())
        await interaction.response.edit_message(view=view, allowed_mentions=QUIET)

    async def _stats(self) -> ui.LayoutView:
        admission = self._service.admission
        whole = await self._operations.bot_status()
        api = Api(self._provider, self._service.memory.offered())
        here, now = self._operations.process_status(), self._clock()
        reads_content = self._bot.reads_content
        limit = self._daily_limit
        return render_stats(
            whole, here, admission.drain, admission.circuit, api, now, reads_content=reads_content, daily_limit=limit
        )

    async def _servers(self, page: int) -> ui.LayoutView:
        names = {guild.id: (guild.name, guild.member_count) for guild in self._bot.guilds}
        servers = ranked(names, await self._operations.use_by_server(DAYS))
        members = sum(number or 0 for _, number in names.values())
        return render_servers(servers, page, members=members, days=DAYS)

    def _drain(self) -> ui.LayoutView:
        service = self._service
        return render_drain(service.admission.drain, waiting=service.waiting, running=service.running)


async def _answer(interaction: discord.Interaction, view: ui.LayoutView) -> None:
    await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=QUIET)
