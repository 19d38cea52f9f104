"""Names the shapes of pictures, such as "Portrait 4:5", and reads those names in every language. Pure."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cogs.i18n.translate import N_, _, in_every
from seedream import RATIOS
from seedream.sizes import normal_ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

# By their ratios.
_NAMES = {
    # Translators: the shape of a picture, at most 20 characters: 1:1.
    "1:1": N_("Square"),
    # Translators: the shape of a picture, at most 20 characters: 4:5, a little higher than wide.
    "4:5": N_("Portrait"),
    # Translators: the shape of a picture, at most 20 characters: 9:16, as high as a phone's screen.
    "9:16": N_("Tall"),
    # Translators: the shape of a picture, at most 20 characters: 3:2, a little wider than high.
    "3:2": N_("Landscape"),
    # Translators: the shape of a picture, at most 20 characters: 16:9, as wide as a computer's screen.
    "16:9": N_("Wide"),
    # Translators: the shape of a picture, at most 20 characters: 21:9, very wide.
    "21:9": N_("Banner"),
}
SHAPES = (*_NAMES, *(ratio for ratio in RATIOS if ratio not in _NAMES))
"""All ratios, those with names first."""


def shape_label(ratio: str) -> str:
    """Return a ratio with its name, if it has one: "Portrait 4:5"."""
    return f"{_(_NAMES[ratio])} {ratio}" if ratio in _NAMES else ratio


def read_ratio(text: str) -> str:
    """Return the ratio that a text names: "banner", "Banner 21:9" and "21x9" are "21:9". Other texts stay."""
    return _by_name().get(_folded(text)) or normal_ratio(text)


@cache
def _by_name() -> Mapping[str, str]:
    names = {ratio: {_folded(word) for word in in_every(name)} for ratio, name in _NAMES.items()}
    return {word: ratio for ratio, words in names.items() for name in words for word in (name, f"{name}{ratio}")}


def _folded(text: str) -> str:
    return "".join(text.casefold().split())
