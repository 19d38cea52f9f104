"""Reads AVIF and HEIC files by their boxes. Source: ISO/IEC 14496-12 (boxes), 23008-12 (HEIF).

Only the sides are read, with the turn that the file asks for: a copy without metadata needs a decoder, which also
applies that turn.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from seedream.images.structure import LABELS, MAX_PARTS, BrokenImageError, ImageStructure, cut_off, damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seedream.images.structure import Content, Sides, Span

_MAX_ITEMS = 20_000  # tiles, thumbnails and metadata of a file: one of 200 megapixels has a thousand
_EXTENT = 12  # bytes of an ispe box
_META_HEAD = 4  # version and flags


def glance_heif(head: bytes, form: str) -> Sides | None:
    """Return the sides, if what describes the image is among a file's first bytes."""
    boxes: dict[bytes, Span] = {}
    with suppress(BrokenImageError):
        for name, span in _boxes(head, (0, len(head)), LABELS[form]):
            boxes[name] = span  # noqa: PERF403 - what was found stays if the next one is cut off
    return _sides(head, boxes[b"meta"], LABELS[form]) if b"meta" in boxes else None


def inspect_heif(content: Content, form: str) -> ImageStructure:
    """`form`: avif or heic. Raises: NotAnImageError."""
    label = LABELS[form]
    boxes: dict[bytes, Span] = {}
    try:
        for name, span in _boxes(content, (0, len(content)), label):
            boxes.setdefault(name, span)
    except BrokenImageError:
        if not boxes.keys() >= {b"meta", b"mdat"}:  # else it is only what follows the image
            raise
    if b"meta" not in boxes:
        raise cut_off(label) if b"mdat" not in boxes and b"moov" not in boxes else damaged(label)
    width, height = _sides(content, boxes[b"meta"], label)
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


def _sides(content: Content, meta: Span, label: str) -> Sides:
    """Return width and height as the image is seen. Raises: NotAnImageError."""
    items = dict(_boxes(content, (meta[0] + _META_HEAD, meta[1]), label))
    described = dict(_boxes(content, items.get(b"iprp", (0, 0)), label))
    properties = [*_boxes(content, described.get(b"ipco", (0, 0)), label)]
    sides = [_extent(content, start) for name, (start, end) in properties if name == b"ispe" and end - start >= _EXTENT]
    if not sides:
        raise damaged(label)
    width, height = max(sides, key=lambda pair: pair[0] * pair[1])  # of the whole, and of its tiles and thumbnails
    own = _properties_of(content, _primary(content, items.get(b"pitm")), described.get(b"ipma", (0, 0)))
    names = {number: span for number, (name, span) in enumerate(properties, start=1) if name == b"irot"}
    turns = sum(content[names[number][0]] & 3 for number in own if number in names)
    return (height, width) if turns % 2 else (width, height)


def _extent(content: Content, start: int) -> tuple[int, int]:
    body = content[start + _META_HEAD : start + _EXTENT]
    return int.from_bytes(body[:4], "big"), int.from_bytes(body[4:], "big")


def _primary(content: Content, span: Span | None) -> int:
    """Return the id of the item that is the image; 0 if the file doesn't say."""
    if span is None:
        return 0
    length = 4 if content[span[0]] else 2  # by the box's version
    return int.from_bytes(content[span[0] + _META_HEAD : span[0] + _META_HEAD + length], "big")


def _properties_of(content: Content, item: int, associations: Span) -> list[int]:
    """Return the numbers of an item's properties, from the ipma box."""
    start, end = associations
    body = content[start:end]
    id_bytes, number_bytes = (4 if body[:1] > b"\0" else 2), (2 if body[3:4] > b"\0" else 1)
    at = _META_HEAD + 4  # behind the number of entries
    for _ in range(_MAX_ITEMS):
        if at + id_bytes >= len(body):
            return []
        name, count = int.from_bytes(body[at : at + id_bytes], "big"), body[at + id_bytes]
        at += id_bytes + 1
        numbers = body[at : at + count * number_bytes]
        if name == item:
            mask = (1 << (8 * number_bytes - 1)) - 1  # the first bit says whether it is essential
            places = range(0, len(numbers), number_bytes)
            return [int.from_bytes(numbers[place : place + number_bytes], "big") & mask for place in places]
        at += count * number_bytes
    return []
