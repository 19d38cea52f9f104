"""Modals that can be submitted more than once, and the text of modals that this process no longer knows."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import Any

import discord
from discord import ui

from cogs.i18n.translate import _
from cogs.requests.duplicate_presses import AlreadyOnItError
from cogs.requests.errors import sentence, tell
from cogs.requests.member_memory import make_room
from cogs.texts.refusal import RefusalError
from studio.jobs.turns import acting_member

OPEN_SECONDS = 3600.0

MOST_OPEN_EACH = 20  # of one member: nobody sends more of them within an hour
MOST_OPEN = 3_000  # about 10 KiB each; the oldest is closed for a new one

_PREFIX = "sd:modal:"

_SHOWN = 1850  # of a message's 2,000 characters


class ReusableModal(ui.Modal):
    """A modal that stays open for an hour and is answered in the locale of its sender.

    It can be sent more than once, because Discord's client keeps it open if it didn't get the answer.
    """

    def __init__(self, title: str) -> None:
        self.member = acting_member()
        super().__init__(title=title, timeout=OPEN_SECONDS, custom_id=f"{_PREFIX}{secrets.token_hex(8)}")

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        await interaction.client.translator.set_locale_from(interaction)
        return True

    def stop(self) -> None:
        """Stay open: discord.py calls this after a modal was sent."""

    def close(self) -> None:
        super().stop()


class OpenModals:
    """The modals of this process that can still be sent."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, ReusableModal] = OrderedDict()

    def add(self, modal: ReusableModal) -> ReusableModal:
        for surplus in make_room(self._open, modal.member, each=MOST_OPEN_EACH, most=MOST_OPEN):
            surplus.close()
        while self._open and self._oldest.is_finished():
            self._open.popitem(last=False)
        self._open[modal.custom_id] = modal
        return modal

    @property
    def _oldest(self) -> ReusableModal:
        return next(iter(self._open.values()))

    def lost_words(self, interaction: discord.Interaction) -> str | None:
        """Return the text typed into a modal that this process no longer knows; None for any other interaction."""
        data: Any = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        waiting = self._open.get(custom_id)
        if not custom_id.startswith(_PREFIX) or (waiting is not None and not waiting.is_finished()):
            return None
        inputs = (label.get("component", {}) for label in data.get("components", ()))
        return next((str(field["value"]) for field in inputs if field.get("value")), "")


async def tell_with_words(interaction: discord.Interaction, error: Exception, words: str) -> None:
    """Tell the member what went wrong, with the text that they typed: the modal is closed by the answer."""
    text = None if isinstance(error, AlreadyOnItError) else sentence(error)
    if text is not None:
        error = RefusalError(with_words(text, words), view=error.view if isinstance(error, RefusalError) else None)
    await tell(interaction, error)


def with_words(text: str, words: str) -> str:
    """Append a member's own words to a text, so that they can copy them, as far as a message holds them."""
    shown = words[: max(0, _SHOWN - len(text))].replace("```", "ʼʼʼ")
    return "\n".join([text, _("You wrote:"), f"```\n{shown}\n```"]) if shown.strip() else text
