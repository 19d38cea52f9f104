"""/me: what the bot remembers of a member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.errors import tell
from cogs.ways import QUIET
from seedream import MODELS

if TYPE_CHECKING:
    import re

    from cogs.desk import Desk
    from studio.preferences import Preferences


class Me(commands.Cog):
    def __init__(self, bot: commands.AutoShardedBot, desk: Desk) -> None:
        self._bot = bot
        self._desk = desk

    async def cog_load(self) -> None:
        self._bot.add_dynamic_items(ForgetButton)

    @app_commands.command(description="What I remember of you: your last model, size and ratio")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def me(self, interaction: discord.Interaction) -> None:
        last = await self._desk.preferences.of(interaction.user.id)
        await interaction.response.send_message(view=_drawn(last), ephemeral=True, allowed_mentions=QUIET)

    async def forget(self, interaction: discord.Interaction) -> None:
        await self._desk.preferences.forget(interaction.user.id)
        last = await self._desk.preferences.of(interaction.user.id)
        await interaction.response.edit_message(view=_drawn(last), allowed_mentions=QUIET)


def _drawn(last: Preferences) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    rows = [
        ("Model", MODELS[last.model].label if last.model and last.model in MODELS else None),
        ("Size", last.size),
        ("Ratio", last.ratio),
    ]
    lines = "\n".join(f"**{name}:** {value}" for name, value in rows if value)
    if lines:
        told = ui.TextDisplay[ui.LayoutView](f"What you chose last is used again where you choose nothing:\n{lines}")
        view.add_item(ui.Container(told, ui.ActionRow(_button())))
    else:
        view.add_item(
            ui.Container(ui.TextDisplay("I remember nothing of you: everything is as this bot's operator set it."))
        )
    view.stop()
    return view


def _button() -> ui.Button[ui.LayoutView]:
    return ui.Button(label="Forget it", custom_id="sd:forget")


class ForgetButton(ui.DynamicItem[ui.Button[Any]], template=r"sd:forget"):
    def __init__(self) -> None:
        super().__init__(_button())

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], _match: re.Match[str], /
    ) -> Self:
        return cls()

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        cog = interaction.client.get_cog(Me.__cog_name__)
        assert isinstance(cog, Me)  # noqa: S101 - it is what registered the item
        try:
            await cog.forget(interaction)
        except Exception as error:  # noqa: BLE001 - told in words, and logged when it is ours
            await tell(interaction, error)
