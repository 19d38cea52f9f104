"""Reads BMP files by their headers. Source: Microsoft's BITMAPFILEHEADER and BITMAPV5HEADER."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from seedream.images.structure import ImageStructure, cut_off, damaged

if TYPE_CHECKING:
    from seedream.images.structure import Content, Sides

_CORE_BYTES = 12
_HEADER_BYTES = 54
_UNCOMPRESSED = {0, 3, 6}
_PALETTE_BITS = 8
_ALPHA_BITS = 32


def glance_bmp(head: bytes) -> Sides:
    """Return the sides from a file's first bytes. Raises: NotAnImageError."""
    width, height, *_ = _header(head)
    return width, height


def inspect_bmp(content: Content) -> ImageStructure:
    """Raises: NotAnImageError."""
    width, height, bits, compression, offset = _header(content[:_HEADER_BYTES])
    row = (width * bits + 31) // 32 * 4
    if compression in _UNCOMPRESSED and offset + row * height > len(content):
        raise cut_off("BMP")
    alpha = bits == _ALPHA_BITS
    return ImageStructure(
        format="bmp", width=width, height=height, channels=4 if alpha else 3, alpha=alpha, palette=bits <= _PALETTE_BITS
    )


def _header(head: bytes) -> tuple[int, int, int, int, int]:
    """Return width, height, bits of a pixel, compression and where the pixels start. Raises: NotAnImageError."""
    if len(head) < 14 + _CORE_BYTES:
        raise cut_off("BMP")
    (offset, header) = struct.unpack_from("<II", head, 10)
    compression = 0
    if header == _CORE_BYTES:
        width, height, _, bits = struct.unpack_from("<HHHH", head, 18)
    elif len(head) < 34:  # noqa: PLR2004 - up to the compression
        raise cut_off("BMP")
    else:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", head, 18)
    height = abs(height)
    if width <= 0 or not height or bits not in {1, 2, 4, 8, 16, 24, 32}:
        raise damaged("BMP")
    return width, height, bits, compression, offset
