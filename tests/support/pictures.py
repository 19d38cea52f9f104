"""Pictures to test with."""

from __future__ import annotations

import io
import os
from functools import cache

from PIL import Image


@cache
def jpeg(width: int, height: int) -> bytes:
    return _encoded(Image.linear_gradient("L").resize((width, height)).convert("RGB"), "JPEG")


@cache
def png(width: int, height: int) -> bytes:
    return _encoded(Image.new("L", (width, height), 90), "PNG")


def noise_png(width: int, height: int) -> bytes:
    """A picture that can't be made small without loss: three bytes a pixel."""
    return _encoded(Image.frombytes("RGB", (width, height), os.urandom(width * height * 3)), "PNG")


def _encoded(image: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


@cache
def cmyk_jpeg() -> bytes:
    return _encoded(Image.new("CMYK", (400, 300), (0, 200, 200, 0)), "JPEG")


@cache
def turned_jpeg() -> bytes:
    """A photo taken with the camera on its side: 400x300 stored, 300x400 seen."""
    image = Image.linear_gradient("L").resize((400, 300)).convert("RGB")
    exif = image.getexif()
    exif[0x0112] = 6
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif)
    return file.getvalue()


@cache
def animated_gif() -> bytes:
    frames = [Image.new("RGB", (200, 100), (shade, 0, 0)) for shade in (0, 120, 240)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()
