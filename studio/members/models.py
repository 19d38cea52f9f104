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
    return max(1, model.references.low) <= pictures <= model.references.high


def nearest_model(name: str, able: Callable[[Model], bool], models: AbstractSet[str] = frozenset()) -> Model | None:
    """The model itself where it is able, else the able one that came out next to it; None where none is.

    `models`: those that may be used; none named allows all.
    """
    in_order = sorted(MODELS.values(), key=lambda one: one.since or date.max)
    at = next((place for place, one in enumerate(in_order) if one.name == name), len(in_order))
    known = enumerate(in_order)
    found = [(abs(place - at), one) for place, one in known if able(one) and (not models or one.name in models)]
    return min(found, key=lambda one: one[0])[1] if found else None


def editor_near(name: str, pictures: int, models: AbstractSet[str] = frozenset()) -> Model:
    """The model itself where it can edit so many pictures, else the nearest that can; the model where none can."""
    with suppress(InvalidRequest):
        name = find_model(name).name
    return nearest_model(name, lambda one: can_edit(one, pictures), models) or find_model(name)
