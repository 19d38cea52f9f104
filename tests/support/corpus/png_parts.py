"""PNG files by their chunks, also as Pillow doesn't write them."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from tests.support.corpus.drawing import png

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}

_BEFORE_PIXELS = len(SIGNATURE) + 25  # behind IHDR
_END = 12  # bytes of IEND
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int, depth: int = 8, colour: int = RGB, *, interlaced: bool = False) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


def file_of(*chunks: bytes) -> bytes:
    return SIGNATURE + b"".join(chunks) + chunk(b"IEND")


def behind_header(*chunks: bytes, source: bytes | None = None) -> bytes:
    source = source or png()
    return source[:_BEFORE_PIXELS] + b"".join(chunks) + source[_BEFORE_PIXELS:]


def behind_pixels(*chunks: bytes, source: bytes | None = None) -> bytes:
    source = source or png()
    return source[:-_END] + b"".join(chunks) + source[-_END:]


def without_end() -> bytes:
    return png()[:-_END]


def quadrants(values: Sequence[Sequence[int]], size: tuple[int, int] = (400, 300)) -> np.ndarray:
    """Returns levels of four flat quarters, as (height, width, channels)."""
    width, height = size
    top, bottom = (
        np.concatenate([np.full((height // 2, width // 2, len(value)), value, np.uint16) for value in pair], axis=1)
        for pair in (values[:2], values[2:])
    )
    return np.concatenate([top, bottom])


def written(
    levels: np.ndarray, depth: int, colour: int, *, interlaced: bool = False, chunks: Iterable[bytes] = ()
) -> bytes:
    """Returns a PNG of these levels; each must fit in `depth` bits."""
    height, width = levels.shape[:2]
    parts = [levels[y::dy, x::dx] for x, y, dx, dy in _PASSES] if interlaced else [levels]
    body = b"".join(_line(row, depth) for part in parts if part.size for row in part)
    head = header(width, height, depth, colour, interlaced=interlaced)
    return file_of(head, *chunks, chunk(b"IDAT", zlib.compress(body)))


def _line(row: np.ndarray, depth: int) -> bytes:
    if depth == 16:
        return b"\0" + row.astype(">u2").tobytes()
    if depth == 8:
        return b"\0" + row.astype(np.uint8).tobytes()
    bits = (row.reshape(-1, 1) >> np.arange(depth)[::-1]) & 1
    return b"\0" + np.packbits(bits.astype(np.uint8).reshape(-1)).tobytes()
