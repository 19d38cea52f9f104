"""What autocomplete offers: only what the model takes that is being chosen beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from seedream import MODELS, RATIOS
from seedream.errors import InvalidRequest
from seedream.models import find_model

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    import discord

    from seedream import Model

MOST_CHOICES = 25  # Discord's limit

Choices = list[app_commands.Choice[str]]


def models(names: AbstractSet[str], typed: str) -> Choices:
    """The models of these names whose name or label has what was typed, in the order of the models."""
    sought = typed.strip().casefold()
    fitting = [one for one in MODELS.values() if one.name in names and sought in f"{one.name} {one.label}".casefold()]
    return [app_commands.Choice(name=one.label, value=one.name) for one in fitting[:MOST_CHOICES]]


def chosen_model(interaction: discord.Interaction, usual: str) -> Model:
    """The model that the member has chosen so far, or `usual`."""
    try:
        return find_model(getattr(interaction.namespace, "model", None) or usual)
    except InvalidRequest:
        return find_model(usual)


def sizes(model: Model, typed: str) -> Choices:
    exact = (str(size) for ratios in model.sizes.values() for size in ratios.values())
    return _fitting(typed, [*model.presets, *(["adaptive"] if model.adaptive else []), *exact])


def ratios(typed: str) -> Choices:
    return _fitting(typed, RATIOS)


def formats(model: Model, typed: str) -> Choices:
    return _fitting(typed, model.output_formats or ("jpeg",))


def _fitting(typed: str, values: Iterable[str]) -> Choices:
    typed = typed.strip().lower().replace(" ", "")
    fitting = dict.fromkeys(value for value in values if typed in value.lower())
    return [app_commands.Choice(name=value, value=value) for value in list(fitting)[:MOST_CHOICES]]
