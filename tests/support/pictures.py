"""Pictures to test with."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image


@cache
def jpeg(width: int, height: int) -> bytes:
    return _encoded(Image.linear_gradient("L").resize((width, height)).convert("RGB"), "JPEG")


@cache
def png(width: int, height: int) -> bytes:
    return _encoded(Image.new("L", (width, height), 90), "PNG")


def _encoded(image: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()
