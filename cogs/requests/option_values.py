"""The options that can be typed in a prompt, and the values that each accepts. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cogs.texts.shapes import read_ratio
from seedream.capabilities import ADAPTIVE, RATIOS
from seedream.errors import InvalidOption, InvalidRequest
from seedream.limits import MAX_GROUP, MAX_SEED, MIN_SEED
from seedream.models import MODELS, find_model, model_like, modes_of, presets_of
from seedream.phrases import OneOf, Phrase
from seedream.sizes import exact_size, normal_size, ratio_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Fields of `TypedOptions` by the names that can be typed.
FIELDS = {
    "ar": "ratio",
    "aspect": "ratio",
    "ratio": "ratio",
    "shape": "ratio",
    "seed": "seed",
    "n": "images",
    "images": "images",
    "size": "size",
    "model": "model",
    "optimize": "optimize",
    "no": "without",
}
# Midjourney's other options, with those of earlier versions. Source: its "Parameter List".
_OTHERS = """
    bs c chaos cref creative cw draft exp fast hd iw loop motion niji oref ow p personalize profile public q quality r
    raw relax repeat s sameseed sd sref stealth stop style stylize sv sw test testp tile turbo upanime upbeta uplight v
    version video w weird
"""
FAMILIAR = frozenset(_OTHERS.split())
WORDED = frozenset({"cref", "oref", "p", "personalize", "profile", "sref", "style"})  # whose value may be a word

_NUMBER = re.compile(r"[+-]?[0-9]{1,20}")
_HARMLESS = re.compile(r"[0-9.:x/+-]{1,20}")


def checked_values(typed: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Parse the values of fields. `typed`: by field, the typed option and value. Raises: InvalidRequest."""
    values = {field: read_value(field, value) for field, (_name, value) in typed.items()}
    if wrong := [field for field, value in values.items() if value is None]:
        raise InvalidRequest(*(_refusal(field, *typed[field]) for field in wrong))
    return values


def read_value(field: str, text: str) -> str | int | None:
    """Parse a field's value; None if no model accepts it."""
    return _READ[field](text if field == "without" else unicodedata.normalize("NFKC", text))


def _ratio(text: str) -> str | None:
    ratio = read_ratio(text)
    return ratio if ratio in RATIOS else None


def _size(text: str) -> str | None:
    size = normal_size(text)
    return size if size in {ADAPTIVE, *presets_of(MODELS.values())} or exact_size(size) else None


def _model(text: str) -> str | None:
    model = model_like(text)
    return model.name if model else None


def _seed(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) and MIN_SEED <= int(text) <= MAX_SEED else None


def _images(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) and 1 <= int(text) <= MAX_GROUP else None


def _optimize(text: str) -> str | None:
    """Parse a mode; the option alone means the first."""
    modes = modes_of(MODELS.values())
    mode = text.strip().lower() or next(iter(modes), None)
    return mode if mode in modes else None


_READ: Mapping[str, Callable[[str], str | int | None]] = {
    "ratio": _ratio,
    "size": _size,
    "model": _model,
    "seed": _seed,
    "images": _images,
    "optimize": _optimize,
    "without": lambda text: text or None,
}


# --- values that no model accepts -------------------------------------------------------------------------------------


def _refusal(field: str, name: str, text: str) -> InvalidOption:
    """Explain an invalid value. Only numbers are repeated, because everybody in the channel can read it."""
    refused = _REFUSED[field](text)
    return replace(refused, option=f"--{name}", given=text if _HARMLESS.fullmatch(text) else "")


def _refused_ratio(text: str) -> InvalidOption:
    return ratio_problem(read_ratio(text))


def _refused_size(text: str) -> InvalidOption:
    taken = OneOf([*presets_of(MODELS.values()), Phrase("width x height")])
    # Translators: {sizes} is such as "2K, 4K or width x height"
    return InvalidOption("", text, Phrase("Sizes are {sizes}.", sizes=taken), Phrase("Choose one of them."))


def _refused_model(text: str) -> InvalidOption:
    try:
        find_model(text)
    except InvalidRequest as error:
        return error.problems[0]
    raise AssertionError(text)


def _refused_seed(text: str) -> InvalidOption:
    problem = Phrase("Seeds go from {low} (random) to {high}.", low=str(MIN_SEED), high=str(MAX_SEED))
    return InvalidOption("", text, problem, Phrase("Choose a number in that range."))


def _refused_images(text: str) -> InvalidOption:
    problem = Phrase("You can make 1 to {most} images at once.", most=MAX_GROUP)
    return InvalidOption("", text, problem, Phrase("Choose a number in that range."))


def _refused_optimize(text: str) -> InvalidOption:
    problem = Phrase("Prompts are optimized in mode {modes}.", modes=OneOf(modes_of(MODELS.values())))
    return InvalidOption("", text, problem, Phrase("Choose one of them."))


def _refused_without(text: str) -> InvalidOption:
    problem = Phrase("Add what the image shouldn't show.")
    # Translators: leave "--no" as it is.
    return InvalidOption("", text, problem, Phrase("For example: --no text, people"))


_REFUSED: Mapping[str, Callable[[str], InvalidOption]] = {
    "ratio": _refused_ratio,
    "size": _refused_size,
    "model": _refused_model,
    "seed": _refused_seed,
    "images": _refused_images,
    "optimize": _refused_optimize,
    "without": _refused_without,
}
