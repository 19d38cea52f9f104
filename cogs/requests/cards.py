"""Builds messages that are one card: a container with texts and controls. Pure.

A control's custom id is all its state: `sd:<feature>:<part>:...`. What it does is registered with `persistent_item`.
"""

from __future__ import annotations

import discord
from discord import ui

View = ui.LayoutView


def card(*items: str | ui.Item[View], colour: int | None = None) -> View:
    """Build the view of a card. Empty texts are left out."""
    view = View(timeout=None)
    shown = [ui.TextDisplay[View](item) if isinstance(item, str) else item for item in items if item]
    view.add_item(ui.Container(*shown, accent_colour=colour))
    view.stop()  # its controls are persistent items: discord.py has nothing to keep for it
    return view


def button(
    label: str,
    *parts: str | int,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    disabled: bool = False,
) -> ui.Button[View]:
    """Build a button; `parts` make its custom id."""
    return ui.Button(label=label, custom_id=custom_id(*parts), style=style, disabled=disabled)


def custom_id(*parts: str | int) -> str:
    return ":".join(map(str, ("sd", *parts)))
