"""A base for controls that outlive their view: they are found by their custom id, also after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from discord import ui
from discord.ext import commands

from cogs.requests.errors import tell

if TYPE_CHECKING:
    import re
    from collections.abc import Awaitable, Callable

    import discord

C = TypeVar("C", bound=commands.Cog)


class PersistentItem:
    """A base for dynamic items: runs `used` in the member's locale and shows them its errors."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        await interaction.client.translator.set_locale_from(interaction)
        return True

    async def callback(self, interaction: discord.Interaction[Any], /) -> None:
        try:
            await self.used(interaction)
        except Exception as error:  # noqa: BLE001 - the member reads a sentence, and our own errors are logged
            await tell(interaction, error)
        interaction.client.dispatch("interaction_done", interaction)

    async def used(self, interaction: discord.Interaction[Any]) -> None:
        raise NotImplementedError


def persistent_item(
    pattern: str, used: Callable[[discord.Interaction[Any], re.Match[str], ui.Item[Any]], Awaitable[None]]
) -> type[ui.DynamicItem[Any]]:
    """Make the class of all components whose custom id matches `pattern`, for `bot.add_dynamic_items`.

    They work after any restart, because their custom id is all their state. `used` is called in the interaction's
    locale, and the member reads a sentence for what it raises.
    """

    class Item(PersistentItem, ui.DynamicItem[ui.Item[Any]], template=pattern):
        def __init__(self, item: ui.Item[Any], match: re.Match[str]) -> None:
            super().__init__(item)
            self._match = match

        @classmethod
        async def from_custom_id(
            cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
        ) -> Self:
            return cls(item, match)

        async def used(self, interaction: discord.Interaction[Any]) -> None:
            await used(interaction, self._match, self.item)

    return Item


def cog_of(interaction: discord.Interaction[Any], kind: type[C]) -> C:
    """Return the cog that registered the control."""
    cog = interaction.client.get_cog(kind.__cog_name__)
    assert isinstance(cog, kind)  # noqa: S101 - it registered the control
    return cog
