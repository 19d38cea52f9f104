"""Pictures in place of a model's: a gradient with the prompt written on it, of exactly the size asked. Pure.

Drawn small and enlarged, because most of a large picture's cost is its pixels.
"""

import hashlib
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from PIL import Image, ImageDraw, ImageFont

SKETCH = 640  # pixels of the longer side before enlarging
MARGIN = 0.07  # of the shorter side
MOST_SHOWN = 4  # reference images drawn inside an edit
LONGEST_TEXT = 400  # characters of the prompt

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """All that a picture shows, and so the key under which it is kept. `size` is in pixels, `format` jpeg or png."""

    model: str
    prompt: str
    size: tuple[int, int]
    index: int = 0
    images: int = 1
    seed: int = -1
    format: str = "jpeg"
    watermark: bool = False
    transparent: bool = False
    layer: str = ""
    references: tuple[str, ...] = field(default=())


def draw(subject: Subject, references: Sequence[bytes] = ()) -> bytes:
    """The picture as a file of `subject.format`; `references` are the files behind `subject.references`."""
    width, height = subject.size
    scale = min(1.0, SKETCH / max(width, height))
    sketch = _gradient(subject, (max(1, round(width * scale)), max(1, round(height * scale))))
    _place(sketch, references)
    _write(sketch, subject)
    if subject.transparent or subject.layer not in ("", "background"):
        sketch.putalpha(_rounded_mask(sketch.size))
    picture = sketch.resize(subject.size, Image.Resampling.BILINEAR)
    return _encoded(picture, subject.format)


def _gradient(subject: Subject, size: tuple[int, int]) -> Image.Image:
    """Two soft colours out of the prompt, slanted, with one of them glowing through."""
    key = f"{subject.model}\0{subject.prompt}\0{subject.seed}\0{subject.index}\0{subject.layer}"
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
    hue = digest[0]
    light, dark = _colour(hue, 120, 235), _colour(hue + 40 + digest[1] % 60, 170, 120)
    slope = Image.linear_gradient("L").rotate(digest[2] * 360 / 256, Image.Resampling.BILINEAR, fillcolor=128)
    glow = Image.radial_gradient("L").rotate(digest[3])
    base = Image.composite(Image.new("RGB", (256, 256), dark), Image.new("RGB", (256, 256), light), slope)
    base = Image.composite(
        base, Image.blend(base, Image.new("RGB", (256, 256), _colour(hue + 128, 110, 220)), 0.4), glow
    )
    return base.crop((38, 38, 218, 218)).resize(size, Image.Resampling.BILINEAR)


def _colour(hue: int, saturation: int, value: int) -> Colour:
    red, green, blue = Image.new("HSV", (1, 1), (hue % 256, saturation, value)).convert("RGB").tobytes()
    return red, green, blue


def _place(sketch: Image.Image, references: Sequence[bytes]) -> None:
    """The reference images, framed, in the lower half."""
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
    small = _font(max(8, round(min(width, height) * 0.032)))
    room = (width - 2 * margin, (height // 2 if subject.references else height) - 4 * margin)
    text, font = _fitted(pen, _shortened(subject.prompt), room)
    pen.multiline_text((margin + 1, margin + 1), text, fill=(0, 0, 0), font=font, spacing=4)
    pen.multiline_text((margin, margin), text, fill="white", font=font, spacing=4)
    pen.text((margin, height - margin // 2), _caption(subject), fill="white", font=small, anchor="ls")
    if subject.watermark:
        pen.text((width - margin // 2, margin // 4), "AI generated", fill="white", font=small, anchor="rt")


@cache
def _font(size: int) -> Font:
    return ImageFont.load_default(size)


def _caption(subject: Subject) -> str:
    counted = f"image {subject.index + 1} of {subject.images}" if subject.images > 1 else ""
    return "  ".join(part for part in (counted, subject.layer, subject.model) if part)


def _shortened(prompt: str) -> str:
    words = " ".join(prompt.encode("utf-8", "replace").decode().split())
    return words if len(words) <= LONGEST_TEXT else words[:LONGEST_TEXT] + "…"


def _fitted(pen: ImageDraw.ImageDraw, text: str, room: tuple[int, int]) -> tuple[str, Font]:
    """The text wrapped into the room, in the largest of a few sizes that fits."""
    for share in (0.09, 0.065, 0.045):
        font = _font(max(9, round(min(pen.im.size) * share)))
        wrapped = _wrapped(pen, text, font, room[0])
        if pen.multiline_textbbox((0, 0), wrapped, font=font, spacing=4)[3] <= room[1]:
            break
    return wrapped, font


def _wrapped(pen: ImageDraw.ImageDraw, text: str, font: Font, room: int) -> str:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if pen.textlength(longer, font=font) <= room:
            lines[-1] = longer
        else:
            lines.extend(_broken(pen, word, font, room))
    return "\n".join(lines).lstrip("\n")


def _broken(pen: ImageDraw.ImageDraw, word: str, font: Font, room: int) -> list[str]:
    """A word in pieces that fit: Chinese has no spaces to wrap at."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and pen.textlength(pieces[-1] + letter, font=font) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _rounded_mask(size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius=min(size) // 4, fill=255)
    return mask


def _encoded(picture: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    if kind == "png":
        picture.save(file, "PNG", compress_level=1)
    else:
        picture.save(file, "JPEG", quality=80)
    return file.getvalue()
