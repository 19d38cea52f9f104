"""Suggests values of options: only those that the model chosen in the same command accepts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from cogs.texts.common import plain
from cogs.texts.modes import mode_label
from cogs.texts.prices import group_label, model_costs, short_price
from cogs.texts.shapes import SHAPES, read_ratio, shape_label
from seedream import MODELS
from seedream.errors import InvalidRequest
from seedream.limits import MAX_GROUP, MAX_PROMPT_LENGTH, MAX_REFERENCES_AND_IMAGES
from seedream.models import find_model

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from seedream import Model
    from studio.quota.prices import Prices

MOST_CHOICES = 25  # Discord's limit
LONGEST_CHOICE = 100  # characters; Discord's limit

Prompt = app_commands.Range[str, 1, MAX_PROMPT_LENGTH]
Choices = list[app_commands.Choice[str]]


def models(names: AbstractSet[str], prices: Prices, typed: str) -> Choices:
    """Suggest the models with these names that match what was typed, with their prices if those differ."""
    offered = [model for model in MODELS.values() if model.name in names]
    costs = {name: f" ({words})" for name, words in model_costs(offered, prices, short_price).items()}
    sought = typed.strip().casefold()
    labels = {model.name: model.label for model in offered if sought in f"{model.name} {model.label}".casefold()}
    shown = {name: plain(f"{label}{costs.get(name, '')}", LONGEST_CHOICE) for name, label in labels.items()}
    return [app_commands.Choice(name=label, value=name) for name, label in list(shown.items())[:MOST_CHOICES]]


def chosen_model(interaction: discord.Interaction, usual: str) -> Model:
    """Return the model that the member has chosen so far, or the default one."""
    try:
        return find_model(getattr(interaction.namespace, "model", None) or usual)
    except InvalidRequest:
        return find_model(usual)


def sizes(model: Model, typed: str) -> Choices:
    exact = (str(size) for ratios in model.sizes.values() for size in ratios.values())
    return _fitting(typed, [*model.presets, *(["adaptive"] if model.adaptive else []), *exact])


class _RatioTransformer(app_commands.Transformer):
    """Reads a ratio or the name of a shape, and suggests them."""

    async def transform(self, _interaction: discord.Interaction[Any], value: Any, /) -> str:
        return read_ratio(value)

    async def autocomplete(  # type: ignore[override]  # the choices of a text are all texts
        self, _interaction: discord.Interaction[Any], value: str | float, /
    ) -> Choices:
        return _fitting(str(value), {ratio: shape_label(ratio) for ratio in SHAPES})


Ratio = app_commands.Transform[str, _RatioTransformer]


def formats(model: Model, typed: str) -> Choices:
    return _fitting(typed, model.output_formats or ("jpeg",))


def optimizations(model: Model, typed: str) -> Choices:
    return _fitting(typed, {mode: mode_label(mode) for mode in model.optimize_prompt})


def groups(
    model: Model, references: int, typed: str, price: int | None, *, limited: bool
) -> list[app_commands.Choice[int]]:
    """Suggest numbers of pictures with their cost. `price`, `limited`: as for `group_label`."""
    most = min(MAX_GROUP, MAX_REFERENCES_AND_IMAGES - references) if model.group else 1
    numbers = (number for number in range(1, most + 1) if str(number).startswith(typed.strip()))
    return [app_commands.Choice(name=group_label(number, price, limited=limited), value=number) for number in numbers]


def given_attachments(interaction: discord.Interaction) -> int:
    """Count the pictures attached so far. For autocomplete, Discord sends only their ids."""
    return sum(isinstance(value, discord.Object | discord.Attachment) for _, value in interaction.namespace)


def _fitting(typed: str, values: Iterable[str] | Mapping[str, str]) -> Choices:
    """Suggest the values that contain what was typed, or whose labels do."""
    labels = values if isinstance(values, Mapping) else {value: value for value in values}
    sought = _folded(typed)
    fitting = {value: label for value, label in labels.items() if sought in _folded(f"{value} {label}")}
    return [app_commands.Choice(name=label, value=value) for value, label in list(fitting.items())[:MOST_CHOICES]]


def _folded(text: str) -> str:
    return "".join(text.casefold().split())
