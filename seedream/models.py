"""The models, by their short names: those of models.toml, and those that an operator's file adds or changes."""

from __future__ import annotations

import difflib
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from seedream.capabilities import SQUARE, Model, Range, Size
from seedream.errors import InvalidRequest, Refusal
from seedream.model_files import ModelFileError, ModelTables, alias_key
from seedream.phrases import OneOf, Phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MOST_NAMED = 3  # models in a sentence
BUILT_IN = Path(__file__).with_name("models.toml")

_models: dict[str, Model] = {}
_aliases: dict[str, str] = {}

MODELS: Mapping[str, Model] = MappingProxyType(_models)
"""Every model by its short name. It changes only by `use_models_file`, which a program calls once, at its start."""


def use_models_file(path: Path | None) -> None:
    """Read the models anew: the built-in ones, and over them those of `path`. Raises: ModelFileError."""
    tables = ModelTables()
    tables.read(BUILT_IN)
    if path is not None and (unknown := tables.read(path)):
        raise ModelFileError(
            *(f"{key}: no such key; a file of models has [models] and [size_tables]" for key in unknown)
        )
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


def labels_of(able: Callable[[Model], object], most: int | None = MOST_NAMED) -> str:
    """The labels of a few models that are able, for a sentence: "SeeDream 5.0 lite, SeeDream 4.5 or SeeDream 4.0".

    `most`: None names them all.
    """
    labels = [model.label for model in MODELS.values() if model.offered and able(model)]
    return OneOf(labels[:most])


def labels_where(capability: str, most: int | None = MOST_NAMED) -> str:
    """The same of models with a capability."""
    return labels_of(lambda model: getattr(model, capability), most)


def presets_of(models: Iterable[Model]) -> list[str]:
    """The presets of any of these models, the smallest first."""
    presets = {preset for model in models for preset in model.presets}
    return sorted(presets, key=lambda preset: float(preset.removesuffix("K")))


def known_model(name: str) -> Model:
    """The model of a request that was accepted earlier; one that is no longer in any file can do nothing any more."""
    return MODELS.get(name) or _gone(name)


def _gone(name: str) -> Model:
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
    """The name of the model that an id, or any other name, means; None for one that nobody knows."""
    return _aliases.get(alias_key(wire_id))


def model_like(text: str) -> Model | None:
    """The model that a name means, or else the only one whose label has these words, such as "5.0-lite" or "flash"."""
    key = alias_key(text)
    if owner := _aliases.get(key):
        return MODELS[owner]
    named = [model for model in MODELS.values() if f"-{key}-" in f"-{alias_key(model.label)}-"]
    return named[0] if key and len(named) == 1 else None


def find_model(text: str) -> Model:
    """The model that a name means: its short name, any wire id, its label, or a loose form such as "4.5" or "seededit".

    Raises: InvalidRequest, which names the nearest.
    """
    key = alias_key(text) if isinstance(text, str) else ""
    if owner := _aliases.get(key):
        return MODELS[owner]
    names = ", ".join(MODELS)
    near = difflib.get_close_matches(key[:100], _aliases, n=1, cutoff=0.5)
    remedy = (
        Phrase("did you mean {model}", model=_aliases[near[0]])
        if near
        else Phrase("choose one of {models}", models=names)
    )
    raise InvalidRequest(Refusal("model", str(text), Phrase("SeeDream has no such model"), remedy))
