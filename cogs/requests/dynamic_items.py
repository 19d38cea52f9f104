"""Components that outlive their view: their custom id is all their state, so they work after a restart, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from discord import ui

from cogs.requests.errors import tell

if TYPE_CHECKING:
    import re
    from collections.abc import Awaitable, Callable

    import discord


def persistent_item(
    pattern: str, used: Callable[[discord.Interaction[Any], re.Match[str], ui.Item[Any]], Awaitable[None]]
) -> type[ui.DynamicItem[Any]]:
    """Make the class of all components whose custom id matches `pattern`, for `bot.add_dynamic_items`.

    `used` is called in the locale of the interaction; its errors are shown to the member.
    """

    class PersistentItem(ui.DynamicItem[ui.Item[Any]], template=pattern):
        def __init__(self, item: ui.Item[Any], match: re.Match[str]) -> None:
            super().__init__(item)
            self._match = match

        @classmethod
        async def from_custom_id(
            cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
        ) -> Self:
            return cls(item, match)

        async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
            await interaction.client.translator.set_locale_from(interaction)
            return True

        async def callback(self, interaction: discord.Interaction[Any], /) -> None:
            try:
                await used(interaction, self._match, self.item)
            except Exception as error:  # noqa: BLE001 - told in words, and logged when it is ours
                await tell(interaction, error)
            interaction.client.dispatch("interaction_done", interaction)

    return PersistentItem
