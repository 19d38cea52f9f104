"""The modals of /settings. What is sent is read from the interaction: they work as long as the screen does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from cogs.i18n.translate import _
from cogs.settings.controls import custom_id
from studio.guilds.settings import LONGEST_NAME

if TYPE_CHECKING:
    from studio.guilds.settings import GuildSettings

_LONGEST = 4000
_BETWEEN = re.compile(r"[,;，；、\n]+")


def modal_for(what: str, settings: GuildSettings, nonce: int) -> ui.Modal:
    """The one by which a setting is written: "words_in", "default_size" or "time_zone"."""
    title, label, hint, box = _FIELDS[what](settings)
    modal = ui.Modal(title=title, custom_id=custom_id(what, "modal", nonce), timeout=1.0)  # it keeps nothing
    modal.add_item(ui.Label(text=label, description=hint, component=box))
    return modal


def filled_in(interaction: discord.Interaction) -> str:
    """What was written into a modal that has one field."""
    data: Any = interaction.data or {}
    fields = (label.get("component", {}) for label in data.get("components", ()))
    return next((str(one["value"]) for one in fields if one.get("value")), "")


def words_of(text: str) -> list[str]:
    return [word for part in _BETWEEN.split(text) if (word := " ".join(part.split()))]


def _words(_settings: GuildSettings) -> tuple[str, str, str, ui.TextInput[Any]]:
    box: ui.TextInput[Any] = ui.TextInput(
        style=discord.TextStyle.paragraph, max_length=_LONGEST, placeholder="gore\nred fox, 赤狐"
    )
    return (
        # Translators: the title of a form, at most 45 characters
        _("Block words"),
        # Translators: the field of a form, at most 45 characters
        _("Words and phrases"),
        # Translators: what is written into the field of a form, at most 100 characters
        _("One per line, or separated by commas"),
        box,
    )


def _size(settings: GuildSettings) -> tuple[str, str, str, ui.TextInput[Any]]:
    box: ui.TextInput[Any] = ui.TextInput(
        default=settings.default_size, placeholder="2048x1536", max_length=LONGEST_NAME
    )
    return (
        # Translators: the title of a form, at most 45 characters
        _("Default size"),
        # Translators: the field of a form, at most 45 characters
        _("Size"),
        # Translators: what is written into the field of a form, at most 100 characters
        _("Width x height in pixels, or a preset such as 2K"),
        box,
    )


def _zone(settings: GuildSettings) -> tuple[str, str, str, ui.TextInput[Any]]:
    box: ui.TextInput[Any] = ui.TextInput(
        default=settings.time_zone, placeholder="Europe/Berlin", max_length=LONGEST_NAME
    )
    return (
        # Translators: the title of a form, at most 45 characters
        _("Time zone"),
        # Translators: the field of a form, at most 45 characters
        _("Time zone"),
        # Translators: what is written into the field of a form, at most 100 characters
        _("Continent and city, such as Europe/Berlin, or UTC"),
        box,
    )


_FIELDS = {"words_in": _words, "default_size": _size, "time_zone": _zone}
