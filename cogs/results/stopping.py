"""Stops jobs: what wasn't sent is cancelled at once; of what was, the member is asked whether to deliver or drop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.delivery.buttons import button
from cogs.delivery.job_text import stopped_line
from cogs.delivery.transports import QUIET
from cogs.i18n.translate import _
from cogs.requests.cards import card
from cogs.texts.common import credit_count
from cogs.texts.prices import up_to
from studio.jobs.errors import AlreadySentError
from studio.jobs.sets import at_stake, was_stopped

if TYPE_CHECKING:
    from studio.jobs.job import Job
    from studio.jobs.service import ImageService


class Stopping:
    """Handles *Cancel*, and the answers to the question that may follow it."""

    def __init__(self, service: ImageService) -> None:
        self._service = service

    async def cancel(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        by, may_manage = interaction.user.id, may_manage_messages(interaction)
        try:
            await self._service.cancel(job.id, by=by, may_manage=may_manage)
        except AlreadySentError as error:
            question = render_question(error.job)
            await interaction.response.send_message(view=question, ephemeral=True, allowed_mentions=QUIET)
        else:
            await interaction.response.defer()

    async def deliver(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        """Let the job go on, which it does anyway."""
        words = stopped_line(job) if was_stopped(job) else _("Okay, the result will be delivered.")
        await interaction.response.edit_message(view=card(words), allowed_mentions=QUIET)

    async def drop(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        by, may_manage = interaction.user.id, may_manage_messages(interaction)
        dropped = await self._service.drop(job.id, by=by, may_manage=may_manage)
        await interaction.response.edit_message(view=card(stopped_line(dropped)), allowed_mentions=QUIET)


def render_question(job: Job) -> ui.LayoutView:
    """Ask what to do with a job that was sent."""
    credits_ = credit_count(at_stake(job))
    words = _(
        # Translators: {credits} is such as "4 credits" or "up to 17 credits".
        "This was sent to SeeDream, so it is billed either way ({credits}). Deliver what is made, or drop it?",
        credits=up_to(credits_) if job.request.layer_decomposition else credits_,
    )
    return card(words, ui.ActionRow(button("deliver", job.id), button("drop", job.id)))


def may_manage_messages(interaction: discord.Interaction) -> bool:
    return interaction.guild_id is not None and interaction.permissions.manage_messages
