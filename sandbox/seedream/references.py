"""Reference images: the bytes behind a data URL, and what the service asks of them. Pure.

Source: SeeDream API guide, `image`: 10 MB, sides over 14 px, ratio within [1/16, 16], 36,000,000 pixels.
"""

import base64
import binascii
import hashlib
import io
import re
import warnings
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from sandbox.seedream.errors import invalid
from sandbox.seedream.models import ALL_FORMATS, ServedModel

LARGEST = 10 * 2**20  # bytes
MOST_PIXELS = 36_000_000
LARGEST_BAD_SIDE = 14
LEAST_LAYER_PIXELS = 512 * 512
_DATA_URL = re.compile(r"data:image/([^;,]{1,20});base64,")


@dataclass(frozen=True, slots=True)
class Reference:
    """A valid reference image. `kind` is "url" or "data"; `size` is in pixels."""

    kind: str
    data: bytes
    size: tuple[int, int]
    alpha: bool
    format: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def bytes_of_data_url(index: int, text: str) -> bytes:
    """Decode `data:image/<lowercase format>;base64,...`. Raises ApiError."""
    head = _DATA_URL.match(text)
    if not head:
        raise invalid(f"image[{index}]", "is neither an http(s) URL nor data:image/<format>;base64,<bytes>.")
    if head[1] not in ALL_FORMATS:
        allowed = ", ".join(sorted(ALL_FORMATS))
        raise invalid(f"image[{index}]", f"says it is image/{head[1]}: the format is in lower case, one of {allowed}.")
    try:
        return base64.b64decode(text[head.end() :], validate=True)
    except binascii.Error as problem:
        raise invalid(f"image[{index}]", "is not valid base64.") from problem


def checked(index: int, kind: str, data: bytes, model: ServedModel) -> Reference:
    """Check the bytes of a reference image. Raises ApiError."""
    if len(data) > LARGEST:
        raise invalid(f"image[{index}]", f"has {len(data)} bytes: at most {LARGEST} are taken.")
    try:
        with warnings.catch_warnings():
            # The pixel limit below gives the service's own error.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data))
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as problem:
        raise invalid(f"image[{index}]", "is not an image that can be read.") from problem
    name = (picture.format or "unknown").lower()
    if name not in model.input_formats:
        allowed = ", ".join(sorted(model.input_formats))
        raise invalid(f"image[{index}]", f"is {name}: {model.name} takes {allowed}.")
    _check_sides(index, *picture.size)
    return Reference(kind, data, picture.size, picture.has_transparency_data, name)


def check_transparent(reference: Reference) -> None:
    if reference.format != "png" or not reference.alpha:
        raise invalid("background", "is transparent: image must be one PNG with an alpha channel.")


def check_layer_input(reference: Reference) -> None:
    """Check the input of a layer decomposition. Raises ApiError.

    Source: BytePlus's schema as published by Comfy (Comfy-Org/docs).
    """
    width, height = reference.size
    if width * height < LEAST_LAYER_PIXELS:
        raise invalid(
            "image[0]", f"is {width}x{height}: layer_decomposition takes at least {LEAST_LAYER_PIXELS} pixels."
        )


def _check_sides(index: int, width: int, height: int) -> None:
    if min(width, height) <= LARGEST_BAD_SIDE:
        raise invalid(f"image[{index}]", f"is {width}x{height}: each side is over {LARGEST_BAD_SIDE} pixels.")
    if width > 16 * height or height > 16 * width:
        raise invalid(f"image[{index}]", f"is {width}x{height}: width:height is within 1:16 and 16:1.")
    if width * height > MOST_PIXELS:
        raise invalid(f"image[{index}]", f"is {width}x{height}: at most {MOST_PIXELS} pixels are taken.")
