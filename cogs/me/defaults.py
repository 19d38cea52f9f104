"""Renders a member's own defaults, to change them. Pure.

What a member chooses in a command is their default from then on. A press is about the member who presses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.delivery.buttons import DEFAULTS
from cogs.i18n.translate import N_, _
from cogs.requests.cards import card
from seedream import MODELS, RATIOS
from seedream.models import presets_of
from studio.members.preferences import Preferences

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet


PATTERN = r"sd:defaults:(?P<part>open|model|size|ratio)"
MOST_OPTIONS = 24  # beside the first; Discord's limit is 25
_NONE = "-"  # the value of the first option; Discord takes no empty one

View = ui.LayoutView

_NAMES = {
    # Translators: what a member's default is for.
    "model": N_("Model"),
    "size": N_("Size"),
    # Translators: of the sides, such as 16:9.
    "ratio": N_("Aspect ratio"),
}


def render_defaults(last: Preferences, models: AbstractSet[str]) -> View:
    """Return selects for what is used when the member doesn't choose. `models`: those that they may use here."""
    # Translators: what is used where a member doesn't choose anything.
    heading = "### " + _("Your defaults")
    small = "-# " + _("They are used when you don't choose. Choosing something else in a command changes them, too.")
    able = [model for name, model in MODELS.items() if name in models]
    offered = {
        "model": {model.name: model.label for model in able},
        "size": {preset: preset for preset in presets_of(able)},
        "ratio": {ratio: ratio for ratio in RATIOS},
    }
    selects = (_select(part, values, getattr(last, part)) for part, values in offered.items())
    return card(f"{heading}\n{small}", *map(ui.ActionRow, selects))


def _select(part: str, values: dict[str, str], chosen: str | None) -> ui.Select[View]:
    values = values if chosen is None or chosen in values else {chosen: chosen} | values
    name = _(_NAMES[part])
    # Translators: a choice in a menu, such as "Size: no default of your own"
    none = discord.SelectOption(label=_("{name}: no default of your own", name=name), value=_NONE, default=not chosen)
    options = [
        discord.SelectOption(label=f"{name}: {label}"[:100], value=value, default=value == chosen)
        for value, label in list(values.items())[:MOST_OPTIONS]
    ]
    return ui.Select(custom_id=DEFAULTS.replace("open", part), options=[none, *options])


def changed(last: Preferences, part: str, value: str) -> Preferences:
    """Return the preferences after a choice in a select."""
    if value == _NONE:
        kept = {"model": last.model, "size": last.size, "ratio": last.ratio} | {part: None}
        return Preferences(**kept, mention=last.mention)
    return last.chosen(**({"model": None, "size": None, "ratio": None} | {part: value}))
