"""Reads GIF files by their blocks, as far as the first frame. Source: GIF89a specification."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from seedream.images.structure import MAX_PARTS, ImageStructure, cut_off, damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seedream.images.structure import Content, Sides, Span

_EXTENSION, _FRAME, _TRAILER = 0x21, 0x2C, 0x3B
_GRAPHIC_CONTROL = 0xF9
_SCREEN_BYTES = 13
_TABLE = 0x80
_MAX_BLOCKS = 500_000  # of up to 255 bytes, as in a file of 100 MB


def glance_gif(head: bytes) -> Sides | None:
    """Return the sides, if the first frame begins among a file's first bytes. Raises: IndexError, struct.error."""
    width, height, flags = struct.unpack_from("<HHB", head, 6)
    at = _SCREEN_BYTES + _table_bytes(flags)
    blocks = iter(range(_MAX_BLOCKS))
    while head[at] == _EXTENSION:
        at = _after_blocks(head, at + 2, blocks)
    if head[at] != _FRAME or not width or not height:
        return None
    return _with_frame(width, height, head[at:])


def inspect_gif(content: Content) -> ImageStructure:
    """Raises: NotAnImageError."""
    if len(content) < _SCREEN_BYTES:
        raise cut_off("GIF")
    width, height, flags = struct.unpack_from("<HHB", content[:_SCREEN_BYTES], 6)
    if not width or not height:
        raise damaged("GIF")
    start = at = _SCREEN_BYTES + _table_bytes(flags)
    parts: list[Span | bytes] = [(0, start)]
    transparent, blocks = False, iter(range(_MAX_BLOCKS))
    for _ in range(MAX_PARTS):
        kind = content[at : at + 1]
        if not kind:
            raise cut_off("GIF")
        end = _end_of(kind[0], content, at, blocks)
        if kind[0] == _FRAME:
            parts += [(at, end), bytes((_TRAILER,))]
            sides = _with_frame(width, height, content[at : at + 9])
            return _structure(*sides, tuple(parts), transparent=transparent)
        if content[at + 1] == _GRAPHIC_CONTROL and end - at > 3:  # noqa: PLR2004 - up to its flags
            transparent = bool(content[at + 3] & 1)
            parts = [(0, start), (at, end)]
        at = end
    raise damaged("GIF")


def _with_frame(width: int, height: int, frame: bytes) -> Sides:
    """Return the sides of the canvas; decoders make room for the frame."""
    left, top, columns, rows = struct.unpack_from("<HHHH", frame, 1)
    return max(width, left + columns), max(height, top + rows)


def _structure(width: int, height: int, parts: tuple[Span | bytes, ...], *, transparent: bool) -> ImageStructure:
    return ImageStructure(
        format="gif", width=width, height=height, channels=4, alpha=transparent, palette=True, parts=parts
    )


def _table_bytes(flags: int) -> int:
    """Return how long the colour table is."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & _TABLE else 0


def _end_of(kind: int, content: Content, at: int, blocks: Iterator[int]) -> int:
    """Return where an extension or a frame ends. `blocks`: how many may follow. Raises: NotAnImageError."""
    if kind == _EXTENSION:
        return _after_blocks(content, at + 2, blocks)
    if kind != _FRAME:
        raise damaged("GIF")
    if at + 10 > len(content):
        raise cut_off("GIF")
    return _after_blocks(content, at + 10 + _table_bytes(content[at + 9]) + 1, blocks)


def _after_blocks(content: Content, at: int, blocks: Iterator[int]) -> int:
    for _ in blocks:
        if at >= len(content):
            raise cut_off("GIF")
        length = content[at]
        at += 1 + length
        if not length:
            return at
    raise damaged("GIF")
