"""Predicts the memory that decoding a picture takes, and decodes a large JPEG at half the size rather than not at all.

The limit of the worker process is what counts in the end; the prediction answers at once and keeps it from being met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedream.images import NotAnImageError
from seedream.phrases import Phrase

if TYPE_CHECKING:
    from seedream.images import ImageStructure

MAX_PIXELS = 8192 * 8192
MAX_JPEG_PIXELS = 4 * MAX_PIXELS  # phones take photos of 200 megapixels

_PIXEL_BYTES = 4  # Pillow's, also for three channels
_REDUCTIONS = {"jpeg": (1, 2, 4, 8)}
# Measured, in copies of the whole picture besides Pillow's own.
_DECODER_COPIES = {"webp": 3.0, "avif": 1.6, "heic": 1.6}
_ALPHA_COPIES = 1.3  # while a picture with transparency is scaled
_WIDE_COPIES = 2.0  # while 16 bits are made 8


def reduction(structure: ImageStructure, size: int, *, memory: int, max_pixels: int) -> int:
    """Return by how much to reduce each side while decoding, for the picture to fit into so many bytes of memory.

    `size`: of the file in bytes. `max_pixels`: more are scaled down after decoding. Raises: NotAnImageError, if the
    picture is too large.
    """
    if structure.pixels > (MAX_JPEG_PIXELS if structure.format == "jpeg" else MAX_PIXELS):
        raise too_large(structure)
    for factor in _REDUCTIONS.get(structure.format, (1,)):
        if size + _memory_needed(structure, factor, max_pixels) <= memory:
            return factor
    raise too_large(structure)


def _memory_needed(structure: ImageStructure, factor: int, max_pixels: int) -> int:
    """Return the bytes of the most copies of the picture that exist at once: while it is decoded, or after that."""
    pixels = structure.pixels // factor**2
    scaled = max_pixels / pixels if pixels > max_pixels else 0.0
    scaling = _ALPHA_COPIES + 2 * scaled if structure.alpha and scaled else scaled
    converting = 0.0 if structure.plain else max(1.0, structure.channels / _PIXEL_BYTES)
    wide = _WIDE_COPIES if structure.channels > 3 and not structure.alpha else 0.0  # noqa: PLR2004
    copies = 1 + max(_DECODER_COPIES.get(structure.format, 0.0), scaling, converting, wide)
    return int(pixels * _PIXEL_BYTES * copies) + structure.buffered


def too_large(structure: ImageStructure) -> NotAnImageError:
    sides = f"{structure.width}x{structure.height}"
    what = Phrase("a picture of {sides} pixels, too large to be converted here", sides=sides)
    return NotAnImageError(what, Phrase("Make it smaller, or save it as a JPEG, and use that."))
