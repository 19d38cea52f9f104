"""What `size` and `ratio` mean for a model: normalising, checking, the nearest that is allowed. Pure."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from seedream.capabilities import ADAPTIVE, LONGEST_RATIO, RATIOS, Model, Range, Size
from seedream.errors import Refusal
from seedream.phrases import OneOf, Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

AUTO = "auto"  # layers: as large as the picture that is taken apart
OPEN_SIZES = frozenset({ADAPTIVE, AUTO})  # only the service knows how many pixels they are
_GRID = 16  # suggested sides are multiples of it, as the presets' are


def normal_size(text: str) -> str:
    """ "2k" -> "2K", "2048 × 1024" -> "2048x1024", "Adaptive" -> "adaptive"; anything else comes back stripped."""
    try:
        return str(Size.parse(text))
    except ValueError:
        stripped = text.strip()
        return stripped.lower() if stripped.lower() in OPEN_SIZES else stripped.upper()


def normal_ratio(text: str) -> str:
    """ "16 : 9", "16x9", "16/9" -> "16:9"; anything else comes back stripped."""
    match = re.fullmatch(r"\s*([0-9]{1,3})\s*[:：/xX×]\s*([0-9]{1,3})\s*", text)
    return f"{int(match[1])}:{int(match[2])}" if match else text.strip()


def exact(size: str) -> Size | None:
    """The pixels that a normalised size names, if it names any."""
    return Size.parse(size) if "x" in size and size not in OPEN_SIZES else None


def resolved(model: Model, size: str | None, ratio: str | None) -> str:
    """What goes to the service for a size and ratio that have been checked.

    They may have been so long ago: where the model has no such pair any more, it is the preset.
    """
    if ratio is None:
        return size or model.default_size
    preset = size or model.ratio_preset
    return str(model.sizes.get(preset, {}).get(ratio, preset))


def refusals(model: Model, size: str | None, ratio: str | None) -> Iterator[Refusal]:
    """What is wrong with a normalised size and ratio for a model."""
    if ratio is not None and ratio not in RATIOS:
        allowed = Phrase("an aspect ratio is one of {ratios}", ratios=", ".join(RATIOS))
        near = _nearest_ratio(ratio)
        remedy = Phrase("the nearest is {nearest}", nearest=near) if near else Phrase("choose {size}", size=RATIOS[0])
        yield Refusal("ratio", ratio, allowed, remedy)
    if size is None:
        return
    pixels = exact(size)
    if pixels is not None:
        yield from _exact_refusals(model, pixels)
    elif size not in model.presets and not (size == ADAPTIVE and model.adaptive):
        allowed = Phrase("{model} takes {sizes}", model=model.label, sizes=_takes(model))
        yield Refusal("size", size, allowed, Phrase("choose {size}", size=_instead(model)))
    elif ratio is not None and size == ADAPTIVE:
        allowed = Phrase("the size adaptive takes the shape of the reference picture")
        yield Refusal("ratio", "", allowed, Phrase("leave one of them out"))
    if ratio is not None and pixels is not None:
        remedy = (
            Phrase("leave the ratio out, or choose the size {sizes}", sizes=OneOf(model.presets))
            if model.presets
            else Phrase("leave one of them out")
        )
        yield Refusal("ratio", ratio, Phrase("the size {size} already says the shape", size=size), remedy)


def nearest(model: Model, size: Size) -> Size:
    """The allowed size of about the same shape that is nearest to `size`."""
    if model.sides is not None:
        low, high = model.sides
        return Size(*(min(max(side, low), high) for side in size))
    shape = min(max(max(size.width, 1) / max(size.height, 1), 1 / LONGEST_RATIO), LONGEST_RATIO)
    area = model.pixels or Range(1, 1)
    if size.pixels in area and max(size) <= LONGEST_RATIO * min(size):
        return size
    low, high = area
    pixels = min(max(size.pixels, low), high)
    # Sides are rounded inwards: up when the area grew to the lower bound, down otherwise.
    rounded = math.ceil if size.pixels <= low else math.floor
    sides = (math.sqrt(pixels * shape), math.sqrt(pixels / shape))
    width, height = (rounded(side / _GRID - 1e-9) * _GRID for side in sides)
    return Size(min(width, height * LONGEST_RATIO), min(height, width * LONGEST_RATIO))


def _exact_refusals(model: Model, size: Size) -> Iterator[Refusal]:
    remedy = Phrase("the nearest is {nearest}", nearest=str(nearest(model, size)))
    sides = model.sides
    if sides is not None and not all(side in sides for side in size):
        low, high = str(sides.low), str(sides.high)
        allowed = Phrase("{model} takes sides of {low} to {high} pixels", model=model.label, low=low, high=high)
        yield Refusal("size", str(size), allowed, remedy)
    area = model.pixels
    if area is not None and size.pixels not in area:
        given = Phrase("{size} is {pixels}", size=str(size), pixels=size.pixels)
        allowed = Phrase("{model} takes {low} to {high} pixels in all", model=model.label, low=area.low, high=area.high)
        yield Refusal("size", given, allowed, remedy)
    elif area is not None and max(size) > LONGEST_RATIO * min(size):
        allowed = Phrase("width and height may differ by a factor of {most} at most", most=LONGEST_RATIO)
        yield Refusal("size", str(size), allowed, remedy)


def _takes(model: Model) -> str:
    presets = [*model.presets, *([ADAPTIVE] if model.adaptive else [])]
    return OneOf([*presets, Phrase("width x height")]) if presets else Phrase("width x height only")


def _instead(model: Model) -> str:
    if model.presets:
        return OneOf(model.presets)
    return Phrase("{size}, or another width x height", size=model.default_size)


def _nearest_ratio(text: str) -> str | None:
    """None for what is no ratio at all."""
    match = re.fullmatch(r"([0-9]{1,3}):([0-9]{1,3})", text)
    if match is None or not int(match[1]) or not int(match[2]):
        return None
    shape = math.log(int(match[1]) / int(match[2]))
    return min(RATIOS, key=lambda ratio: abs(_log_shape(ratio) - shape))


def _log_shape(ratio: str) -> float:
    width, height = ratio.split(":")
    return math.log(int(width) / int(height))
