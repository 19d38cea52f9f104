"""The form that an example opens, with its prompt to edit and send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from cogs.i18n.translate import _
from cogs.requests.forms import ReusableModal, tell_with_words
from cogs.texts.common import plain
from seedream.limits import MAX_PROMPT_LENGTH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_LONGEST_DESCRIPTION = 100


class PromptModal(ReusableModal):
    """A modal with a prompt. `submitted` gets it; its errors are shown. `model`, `cost`: in words."""

    def __init__(
        self, submitted: Callable[[discord.Interaction, str], Awaitable[None]], *, prompt: str, model: str, cost: str
    ) -> None:
        # Translators: the title of a form, at most 45 characters
        super().__init__(_("Make a picture"))
        self._submitted = submitted
        self._prompt: ui.TextInput[Any] = ui.TextInput(
            style=discord.TextStyle.paragraph, default=prompt, max_length=MAX_PROMPT_LENGTH
        )
        # Translators: {model} is such as "SeeDream 4.5", {cost} such as "1 credit"
        terms = _("Edit it as you like. Uses {model}, costs {cost}", model=model, cost=cost)
        # Translators: what a picture was made by; at most 45 characters.
        label = _("Prompt")
        self.add_item(ui.Label(text=label, description=plain(terms, _LONGEST_DESCRIPTION), component=self._prompt))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        await self._submitted(interaction, self._prompt.value.strip())

    async def on_error(self, interaction: discord.Interaction, error: Exception, /) -> None:  # type: ignore[override]
        await tell_with_words(interaction, error, self._prompt.value)
