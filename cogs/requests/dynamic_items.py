"""Components that outlive their view: their custom id is all their state, so they work after a restart, too.

What admins see is used through a check, which is made at every press and at every form that is submitted: what was
allowed when a control was shown may not be any more.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from cogs.requests.errors import tell

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine


def persistent_item(
    pattern: str,
    used: Callable[[discord.Interaction[Any], re.Match[str], ui.Item[Any]], Awaitable[None]],
    *,
    check: Callable[[discord.Interaction[Any]], Awaitable[None]] | None = None,
) -> type[ui.DynamicItem[Any]]:
    """Make the class of all components whose custom id matches `pattern`, for `bot.add_dynamic_items`.

    `used` is called in the locale of the interaction; its errors are shown to the member. `check` is called before it,
    and refuses those who may not use the component now.
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
            await _use(interaction, check, partial(used, interaction, self._match, self.item))
            interaction.client.dispatch("interaction_done", interaction)

    return PersistentItem


def persistent_form(
    pattern: str,
    submitted: Callable[[discord.Interaction[Any], re.Match[str]], Awaitable[None]],
    *,
    check: Callable[[discord.Interaction[Any]], Awaitable[None]],
) -> Callable[[discord.Interaction[Any]], Coroutine[Any, Any, None]]:
    """Make a listener of interactions that takes the modals whose custom id matches `pattern`, whenever they opened.

    Otherwise as `persistent_item`.
    """

    async def on_interaction(interaction: discord.Interaction[Any]) -> None:
        data: Any = interaction.data or {}
        match = re.fullmatch(pattern, str(data.get("custom_id", "")))
        if interaction.type is not discord.InteractionType.modal_submit or match is None:
            return
        await interaction.client.translator.set_locale_from(interaction)
        await _use(interaction, check, partial(submitted, interaction, match))

    return on_interaction


async def _use(
    interaction: discord.Interaction[Any],
    check: Callable[[discord.Interaction[Any]], Awaitable[None]] | None,
    action: Callable[[], Awaitable[None]],
) -> None:
    try:
        if check:
            await check(interaction)
        await action()
    except Exception as error:  # noqa: BLE001 - told in words, and logged when it is ours
        await tell(interaction, error)
