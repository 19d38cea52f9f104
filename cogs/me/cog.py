"""Handles /me: shows members what is stored about them and deletes it.

It is one screen with buttons, because Discord can't have a command /me beside /me delete. A press is about the member
who presses, whoever the screen was shown to.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.delivery.discord_errors import with_or_without_words
from cogs.delivery.transports import QUIET
from cogs.delivery.undelivered import Reminders
from cogs.i18n.translate import N_
from cogs.me import defaults
from cogs.me.screen import PATTERN, render_erased, render_question, render_stored_data
from cogs.requests.dynamic_items import persistent_item

if TYPE_CHECKING:
    import re
    from collections.abc import Awaitable, Callable

    from cogs.requests.submission import RequestSubmitter
    from studio.members.privacy import Retention


class Me(commands.Cog):
    def __init__(self, bot: commands.AutoShardedBot, submitter: RequestSubmitter, retention: Retention) -> None:
        self._bot = bot
        self._submitter = submitter
        self._retention = retention
        self._reminders = Reminders(submitter.service.undelivered)

    async def cog_load(self) -> None:
        self._bot.add_dynamic_items(
            persistent_item(PATTERN, self.press), persistent_item(defaults.PATTERN, self.change_defaults)
        )

    @app_commands.command(description=N_("What I store about you, and how to delete it"))
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def me(self, interaction: discord.Interaction) -> None:
        response = interaction.response
        await self._show_kept(interaction, partial(response.send_message, ephemeral=True))

    async def press(self, interaction: discord.Interaction, custom_id: re.Match[str], _item: ui.Item[Any]) -> None:
        user_id, what = interaction.user.id, custom_id["what"]
        if what == "forget":
            await self._submitter.preferences.forget(user_id)
        if what.endswith("mention"):
            last = await self._submitter.preferences.of(user_id)
            await self._submitter.preferences.remember(user_id, replace(last, mention=what == "mention"))
        if what == "erase":
            view = render_question(await self._retention.stored(user_id))
        elif what == "erase-all":
            erased = await self._retention.erase(user_id)
            await self._submitter.preferences.forget(user_id)
            view = render_erased(erased)
        else:
            await self._show_kept(interaction, interaction.response.edit_message)
            return
        await interaction.response.edit_message(view=view, allowed_mentions=QUIET)

    async def change_defaults(
        self, interaction: discord.Interaction, custom_id: re.Match[str], item: ui.Item[Any]
    ) -> None:
        """Show the presser's own defaults, or change one of them."""
        user_id, preferences, part = interaction.user.id, self._submitter.preferences, custom_id["part"]
        last = await preferences.of(user_id)
        if isinstance(item, ui.Select):
            last = defaults.changed(last, part, item.values[0])
            await (preferences.remember(user_id, last) if last else preferences.forget(user_id))
        requester = await self._submitter.requester(interaction)
        view = defaults.render_defaults(last, requester.defaults.models)
        if isinstance(item, ui.Select):
            await interaction.response.edit_message(view=view, allowed_mentions=QUIET)
        else:
            await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=QUIET)

    async def _show_kept(self, interaction: discord.Interaction, send: Callable[..., Awaitable[object]]) -> None:
        waiting = await self._submitter.service.undelivered(interaction.user.id)
        kept, days = await self._retention.stored(interaction.user.id), self._retention.retention_days
        self._reminders.mark_reminded(waiting)
        await with_or_without_words(
            lambda words: send(view=render_stored_data(kept, days, waiting, words=words), allowed_mentions=QUIET)
        )

    # --- results that could not be delivered ------------------------------------------------------------------------

    @commands.Cog.listener()
    async def on_app_command_completion(self, interaction: discord.Interaction, _command: object) -> None:
        await self._reminders.remind(interaction)

    @commands.Cog.listener()
    async def on_interaction_done(self, interaction: discord.Interaction) -> None:
        """Remind after a control was used or a command was refused."""
        await self._reminders.remind(interaction)
