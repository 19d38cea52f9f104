"""The options that may be typed, and what each takes. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from seedream.capabilities import ADAPTIVE, MAX_GROUP, RATIOS, SEED_RANGE
from seedream.errors import InvalidRequest, Refusal
from seedream.models import DEFAULT_MODEL, MODELS, find_model, model_like, presets_of
from seedream.phrases import OneOf, Phrase
from seedream.sizes import exact, normal_ratio, normal_size, refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# By the names that are typed, the fields of `TypedOptions`.
FIELDS = {
    "ar": "ratio",
    "aspect": "ratio",
    "ratio": "ratio",
    "seed": "seed",
    "n": "images",
    "images": "images",
    "size": "size",
    "model": "model",
    "no": "without",
}
# Midjourney's others, with those of its earlier versions. Source: its "Parameter List".
_OTHERS = """
    bs c chaos cref creative cw draft exp fast hd iw loop motion niji oref ow p personalize profile public q quality r
    raw relax repeat s sameseed sd sref stealth stop style stylize sv sw test testp tile turbo upanime upbeta uplight v
    version video w weird
"""
FAMILIAR = frozenset(_OTHERS.split())
WORDED = frozenset({"cref", "oref", "p", "personalize", "profile", "sref", "style"})  # whose value may be a word

_NUMBER = re.compile(r"[+-]?[0-9]{1,20}")
_HARMLESS = re.compile(r"[0-9.:x/+-]{1,20}")


def checked_values(given: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """The fields' values; `given`: of each the option and the value that were typed. Raises: InvalidRequest."""
    values = {field: read_value(field, value) for field, (_name, value) in given.items()}
    if wrong := [field for field, value in values.items() if value is None]:
        raise InvalidRequest(*(_refusal(field, *given[field]) for field in wrong))
    return values


def read_value(field: str, text: str) -> str | int | None:
    """What a field's value means; None for one that no model takes."""
    return _READ[field](text if field == "without" else unicodedata.normalize("NFKC", text))


def _ratio(text: str) -> str | None:
    ratio = normal_ratio(text)
    return ratio if ratio in RATIOS else None


def _size(text: str) -> str | None:
    size = normal_size(text)
    return size if size in {ADAPTIVE, *presets_of(MODELS.values())} or exact(size) else None


def _model(text: str) -> str | None:
    model = model_like(text)
    return model.name if model else None


def _seed(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) and int(text) in SEED_RANGE else None


def _images(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) and 1 <= int(text) <= MAX_GROUP else None


_READ: Mapping[str, Callable[[str], str | int | None]] = {
    "ratio": _ratio,
    "size": _size,
    "model": _model,
    "seed": _seed,
    "images": _images,
    "without": lambda text: text or None,
}


# --- values that no model takes ---------------------------------------------------------------------------------------


def _refusal(field: str, name: str, text: str) -> Refusal:
    """Repeats only what is a number: everybody in the channel may read it."""
    refused = _REFUSED[field](text)
    return replace(refused, option=f"--{name}", given=text if _HARMLESS.fullmatch(text) else "")


def _refused_ratio(text: str) -> Refusal:
    return next(refusals(MODELS[DEFAULT_MODEL], None, normal_ratio(text)))


def _refused_size(text: str) -> Refusal:
    taken = OneOf([*presets_of(MODELS.values()), Phrase("width x height")])
    # Translators: {sizes} is such as "2K, 4K or width x height"
    return Refusal("", text, Phrase("a size is {sizes}", sizes=taken), Phrase("choose one of them"))


def _refused_model(text: str) -> Refusal:
    try:
        find_model(text)
    except InvalidRequest as error:
        return error.refusals[0]
    raise AssertionError(text)


def _refused_seed(text: str) -> Refusal:
    allowed = Phrase("a seed is {low} (random) to {high}", low=str(SEED_RANGE.low), high=str(SEED_RANGE.high))
    return Refusal("", text, allowed, Phrase("choose a number in that range"))


def _refused_images(text: str) -> Refusal:
    allowed = Phrase("1 to {most} images can be made at once", most=MAX_GROUP)
    return Refusal("", text, allowed, Phrase("choose a number in that range"))


def _refused_without(text: str) -> Refusal:
    allowed = Phrase("it takes what the picture is not to show")
    # Translators: leave "--no" as it is.
    return Refusal("", text, allowed, Phrase("say what, such as --no text, people"))


_REFUSED: Mapping[str, Callable[[str], Refusal]] = {
    "ratio": _refused_ratio,
    "size": _refused_size,
    "model": _refused_model,
    "seed": _refused_seed,
    "images": _refused_images,
    "without": _refused_without,
}
