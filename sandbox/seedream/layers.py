"""The layers of a decomposed picture, and their sizes. Pure.

Source: BytePlus's schema of the image API as published by Comfy (Comfy-Org/docs, comfy-router, seedream-5-0-flash):
the base comes first and covers the canvas, at most 16 layers follow from the lowest to the highest; a box is told in
pixels of the base and in thousandths of it; a layer's picture keeps the ratio of its box, not its size.
"""

import math
from dataclasses import dataclass

from sandbox.seedream.models import SQUARE

MOST_LAYERS = 17  # with the base
GUIDE_LAYERS = ("background", "subject", "text")
LEAST_AUTO, MOST_AUTO = 1280 * 720, 2048 * 2048  # pixels that `auto` keeps
THOUSANDTHS = 1000
ENLARGED = 0.7  # a layer's longer side, of the base's longer side

# Names and descriptions of layers.
_SUBJECTS = (
    ("Subject", "The main subject in the middle of the picture"),
    ("Title", "A line of white text above the subject"),
    ("Sun", "A pale yellow sun low in the sky"),
    ("Ridge", "A dark mountain ridge in the foreground"),
    ("Tree", "A single pine tree covered with snow"),
    ("House", "A small wooden house with a lit window"),
    ("Cloud", "A thin white cloud"),
    ("Bird", "A black bird with spread wings"),
    ("Moon", "A crescent moon"),
    ("River", "A narrow river that reflects the sky"),
    ("Bridge", "A stone bridge with two arches"),
    ("Lantern", "A red paper lantern"),
    ("Boat", "A rowing boat without its oars"),
    ("Fence", "A low fence of grey planks"),
    ("Flower", "A blue flower with five petals"),
    ("Logo", "A round logo in the corner"),
)

Size = tuple[int, int]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedLayer:
    """A layer; the base has no box, name or description. Sizes and boxes are in pixels."""

    z_index: int
    canvas: Size
    size: Size
    name: str = ""
    description: str = ""
    box: Box | None = None

    @property
    def normalized(self) -> Box | None:
        """The box in thousandths of the canvas."""
        if self.box is None:
            return None
        width, height = self.canvas
        left, top, right, bottom = self.box
        return (
            left * THOUSANDTHS // width,
            top * THOUSANDTHS // height,
            right * THOUSANDTHS // width,
            bottom * THOUSANDTHS // height,
        )


def guide_layer(index: int, canvas: Size) -> RenderedLayer:
    """Describe a layer in the guide's form: with a name, and as large as the canvas."""
    names = (*GUIDE_LAYERS, *(name.lower() for name, _ in _SUBJECTS[2:]))
    return RenderedLayer(z_index=index, canvas=canvas, size=canvas, name=names[index], box=(0, 0, *canvas))


def documented_layer(index: int, canvas: Size) -> RenderedLayer:
    """Describe the base, or a layer with its own size and position."""
    if index == 0:
        return RenderedLayer(z_index=0, canvas=canvas, size=canvas)
    name, description = _SUBJECTS[(index - 1) % len(_SUBJECTS)]
    box = _box(index, canvas)
    size = _enlarged((box[2] - box[0], box[3] - box[1]), ENLARGED * max(canvas))
    return RenderedLayer(z_index=index, canvas=canvas, size=size, name=name, description=description, box=box)


def canvas_of(size: Size, level: str) -> Size:
    """Return the base's size: the input's ratio at the level's pixels; `auto` keeps sizes between 1K and 2K."""
    if level == "auto":
        if LEAST_AUTO <= size[0] * size[1] <= MOST_AUTO:
            return size
        level = "1K" if size[0] * size[1] < LEAST_AUTO else "2K"
    scale = SQUARE[level][0] / math.sqrt(size[0] * size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _box(index: int, canvas: Size) -> Box:
    """Return boxes along the diagonal, wide and tall alternately."""
    step = (index - 1) / MOST_LAYERS
    width, height = (0.5, 0.3) if index % 2 else (0.3, 0.5)
    left, top = round(canvas[0] * step / 2), round(canvas[1] * step / 2)
    return left, top, left + max(1, round(canvas[0] * width)), top + max(1, round(canvas[1] * height))


def _enlarged(size: Size, longer: float) -> Size:
    scale = longer / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
