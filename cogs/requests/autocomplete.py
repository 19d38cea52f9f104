"""What autocomplete offers: only what the model takes that is being chosen beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from cogs.texts.common import plain
from cogs.texts.prices import group_label, model_costs, short_price
from seedream import MODELS, RATIOS
from seedream.errors import InvalidRequest
from seedream.limits import MAX_GROUP, MAX_REFERENCES_AND_IMAGES
from seedream.models import find_model

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from seedream import Model
    from studio.quota.prices import Prices

MOST_CHOICES = 25  # Discord's limit
LONGEST_CHOICE = 100  # likewise

Choices = list[app_commands.Choice[str]]


def models(names: AbstractSet[str], prices: Prices, typed: str) -> Choices:
    """The models of these names whose name or label has what was typed, with what they cost where that differs."""
    offered = [one for one in MODELS.values() if one.name in names]
    costs = {name: f" ({words})" for name, words in model_costs(offered, prices, short_price).items()}
    sought = typed.strip().casefold()
    labels = {one.name: one.label for one in offered if sought in f"{one.name} {one.label}".casefold()}
    shown = {name: plain(f"{label}{costs.get(name, '')}", LONGEST_CHOICE) for name, label in labels.items()}
    return [app_commands.Choice(name=label, value=name) for name, label in list(shown.items())[:MOST_CHOICES]]


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


def groups(model: Model, references: int, typed: str, price: int | None) -> list[app_commands.Choice[int]]:
    """How many pictures, with what they cost; `price`: of each, where it is known."""
    most = min(MAX_GROUP, MAX_REFERENCES_AND_IMAGES - references) if model.group else 1
    numbers = (number for number in range(1, most + 1) if str(number).startswith(typed.strip()))
    return [app_commands.Choice(name=group_label(number, price), value=number) for number in numbers]


def given_attachments(interaction: discord.Interaction) -> int:
    """How many pictures the member has put in so far; Discord tells autocomplete no more of them than their ids."""
    return sum(isinstance(value, discord.Object | discord.Attachment) for _, value in interaction.namespace)


def _fitting(typed: str, values: Iterable[str]) -> Choices:
    typed = typed.strip().lower().replace(" ", "")
    fitting = dict.fromkeys(value for value in values if typed in value.lower())
    return [app_commands.Choice(name=value, value=value) for value in list(fitting)[:MOST_CHOICES]]
