"""What the buttons under a result do."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui
from discord.ext import commands

from cogs.errors import tell
from cogs.ui.buttons import VERB_PATTERN, delete_button, details_button
from cogs.ui.details import draw_details
from cogs.ways import QUIET

if TYPE_CHECKING:
    import re

    from cogs.delivery import Presenter
    from studio.service import ImageService


class Results(commands.Cog):
    def __init__(self, bot: commands.Bot, service: ImageService, presenter: Presenter) -> None:
        self._bot = bot
        self._service = service
        self._presenter = presenter

    async def cog_load(self) -> None:
        self._bot.add_dynamic_items(DetailsButton, DeleteButton)

    async def details(self, interaction: discord.Interaction, job_id: str) -> None:
        job = await self._service.job(job_id)
        view, prompt = draw_details(job)
        files = [discord.File(io.BytesIO(prompt.encode()), "prompt.txt")] if prompt else []
        await interaction.response.send_message(view=view, files=files, ephemeral=True, allowed_mentions=QUIET)

    async def delete(self, interaction: discord.Interaction, job_id: str) -> None:
        may_manage = interaction.guild_id is not None and interaction.permissions.manage_messages
        job = await self._service.delete(job_id, by=interaction.user.id, may_manage=may_manage)
        await interaction.response.defer()
        await interaction.delete_original_response()
        pressed = interaction.message.id if interaction.message else None
        await self._presenter.remove(job, but=pressed)


class _JobButton(ui.DynamicItem[ui.Button[Any]], template=r"sd:-"):
    """A button that knows its job by its custom id. Its failures are told to who pressed it."""

    def __init__(self, job_id: str, button: ui.Button[Any]) -> None:
        super().__init__(button)
        self.job_id = job_id

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await self.press(interaction.client.get_cog(Results.__cog_name__), interaction)
        except Exception as error:  # noqa: BLE001 - told in words, and logged when it is ours
            await tell(interaction, error)

    async def press(self, results: Results, interaction: discord.Interaction) -> None:
        raise NotImplementedError


class DetailsButton(_JobButton, template=VERB_PATTERN.format(verb="details")):
    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["job"], details_button(match["job"]))

    async def press(self, results: Results, interaction: discord.Interaction) -> None:
        await results.details(interaction, self.job_id)


class DeleteButton(_JobButton, template=VERB_PATTERN.format(verb="delete")):
    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["job"], delete_button(match["job"]))

    async def press(self, results: Results, interaction: discord.Interaction) -> None:
        await results.delete(interaction, self.job_id)
