"""Sizes and aspect ratios: normalises and validates them, and finds the nearest size that a model makes. Pure."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from seedream.capabilities import ADAPTIVE, RATIOS, SQUARE, Model, Range, Size
from seedream.errors import MAX_GIVEN_LENGTH, InvalidOption, one_line
from seedream.limits import MAX_ASPECT_RATIO
from seedream.phrases import OneOf, Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

AUTO = "auto"  # for layers: the size of the image that is separated
OPEN_SIZES = frozenset({ADAPTIVE, AUTO})  # only the service knows their pixels
_GRID = 16  # pixels: suggested sides are multiples of it, as those of the presets are
_ROUNDED = 0.03  # of the logarithm of width / height: 5504x3040 is 16:9


def normal_size(text: str) -> str:
    """Normalise "2k" to "2K", "2048 × 1024" to "2048x1024", "Adaptive" to "adaptive"; only strip anything else."""
    try:
        return str(Size.parse(text))
    except ValueError:
        stripped = text.strip()
        return stripped.lower() if stripped.lower() in OPEN_SIZES else stripped.upper()


def normal_ratio(text: str) -> str:
    """Normalise "16 : 9", "16x9" and "16/9" to "16:9"; only strip anything else."""
    match = re.fullmatch(r"\s*([0-9]{1,3})\s*[:：/xX×]\s*([0-9]{1,3})\s*", text)
    return f"{int(match[1])}:{int(match[2])}" if match else text.strip()


def exact_size(size: str) -> Size | None:
    """Return the pixels of a normalised size such as "2048x1536"; None for presets and open sizes."""
    return Size.parse(size) if "x" in size and size not in OPEN_SIZES else None


def resolved(model: Model, size: str | None, ratio: str | None) -> str:
    """Return what is sent for a valid size and ratio.

    They may have been validated long ago: if the model no longer has that pair, the preset is sent.
    """
    if ratio is None:
        return size or model.default_size
    preset = size or model.ratio_preset
    return str(size_at(model, preset, ratio) or preset)


def size_at(model: Model, preset: str, ratio: str) -> Size | None:
    """Return the pixels of a ratio at a preset; None if the model has no such preset.

    Ratios that the preset doesn't name get about as many pixels as its square has.
    """
    table = model.sizes.get(preset)
    if table is None:
        return None
    return table.get(ratio) or nearest(model, _largest_within(table[SQUARE].pixels, ratio))


def has_shape(size: Size, ratio: str) -> bool:
    """Return whether a size has this ratio, or nearly: presets are rounded."""
    return abs(math.log(size.width / size.height) - _log_shape(ratio)) < _ROUNDED


def _largest_within(pixels: int, ratio: str) -> Size:
    """Return the largest size of exactly this ratio that has at most so many pixels and fits the grid."""
    width, height = map(int, ratio.split(":"))
    unit = max(1, math.isqrt(pixels // (width * height)) // _GRID) * _GRID
    return Size(width * unit, height * unit)


def size_problems(model: Model, size: str | None, ratio: str | None) -> Iterator[InvalidOption]:
    """Yield what is wrong with a normalised size and ratio for a model."""
    if ratio is not None and ratio not in RATIOS:
        yield ratio_problem(ratio)
    if size is None:
        return
    pixels = exact_size(size)
    if pixels is not None:
        yield from _exact_size_problems(model, pixels)
    elif size not in model.presets and not (size == ADAPTIVE and model.adaptive):
        problem = Phrase("{model} can't do {size}.", model=model.label, size=one_line(size, MAX_GIVEN_LENGTH))
        yield InvalidOption("size", "", problem, Phrase("Choose {size}.", size=_alternatives(model)))
    elif ratio is not None and size == ADAPTIVE:
        problem = Phrase("The size adaptive takes the shape of the reference image.")
        yield InvalidOption("ratio", "", problem, Phrase("Leave one of them out."))
    if ratio is not None and pixels is not None:
        remedy = (
            Phrase("Leave the ratio out, or choose the size {sizes}.", sizes=OneOf(model.presets))
            if model.presets
            else Phrase("Leave one of them out.")
        )
        yield InvalidOption("ratio", "", Phrase("The size {size} already sets the shape.", size=size), remedy)


def ratio_problem(ratio: str) -> InvalidOption:
    """Return what is wrong with an aspect ratio that no model takes."""
    problem = Phrase("The aspect ratio must be one of {ratios}.", ratios=", ".join(RATIOS))
    near = _nearest_ratio(ratio)
    remedy = Phrase("The nearest is {nearest}.", nearest=near) if near else Phrase("Choose {size}.", size=RATIOS[0])
    return InvalidOption("ratio", ratio, problem, remedy)


def nearest(model: Model, size: Size) -> Size:
    """Return the size nearest to `size`, of about the same shape, that the model makes."""
    if model.sides is not None:
        low, high = model.sides
        return Size(*(min(max(side, low), high) for side in size))
    shape = min(max(max(size.width, 1) / max(size.height, 1), 1 / MAX_ASPECT_RATIO), MAX_ASPECT_RATIO)
    area = model.pixels or Range(1, 1)
    if size.pixels in area and max(size) <= MAX_ASPECT_RATIO * min(size):
        return size
    low, high = area
    pixels = min(max(size.pixels, low), high)
    # Sides are rounded inwards: up when the area grew to the lower bound, down otherwise.
    rounded = math.ceil if size.pixels <= low else math.floor
    sides = (math.sqrt(pixels * shape), math.sqrt(pixels / shape))
    width, height = (rounded(side / _GRID - 1e-9) * _GRID for side in sides)
    return Size(min(width, height * MAX_ASPECT_RATIO), min(height, width * MAX_ASPECT_RATIO))


def _exact_size_problems(model: Model, size: Size) -> Iterator[InvalidOption]:
    remedy = Phrase("The nearest is {nearest}.", nearest=str(nearest(model, size)))
    sides = model.sides
    if sides is not None and not all(side in sides for side in size):
        low, high = str(sides.low), str(sides.high)
        problem = Phrase("{model} makes sides of {low} to {high} pixels.", model=model.label, low=low, high=high)
        yield InvalidOption("size", str(size), problem, remedy)
    area = model.pixels
    if area is not None and size.pixels not in area:
        problem = Phrase(
            "{model} makes images of {low} to {high} pixels in all; {size} has {pixels}.",
            model=model.label,
            low=area.low,
            high=area.high,
            size=str(size),
            pixels=size.pixels,
        )
        yield InvalidOption("size", "", problem, remedy)
    elif area is not None and max(size) > MAX_ASPECT_RATIO * min(size):
        problem = Phrase("Width and height can differ by a factor of at most {most}.", most=MAX_ASPECT_RATIO)
        yield InvalidOption("size", str(size), problem, remedy)


def _alternatives(model: Model) -> str:
    if model.presets:
        return OneOf(model.presets)
    return Phrase("{size}, or another width x height", size=model.default_size)


def _nearest_ratio(text: str) -> str | None:
    """Return the nearest ratio that models make; None if the text isn't a ratio."""
    match = re.fullmatch(r"([0-9]{1,3}):([0-9]{1,3})", text)
    if match is None or not int(match[1]) or not int(match[2]):
        return None
    shape = math.log(int(match[1]) / int(match[2]))
    return min(RATIOS, key=lambda ratio: abs(_log_shape(ratio) - shape))


def _log_shape(ratio: str) -> float:
    width, height = ratio.split(":")
    return math.log(int(width) / int(height))
