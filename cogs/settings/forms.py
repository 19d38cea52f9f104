"""The forms of /settings, for values that are typed.

What is submitted is read from the interaction, so a form works as long as its screen does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from cogs.i18n.translate import _
from cogs.settings.controls import control_id
from studio.guilds.settings import LONGEST_NAME

if TYPE_CHECKING:
    from cogs.settings.setting import Form, Setting
    from studio.guilds.settings import GuildSettings

_LONGEST = 4000
_SEPARATORS = re.compile(r"[,;，；、\n]+")


def modal_for(setting: Setting, form: Form, settings: GuildSettings, nonce: int) -> ui.Modal:
    field: ui.TextInput[Any] = (
        ui.TextInput(style=discord.TextStyle.paragraph, max_length=_LONGEST, placeholder=form.placeholder)
        if form.paragraph
        else ui.TextInput(
            default=form.written(getattr(settings, setting.key) or ""),
            placeholder=form.placeholder,
            max_length=LONGEST_NAME,
        )
    )
    modal = ui.Modal(
        title=_(form.title), custom_id=control_id(form.id, "modal", nonce), timeout=1.0
    )  # it keeps nothing
    modal.add_item(ui.Label(text=_(form.label), description=_(form.hint), component=field))
    return modal


def typed_text(interaction: discord.Interaction) -> str:
    """Return what was typed into a modal of one field."""
    data: Any = interaction.data or {}
    fields = (label.get("component", {}) for label in data.get("components", ()))
    return next((str(field["value"]) for field in fields if field.get("value")), "")


def words_of(text: str) -> list[str]:
    """Split typed text into words and phrases: one per line, or separated by commas."""
    return [word for part in _SEPARATORS.split(text) if (word := " ".join(part.split()))]
