"""The models by their short names: those of models.toml, and those that an operator's file adds or changes."""

from __future__ import annotations

import difflib
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from seedream.capabilities import SQUARE, Model, Range, Size
from seedream.errors import InvalidOption, InvalidRequest
from seedream.model_files import ModelFileError, ModelTables, alias_key
from seedream.phrases import OneOf, Phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MAX_LABELS = 3  # of models, in a sentence
BUILT_IN = Path(__file__).with_name("models.toml")

_models: dict[str, Model] = {}
_aliases: dict[str, str] = {}

MODELS: Mapping[str, Model] = MappingProxyType(_models)
"""Every model by its short name. Only `use_models_file` changes it, which a program calls once, when it starts."""


def use_models_file(path: Path | None) -> None:
    """Read the built-in models, then those of `path`, which add to them or override them. Raises: ModelFileError."""
    tables = ModelTables()
    tables.read(BUILT_IN)
    if path is not None and (unknown := tables.read(path)):
        raise ModelFileError(*(f"{key}: no such key; a models file has [models] and [size_tables]" for key in unknown))
    _put(tables.models())


def _put(models: Mapping[str, Model]) -> None:
    _models.clear()
    _models.update(models)
    _aliases.clear()
    for name, model in models.items():
        _aliases.update(dict.fromkeys(map(alias_key, (name, model.label, *model.aliases, *model.wire_ids)), name))


def _default() -> str:
    tables = ModelTables()
    default = tables.read(BUILT_IN)["default"]
    _put(tables.models())
    return _models[default].name


DEFAULT_MODEL = _default()


def labels_of(able: Callable[[Model], object], most: int | None = MAX_LABELS) -> str:
    """Return the labels of the models for which `able` is true: "SeeDream 5.0 lite, SeeDream 4.5 or SeeDream 4.0".

    most: how many of them; None for all.
    """
    labels = [model.label for model in MODELS.values() if model.offered and able(model)]
    return OneOf(labels[:most])


def labels_where(capability: str, most: int | None = MAX_LABELS) -> str:
    """Return the labels of the models with a capability, which is the name of a field of `Model`."""
    return labels_of(lambda model: getattr(model, capability), most)


def modes_of(models: Iterable[Model]) -> list[str]:
    """Return the modes in which these models optimize prompts."""
    return list(dict.fromkeys(mode for model in models for mode in model.optimize_prompt))


def presets_of(models: Iterable[Model]) -> list[str]:
    """Return the presets that any of these models has, smallest first."""
    presets = {preset for model in models for preset in model.presets}
    return sorted(presets, key=lambda preset: float(preset.removesuffix("K")))


def known_model(name: str) -> Model:
    """Return the model of an earlier request; a model that has been removed is returned without any capability."""
    return MODELS.get(name) or _removed(name)


def _removed(name: str) -> Model:
    size = Size(1024, 1024)
    return Model.model_construct(
        name=name,
        label=name,
        wire_ids=(name,),
        offered=False,
        default_size=str(size),
        sizes={"1K": {SQUARE: size}},
        pixels=Range(1, 1 << 40),
        references=Range(0, 0),
    )


def owner_of(wire_id: str) -> str | None:
    """Return the short name of the model that an id or any other name stands for; None if it is unknown."""
    return _aliases.get(alias_key(wire_id))


def model_like(text: str) -> Model | None:
    """Return the model that a name stands for, or else the only one whose label contains it, such as "flash"."""
    key = alias_key(text)
    if owner := _aliases.get(key):
        return MODELS[owner]
    matches = [model for model in MODELS.values() if f"-{key}-" in f"-{alias_key(model.label)}-"]
    return matches[0] if key and len(matches) == 1 else None


def find_model(text: str) -> Model:
    """Return the model that a name stands for: its short name, a wire id, its label, or a loose form such as "4.5".

    Raises: InvalidRequest, which suggests the nearest name.
    """
    key = alias_key(text) if isinstance(text, str) else ""
    if owner := _aliases.get(key):
        return MODELS[owner]
    names = ", ".join(MODELS)
    near = difflib.get_close_matches(key[:100], _aliases, n=1, cutoff=0.5)
    remedy = (
        Phrase("Did you mean {model}?", model=_aliases[near[0]])
        if near
        else Phrase("Choose one of {models}.", models=names)
    )
    raise InvalidRequest(InvalidOption("model", str(text), Phrase("SeeDream has no such model."), remedy))
