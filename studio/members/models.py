"""Chooses models: which can edit, and the nearest one that can. Pure."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

from seedream import MODELS
from seedream.errors import InvalidRequest
from seedream.models import find_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from seedream import Model


def can_edit(model: Model, pictures: int = 1) -> bool:
    """Whether the model can change this many pictures at once."""
    return max(1, model.references.low) <= pictures <= model.references.high


def nearest_model(name: str, able: Callable[[Model], bool], models: AbstractSet[str] = frozenset()) -> Model | None:
    """The model itself if it is able, else the able model that was released nearest to it; None if there is none.

    `models`: the names that may be used; empty allows all.
    """
    by_release = sorted(MODELS.values(), key=lambda model: model.since or date.max)
    names = [model.name for model in by_release]
    start = names.index(name) if name in names else len(names)
    usable = [model for model in by_release if able(model) and (not models or model.name in models)]
    return min(usable, key=lambda model: abs(names.index(model.name) - start), default=None)


def editor_near(name: str, pictures: int, models: AbstractSet[str] = frozenset()) -> Model:
    """The model itself if it can edit this many pictures, else the nearest that can; the model itself if none can."""
    with suppress(InvalidRequest):
        name = find_model(name).name
    return nearest_model(name, lambda model: can_edit(model, pictures), models) or find_model(name)
