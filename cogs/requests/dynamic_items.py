"""What controls that outlive their view have in common: they are found again by custom id, also after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from discord.ext import commands

from cogs.requests.errors import tell

if TYPE_CHECKING:
    import discord

C = TypeVar("C", bound=commands.Cog)


class Control:
    """For dynamic items: `used` is done in the language of who uses it, and they are told what goes wrong."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        await interaction.client.interpreter.listen_to(interaction)
        return True

    async def callback(self, interaction: discord.Interaction[Any], /) -> None:
        try:
            await self.used(interaction)
        except Exception as error:  # noqa: BLE001 - told in words, and logged when it is ours
            await tell(interaction, error)
        interaction.client.dispatch("interaction_done", interaction)

    async def used(self, interaction: discord.Interaction[Any]) -> None:
        raise NotImplementedError


def cog_of(interaction: discord.Interaction[Any], kind: type[C]) -> C:
    """The cog that has registered the control."""
    cog = interaction.client.get_cog(kind.__cog_name__)
    assert isinstance(cog, kind)  # noqa: S101 - it is what registered the control
    return cog
