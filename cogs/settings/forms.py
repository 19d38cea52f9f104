"""The forms of /settings, for values that are typed.

What is submitted is read from the interaction, so a form works as long as its screen does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from cogs.i18n.translate import _
from cogs.settings.controls import custom_id
from studio.guilds.settings import LONGEST_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from cogs.settings.kinds import Change
    from cogs.settings.setting import Setting
    from studio.guilds.settings import GuildSettings

_LONGEST = 4000
_SEPARATORS = re.compile(r"[,;，；、\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A modal of one field.

    id: what its button and itself are called in custom ids. title, label: at most 45 characters. hint: what to type,
    at most 100 characters. change: what typed text changes; raises what the screen shows as a refusal. paragraph:
    whether several lines can be typed; else the field begins with the current value.
    """

    id: str
    title: str
    label: str
    hint: str
    placeholder: str
    change: Callable[[str], Change]
    paragraph: bool = False


def modal_for(setting: Setting, form: Form, settings: GuildSettings, nonce: int) -> ui.Modal:
    field: ui.TextInput[Any] = (
        ui.TextInput(style=discord.TextStyle.paragraph, max_length=_LONGEST, placeholder=form.placeholder)
        if form.paragraph
        else ui.TextInput(default=getattr(settings, setting.key), placeholder=form.placeholder, max_length=LONGEST_NAME)
    )
    modal = ui.Modal(title=_(form.title), custom_id=custom_id(form.id, "modal", nonce), timeout=1.0)  # it keeps nothing
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
