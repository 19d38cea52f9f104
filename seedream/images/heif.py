"""Reads AVIF and HEIC files by their boxes. Source: ISO/IEC 14496-12 (boxes), 23008-12 (HEIF).

Only the sides are read: a copy without metadata needs a decoder, which also applies the turns that the file asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedream.images.structure import LABELS, MAX_PARTS, ImageStructure, NotAnImageError, cut_off, damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seedream.images.structure import Content, Span

_SIDES_BYTES = 12
_META_HEAD = 4  # version and flags


def inspect_heif(content: Content, form: str) -> ImageStructure:
    """`form`: avif or heic. Raises: NotAnImageError."""
    label = LABELS[form]
    boxes: dict[bytes, Span] = {}
    try:
        for name, span in _boxes(content, (0, len(content)), label):
            boxes.setdefault(name, span)
    except NotAnImageError:
        if not boxes.keys() >= {b"meta", b"mdat"}:  # else it is only what follows the image
            raise
    if b"meta" not in boxes:
        raise cut_off(label) if b"mdat" not in boxes and b"moov" not in boxes else damaged(label)
    start, end = boxes[b"meta"]
    sides = [*_sides(content, (start + _META_HEAD, end), label)]
    if not sides:
        raise damaged(label)
    width, height = max(sides, key=lambda pair: pair[0] * pair[1])  # of the whole, and of its tiles and thumbnails
    return ImageStructure(format=form, width=width, height=height, channels=4)


def _boxes(content: Content, within: Span, label: str) -> Iterator[tuple[bytes, Span]]:
    """Yield the name of each box and where its content is. Raises: NotAnImageError."""
    at, limit = within
    for _ in range(MAX_PARTS):
        if at + 8 > limit:
            return
        size, name, head = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(content[at + 8 : at + 16], "big"), 16
        end = limit if size == 0 else at + size
        if end > limit:
            raise cut_off(label)
        if end < at + head:
            raise damaged(label)
        yield name, (at + head, end)
        at = end


def _sides(content: Content, meta: Span, label: str) -> Iterator[tuple[int, int]]:
    for name, properties in _boxes(content, meta, label):
        if name != b"iprp":
            continue
        for inner, container in _boxes(content, properties, label):
            if inner != b"ipco":
                continue
            for kind, (start, end) in _boxes(content, container, label):
                if kind == b"ispe" and end - start >= _SIDES_BYTES:
                    body = content[start + _META_HEAD : start + _SIDES_BYTES]
                    yield int.from_bytes(body[:4], "big"), int.from_bytes(body[4:], "big")
