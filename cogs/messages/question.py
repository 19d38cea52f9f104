"""Renders the question whether a message is an instruction: a short reply with a button that runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from cogs.i18n.translate import N_, _
from cogs.ideas.preview import ANSWER

if TYPE_CHECKING:
    from cogs.messages.reader import MessagePictures

# Translators: a button, at most 80 characters: edit the picture with the member's own words.
_EDIT = N_("Edit with this prompt?")
# Translators: a button, at most 80 characters: make a picture from the member's own words.
_MAKE = N_("Make a picture from this prompt?")
PATTERN = rf"sd:{ANSWER}:(?P<message>\d{{1,20}})(?::(?P<cost>\d{{1,9}}):(?P<choice>all|written))?"


def words_button(message_id: int, label: str | None = None) -> ui.Button[Any]:
    """Return a button whose custom id has the message's id, so it works after a restart."""
    style = discord.ButtonStyle.secondary
    return ui.Button(label=label, emoji="🪄", style=style, custom_id=f"sd:{ANSWER}:{message_id}")


def question(message: discord.Message, pictures: MessagePictures) -> ui.LayoutView:
    """Render the question; after a press, the result's placeholder replaces it."""
    view = ui.LayoutView(timeout=None)
    # Translators: small print above a button.
    free = _("Nothing was made or charged.")
    view.add_item(ui.TextDisplay(f"-# {free}"))
    view.add_item(ui.ActionRow(words_button(message.id, _(_EDIT if pictures else _MAKE))))
    view.stop()  # its button is a dynamic item
    return view
