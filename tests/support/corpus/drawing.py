"""The photo that most samples hold, and Pillow's encoders."""

from __future__ import annotations

import io
import random
from functools import cache

import numpy as np
from PIL import Image, ImageOps

Colour = tuple[int, int, int]
RED, GREEN, BLUE, LIGHT = (220, 30, 30), (30, 190, 30), (30, 30, 220), (245, 240, 200)
COLOURS = (RED, GREEN, BLUE, LIGHT)
SIDES = (400, 300)
HOLE = (160, 110, 180, 130)  # where a picture with an alpha channel is transparent; none of its corners


@cache
def photo(size: tuple[int, int] = SIDES, mode: str = "RGB") -> Image.Image:
    """Red and green above blue and light: its corners tell which way up it is. Don't change it."""
    width, height = size
    image = Image.new("RGB", size, RED)
    image.paste(GREEN, (width // 2, 0, width, height))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(LIGHT, (width // 2, height // 2, width, height))
    return image.convert(mode)


@cache
def mirrored() -> Image.Image:
    """The photo as a second frame, which must not be the one that is sent."""
    return ImageOps.mirror(photo())


@cache
def cutout(size: tuple[int, int] = SIDES) -> Image.Image:
    """The photo with a hole in it."""
    image = photo(size).convert("RGBA")
    image.paste((0, 0, 0, 0), HOLE)
    return image


def noise(size: tuple[int, int], seed: int = 1, channels: int = 3) -> Image.Image:
    """A picture that no encoder makes small."""
    width, height = size
    levels = np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)
    return Image.fromarray(levels)


def rubbish(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


@cache
def jpeg(size: tuple[int, int] = SIDES) -> bytes:
    return encoded(photo(size), "JPEG", quality=92)


@cache
def png(size: tuple[int, int] = SIDES) -> bytes:
    return encoded(photo(size), "PNG")


@cache
def webp() -> bytes:
    return encoded(photo(), "WEBP", quality=95)


@cache
def gif() -> bytes:
    return encoded(photo().quantize(8), "GIF")


def samples_of(image: Image.Image) -> np.ndarray:
    """The levels as (height, width, channels)."""
    levels = np.asarray(image)
    return levels.reshape(*levels.shape[:2], -1)
