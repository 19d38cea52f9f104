"""/me: what is kept of a member, and forgetting it. A press concerns who presses, whoever was answered."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.delivery.discord_errors import with_or_without_words
from cogs.delivery.transports import QUIET
from cogs.delivery.undelivered import Reminders
from cogs.i18n.translate import marked
from cogs.me.screen import PATTERN, button, draw_erased, draw_kept, draw_question
from cogs.requests.dynamic_items import Control, cog_of

if TYPE_CHECKING:
    import re
    from collections.abc import Awaitable, Callable

    from cogs.requests.submission import Desk
    from studio.members.privacy import Archive


class Me(commands.Cog):
    def __init__(self, bot: commands.AutoShardedBot, desk: Desk, archive: Archive) -> None:
        self._bot = bot
        self._desk = desk
        self._archive = archive
        self._reminders = Reminders(desk.service.undelivered)

    async def cog_load(self) -> None:
        self._bot.add_dynamic_items(MeButton)

    @app_commands.command(description=marked("What I keep of you, and how to have it deleted"))
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def me(self, interaction: discord.Interaction) -> None:
        response = interaction.response
        await self._show_kept(interaction, partial(response.send_message, ephemeral=True))

    async def press(self, interaction: discord.Interaction, what: str) -> None:
        user_id = interaction.user.id
        if what == "forget":
            await self._desk.preferences.forget(user_id)
        if what == "erase":
            view = draw_question(await self._archive.kept(user_id))
        elif what == "erase-all":
            erased = await self._archive.erase(user_id)
            await self._desk.preferences.forget(user_id)
            view = draw_erased(erased)
        else:
            await self._show_kept(interaction, interaction.response.edit_message)
            return
        await interaction.response.edit_message(view=view, allowed_mentions=QUIET)

    async def _show_kept(self, interaction: discord.Interaction, send: Callable[..., Awaitable[object]]) -> None:
        waiting = await self._desk.service.undelivered(interaction.user.id)
        kept, days = await self._archive.kept(interaction.user.id), self._archive.retention_days
        self._reminders.told(waiting)
        await with_or_without_words(
            lambda words: send(view=draw_kept(kept, days, waiting, words=words), allowed_mentions=QUIET)
        )

    # --- results that could not be delivered ------------------------------------------------------------------------

    @commands.Cog.listener()
    async def on_app_command_completion(self, interaction: discord.Interaction, _command: object) -> None:
        await self._reminders.remind(interaction)

    @commands.Cog.listener()
    async def on_interaction_done(self, interaction: discord.Interaction) -> None:
        """A control was used, or a command refused."""
        await self._reminders.remind(interaction)


class MeButton(Control, ui.DynamicItem[ui.Button[Any]], template=PATTERN):
    def __init__(self, what: str) -> None:
        super().__init__(button(what))
        self._what = what

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["what"])

    async def used(self, interaction: discord.Interaction[Any]) -> None:
        await cog_of(interaction, Me).press(interaction, self._what)
