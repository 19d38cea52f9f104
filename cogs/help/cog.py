"""Handles /help and the example buttons on its card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.delivery.transports import QUIET
from cogs.help.card import Hearing, HelpViewModel, render_help
from cogs.help.examples import EXAMPLES, PATTERN
from cogs.help.form import PromptModal
from cogs.i18n.translate import N_, _
from cogs.requests.dynamic_items import persistent_item
from cogs.requests.preparation import draft_generation
from cogs.texts.common import credit_count
from cogs.texts.refusal import RefusalError
from studio.jobs.options import GenerationOptions
from studio.quota.prices import price_of

if TYPE_CHECKING:
    import re

    from cogs.client.bot import StudioBot
    from cogs.ideas.cog import Ideas
    from cogs.requests.submission import Requester, RequestSubmitter


class Help(commands.Cog):
    def __init__(self, bot: StudioBot, submitter: RequestSubmitter, ideas: Ideas) -> None:
        self._bot = bot
        self._submitter = submitter
        self._ideas = ideas

    async def cog_load(self) -> None:
        self._bot.add_dynamic_items(persistent_item(PATTERN, self.open_example))

    # Translators: at most 100 characters
    @app_commands.command(description=N_("What I do, examples to try, how it works here and what it costs"))
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def help(self, interaction: discord.Interaction) -> None:
        requester = await self._submitter.requester(interaction)
        view = await self._card(requester, self._hearing(interaction), private=True)
        await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=QUIET)

    async def card_for(self, message: discord.Message) -> ui.LayoutView:
        """Return the card for everybody who reads the channel of a message, in the current locale."""
        direct = message.guild is None
        hearing = Hearing.DIRECT if direct else self._hearing_in_servers
        return await self._card(await self._submitter.author(message), hearing, private=direct)

    async def _card(self, requester: Requester, hearing: Hearing, *, private: bool) -> ui.LayoutView:
        view_model = HelpViewModel(
            mention=self._bot.user.mention if self._bot.user else "",
            hearing=hearing,
            replies=requester.settings.replies,
            overview=await self._submitter.service.quota(requester.member),
            private=private,
        )
        return render_help(view_model)

    def _hearing(self, interaction: discord.Interaction) -> Hearing:
        if interaction.context.dm_channel:
            return Hearing.DIRECT
        if interaction.guild_id is None or not interaction.is_guild_integration():
            return Hearing.NONE
        return self._hearing_in_servers

    @property
    def _hearing_in_servers(self) -> Hearing:
        return Hearing.ALL if self._bot.reads_content else Hearing.MENTIONS

    # --- examples ---------------------------------------------------------------------------------------------------

    async def open_example(
        self, interaction: discord.Interaction, custom_id: re.Match[str], _item: ui.Item[Any]
    ) -> None:
        """Open a form with an example, so that a press alone costs nothing."""
        name = custom_id["example"]
        if name not in EXAMPLES:
            raise RefusalError(_("This example is from an older version. Use /help again."))
        prompt = EXAMPLES[name].prompt
        requester = await self._submitter.requester(interaction)
        request = draft_generation(requester.defaults, GenerationOptions(prompt=prompt)).as_words().request
        cost = credit_count(request.max_images * price_of(request, self._submitter.prices))
        modal = PromptModal(self._submitted, prompt=prompt, model=request.capabilities.label, cost=cost)
        await interaction.response.send_modal(self._submitter.modals.add(modal))

    async def _submitted(self, interaction: discord.Interaction, prompt: str) -> None:
        requester = await self._submitter.requester(interaction)
        draft = draft_generation(requester.defaults, GenerationOptions(prompt=prompt))
        await self._ideas.make(interaction, requester, draft)
