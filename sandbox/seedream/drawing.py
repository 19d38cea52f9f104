"""Draws the pictures: a landscape with the prompt written on it, in exactly the requested size. Pure.

They are drawn small and then enlarged, because the cost of a large picture is mostly its pixels.
"""

import hashlib
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image, ImageColor, ImageDraw

from sandbox.seedream import fonts, text_drawing

SKETCH = 640  # pixels of the longer side before enlarging
MARGIN = 0.07  # of the shorter side
MASK = 512  # pixels of a shape's side before it is fitted to the picture
SHAPE = 230  # pixels of a shape's radius
MOST_SHOWN = 4  # reference images drawn inside an edit
LONGEST_TEXT = 400  # characters of the prompt
FONT_SHARES = (0.09, 0.065, 0.045)  # of the shorter side

RIDGES = 4
# High sky, low sky, sun, nearest ridge.
_PALETTES = (
    ("#1b2a5c", "#f28c6a", "#ffd9a0", "#241a3d"),
    ("#0f3d4c", "#8fd0c0", "#f6f3d0", "#0b2530"),
    ("#3a1c4f", "#e8637a", "#ffc27a", "#1c0f2b"),
    ("#4a8fc7", "#dcecf2", "#fff6d8", "#2c4a5e"),
    ("#0c1033", "#4b4fa8", "#e9ecff", "#070a1f"),
    ("#c9633f", "#f7c98b", "#fff1c9", "#5b2423"),
    ("#23543f", "#c4d98b", "#fbf7c6", "#132d22"),
    ("#6b3fa0", "#f2a6c7", "#ffe9d6", "#2d1a4a"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Everything that a picture depends on; also its cache key. `size` is in pixels, `format` is jpeg or png.

    Everything outside the `shape` is transparent: 1 is an ellipse, more are polygons, 0 is the whole rectangle.
    """

    model: str
    prompt: str
    size: tuple[int, int]
    index: int = 0
    images: int = 1
    seed: int = -1
    format: str = "jpeg"
    watermark: bool = False
    shape: int = 0
    layer: str = ""
    references: tuple[str, ...] = field(default=())


def draw(subject: Subject, references: Sequence[bytes] = ()) -> bytes:
    """Draw the picture and encode it; `references` are the files whose hashes are in `subject.references`."""
    width, height = subject.size
    scale = min(1.0, SKETCH / max(width, height))
    sketch = _landscape(subject, (max(1, round(width * scale)), max(1, round(height * scale))))
    _place(sketch, references)
    _write(sketch, subject)
    if subject.shape:
        sketch.putalpha(_mask(subject.shape, sketch.size))
    picture = sketch.resize(subject.size, Image.Resampling.BILINEAR)
    return _encoded(picture, subject.format)


def _landscape(subject: Subject, size: tuple[int, int]) -> Image.Image:
    """Draw ridges before a sky with a sun; colors and lines depend on the prompt, the seed and the index."""
    key = f"{subject.model}\0{subject.prompt}\0{subject.seed}\0{subject.index}\0{subject.layer}"
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
    high, low, light, near = (ImageColor.getrgb(colour) for colour in _PALETTES[digest[0] % len(_PALETTES)])
    slope = Image.linear_gradient("L").resize(size)
    scene = Image.composite(Image.new("RGB", size, low), Image.new("RGB", size, high), slope)
    width, height = size
    sun = round(min(size) * (0.1 + digest[1] / 2550))
    at = (round(width * (0.2 + digest[2] / 425)), round(height * (0.42 + digest[3] / 1500)))
    # The gradient is white at the corners: only a circle in its middle glows.
    glow = Image.radial_gradient("L").resize((sun * 5, sun * 5)).point(lambda far: max(0, 176 - far) * 2 // 3)
    scene.paste(light, (at[0] - sun * 5 // 2, at[1] - sun * 5 // 2), glow)
    pen = ImageDraw.Draw(scene)
    pen.ellipse((at[0] - sun, at[1] - sun, at[0] + sun, at[1] + sun), fill=light)
    for ridge in range(RIDGES):
        depth = (ridge + 1) / RIDGES
        colour = tuple(round(far + (close - far) * depth) for far, close in zip(low, near, strict=True))
        pen.polygon(_ridge(size, 0.55 + 0.33 * ridge / RIDGES, digest[4 + 3 * ridge :]), fill=colour)
    return scene


def _ridge(size: tuple[int, int], share: float, phases: bytes) -> list[tuple[float, float]]:
    """Return a polygon whose upper edge is a sum of three waves; `share` is its height as a fraction."""
    width, height = size
    waves = ((0.05, 7.8), (0.022, 18.6), (0.008, 49.8))

    def at(x: float) -> float:
        return share + sum(high * math.sin(x * often + by) for (high, often), by in zip(waves, phases, strict=False))

    line = [(x, height * at(x / width)) for x in range(0, width + 8, 8)]
    return [(0, height), *line, (width, height)]


def _place(sketch: Image.Image, references: Sequence[bytes]) -> None:
    """Paste the reference images, framed, into the lower half."""
    shown = references[:MOST_SHOWN]
    if not shown:
        return
    width, height = sketch.size
    gap = max(2, round(min(width, height) * MARGIN / 2))
    band = height // 2 - 2 * gap  # the caption's line stays free below it
    room = (max(1, (width - gap) // len(shown) - gap), max(1, band - gap))
    for place, data in enumerate(shown):
        inset = _thumbnail(data, room)
        left = gap + place * (room[0] + gap) + (room[0] - inset.width) // 2
        top = height // 2 + (band - inset.height) // 2
        frame = (left - 2, top - 2, left + inset.width + 1, top + inset.height + 1)
        ImageDraw.Draw(sketch).rectangle(frame, fill="white")
        sketch.paste(inset, (left, top))


def _thumbnail(data: bytes, room: tuple[int, int]) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        picture.draft("RGB", room)
        scale = min(room[0] / picture.width, room[1] / picture.height)
        size = (max(1, math.floor(picture.width * scale)), max(1, math.floor(picture.height * scale)))
        return picture.convert("RGB").resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def _write(sketch: Image.Image, subject: Subject) -> None:
    width, height = sketch.size
    pen = ImageDraw.Draw(sketch)
    margin = round(min(width, height) * MARGIN)
    small = fonts.load(fonts.OWN, max(8, round(min(width, height) * 0.032)))
    # In the middle, so that a mosaic that crops its pictures does not cut the text.
    top = margin if subject.references else round(height * 0.16)
    room = (width - 4 * margin, (height // 2 if subject.references else height - top) - 3 * margin)
    lines, size = _fitted(_shortened(subject.prompt), room, min(width, height))
    text_drawing.write(sketch, lines, (width // 2, top), size)
    pen.text((margin, height - margin // 2), _caption(subject), fill="white", font=small, anchor="ls")
    if subject.watermark:
        pen.text((width - margin // 2, margin // 4), "AI generated", fill="white", font=small, anchor="rt")


def _caption(subject: Subject) -> str:
    counted = f"image {subject.index + 1} of {subject.images}" if subject.images > 1 else ""
    return "  ".join(part for part in (counted, subject.layer, subject.model) if part)


def _shortened(prompt: str) -> str:
    words = text_drawing.visible(prompt[: 2 * LONGEST_TEXT])
    return words if len(words) <= LONGEST_TEXT else words[:LONGEST_TEXT] + "…"


def _fitted(text: str, room: tuple[int, int], side: int) -> tuple[list[str], int]:
    """Wrap the text in the largest of a few font sizes that fits. Returns its lines and the size."""
    for share in FONT_SHARES:
        size = max(9, round(side * share))
        lines = text_drawing.wrap(text, size, room[0])
        if text_drawing.height_of(lines, size) <= room[1]:
            break
    return lines, size


def _mask(shape: int, size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", (MASK, MASK), 0)
    pen, middle = ImageDraw.Draw(mask), MASK / 2
    if shape == 1:
        pen.ellipse((middle - SHAPE, middle - SHAPE, middle + SHAPE, middle + SHAPE), fill=255)
    else:
        pen.regular_polygon((middle, middle, SHAPE), shape + 1, fill=255)
    return mask.resize(size, Image.Resampling.BILINEAR)


def _encoded(picture: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    if kind == "png":
        picture.save(file, "PNG", compress_level=1)
    else:
        picture.save(file, "JPEG", quality=80)
    return file.getvalue()
