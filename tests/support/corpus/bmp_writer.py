"""BMP files, also as Pillow doesn't write them."""

from __future__ import annotations

import struct
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from tests.support.corpus.drawing import photo, samples_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEAD = 14
RGB565 = (0xF800, 0x7E0, 0x1F)
RGB555 = (0x7C00, 0x3E0, 0x1F)
BGRA = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)


def whole(head: bytes, pixels: bytes, palette: bytes = b"") -> bytes:
    offset = _HEAD + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(pixels), 0, 0, offset) + head + palette + pixels


def information(
    width: int, height: int, depth: int, compression: int = 0, *, size: int = 40, colours: int = 0
) -> bytes:
    return struct.pack("<IiiHHIIiiII", size, width, height, 1, depth, compression, 0, 2835, 2835, colours, 0)


def rows(levels: np.ndarray) -> bytes:
    """Returns the rows, each filled up to four bytes."""
    return b"".join(row.tobytes() + bytes(-row.nbytes % 4) for row in levels)


def bgr(levels: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(levels[..., [2, 1, 0, *range(3, levels.shape[2])]])


def from_above() -> bytes:
    levels = samples_of(photo())
    return whole(information(400, -300, 24), rows(bgr(levels)))


def of_os2() -> bytes:
    return whole(struct.pack("<IHHHH", 12, 400, 300, 1, 24), rows(bgr(samples_of(photo()))[::-1]))


def of_words(masks: Sequence[int]) -> bytes:
    """Returns 16 bits a pixel, laid out by these masks."""
    levels = samples_of(photo()).astype(np.uint32)
    values = sum((levels[..., index] * mask // 255 & mask).astype(np.uint32) for index, mask in enumerate(masks))
    return whole(information(400, 300, 16, 3) + struct.pack("<III", *masks), rows(values[::-1].astype("<u2")))


def of_four_bytes(levels: np.ndarray, *, version: int = 0) -> bytes:
    """Returns 32 bits a pixel: without a word about alpha, or with masks in a header of version 4 or 5."""
    height, width = levels.shape[:2]
    if not version:
        return whole(information(width, height, 32), rows(bgr(levels)[::-1]))
    size = {4: 108, 5: 124}[version]
    head = information(width, height, 32, 3, size=size) + struct.pack("<IIII", *BGRA) + b"BGRs"
    return whole(head.ljust(size, b"\0"), rows(bgr(levels)[::-1]))


def run_lengths() -> bytes:
    image = photo().quantize(8)
    palette = (image.getpalette() + [0] * 768)[:768]
    table = bgr(np.array(palette, np.uint8).reshape(1, 256, 3))
    return whole(information(400, 300, 8, 1, colours=256), _encoded(np.asarray(image)[::-1]), _four_bytes(table))


def run_length_bomb(width: int, height: int) -> bytes:
    """Returns a picture of any size that has no pixels but the end."""
    return whole(information(width, height, 8, 1, colours=256), b"\0\1", bytes(1024))


def _encoded(levels: np.ndarray) -> bytes:
    body = bytearray()
    for row in levels:
        for index, run in groupby(row.tolist()):
            length = len(list(run))
            body += b"".join(bytes((min(255, length - at), index)) for at in range(0, length, 255))
        body += b"\0\0"
    return bytes(body) + b"\0\1"


def _four_bytes(table: np.ndarray) -> bytes:
    return np.concatenate([table, np.zeros((1, 256, 1), np.uint8)], axis=2).tobytes()
