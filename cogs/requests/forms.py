"""Modals that stay open, and what a member typed into one that nobody waits for any more."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import Any

import discord
from discord import ui

from cogs.i18n.translate import _
from cogs.requests.duplicate_presses import AlreadyOnItError
from cogs.requests.errors import sentence, tell
from cogs.texts.refusal import RefusalError

OPEN_SECONDS = 3600.0

MOST_OPEN = 3_000  # of some 10 KiB each; the oldest is closed for a new one

_PREFIX = "sd:modal:"

_SHOWN = 1850  # characters, of a message's 2,000


class ReusableModal(ui.Modal):
    """A modal that is open for an hour, and whose answers are in the language of who sends it.

    It may be sent more than once: Discord's client leaves it on the screen where it did not see that it was answered.
    """

    def __init__(self, title: str) -> None:
        super().__init__(title=title, timeout=OPEN_SECONDS, custom_id=f"{_PREFIX}{secrets.token_hex(8)}")

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        await interaction.client.translator.set_locale_from(interaction)
        return True

    def stop(self) -> None:
        """Stay open: discord.py calls this once a form was sent."""

    def close(self) -> None:
        super().stop()


class OpenModals:
    """The forms of this process that may be sent."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, ReusableModal] = OrderedDict()

    def add(self, modal: ReusableModal) -> ReusableModal:
        while self._open and (len(self._open) >= MOST_OPEN or self._oldest.is_finished()):
            self._oldest.close()
            self._open.popitem(last=False)
        self._open[modal.custom_id] = modal
        return modal

    @property
    def _oldest(self) -> ReusableModal:
        return next(iter(self._open.values()))

    def lost_words(self, interaction: discord.Interaction) -> str | None:
        """What was written into a form that nobody waits for any more; None for any other."""
        data: Any = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        waiting = self._open.get(custom_id)
        if not custom_id.startswith(_PREFIX) or (waiting is not None and not waiting.is_finished()):
            return None
        inputs = (label.get("component", {}) for label in data.get("components", ()))
        return next((str(one["value"]) for one in inputs if one.get("value")), "")


async def tell_with_words(interaction: discord.Interaction, error: Exception, words: str) -> None:
    """What was written is given back: the form is gone with its answer."""
    told = None if isinstance(error, AlreadyOnItError) else sentence(error)
    if told is not None:
        error = RefusalError(with_words(told, words), view=error.view if isinstance(error, RefusalError) else None)
    await tell(interaction, error)


def with_words(told: str, words: str) -> str:
    """What a member is told, and their own words to copy, as far as a message holds them."""
    shown = words[: max(0, _SHOWN - len(told))].replace("```", "ʼʼʼ")
    return "\n".join([told, _("You wrote:"), f"```\n{shown}\n```"]) if shown.strip() else told
