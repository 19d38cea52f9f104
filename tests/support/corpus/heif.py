"""Writes HEIC as phones do: of tiles, turned, with depth, thumbnails and metadata as items of their own."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import pillow_heif
from PIL import Image

from tests.support.corpus.drawing import COLOURS, Colour
from tests.support.corpus.isobmff import box, file_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TILE = 256
EXIF_HEAD = b"\0\0\0\6Exif\0\0"


@dataclass(frozen=True)
class Item:
    """`properties`: boxes, most of them shared. `refers`: kind of reference, and the items that it names."""

    kind: bytes
    data: bytes
    properties: Sequence[bytes] = ()
    refers: tuple[bytes, Sequence[int]] | None = None
    content_type: bytes = b""


@dataclass
class Heif:
    """A file of items, numbered from 1; the first is the picture that is shown."""

    items: list[Item] = field(default_factory=list)

    def add(self, item: Item) -> int:
        self.items.append(item)
        return len(self.items)

    def written(self, brand: bytes = b"heic") -> bytes:
        head = file_type(brand, b"mif1", b"heic")
        size = len(head) + len(self._meta(0)) + 8
        return head + self._meta(size) + box(b"mdat", b"".join(self._data()))

    def _data(self) -> list[bytes]:
        """What several items share is written once."""
        return list(dict.fromkeys(item.data for item in self.items))

    def _meta(self, start: int) -> bytes:
        parts = (
            _full(b"hdlr", bytes(4) + b"pict" + bytes(13)), _full(b"pitm", struct.pack(">H", 1)),
            self._information(), self._references(), self._properties(), self._locations(start),
        )  # fmt: skip
        return _full(b"meta", b"".join(parts))

    def _information(self) -> bytes:
        entries = [
            _full(b"infe", struct.pack(">HH", number, 0) + item.kind + b"\0" + item.content_type, version=2)
            for number, item in enumerate(self.items, 1)
        ]
        return _full(b"iinf", struct.pack(">H", len(entries)) + b"".join(entries))

    def _references(self) -> bytes:
        parts = [
            box(item.refers[0], struct.pack(f">HH{len(item.refers[1])}H", number, len(item.refers[1]), *item.refers[1]))
            for number, item in enumerate(self.items, 1)
            if item.refers
        ]
        return _full(b"iref", b"".join(parts))

    def _properties(self) -> bytes:
        boxes = list(dict.fromkeys(one for item in self.items for one in item.properties))
        entries = [
            struct.pack(">HB", number, len(item.properties)) + bytes(boxes.index(one) + 1 for one in item.properties)
            for number, item in enumerate(self.items, 1)
            if item.properties
        ]
        association = _full(b"ipma", struct.pack(">I", len(entries)) + b"".join(entries))
        return box(b"iprp", box(b"ipco", b"".join(boxes)) + association)

    def _locations(self, start: int) -> bytes:
        places = {}
        for data in self._data():
            places[data] = start
            start += len(data)
        entries = [
            struct.pack(">HHHII", number, 0, 1, places[item.data], len(item.data))
            for number, item in enumerate(self.items, 1)
        ]
        return _full(b"iloc", struct.pack(">BBH", 0x44, 0, len(entries)) + b"".join(entries))


def _full(kind: bytes, data: bytes, version: int = 0) -> bytes:
    return box(kind, bytes((version, 0, 0, 0)) + data)


def sides(width: int, height: int) -> bytes:
    return _full(b"ispe", struct.pack(">II", width, height))


def rotated(quarters: int) -> bytes:
    """A turn to the left."""
    return box(b"irot", bytes((quarters,)))


def mirrored() -> bytes:
    return box(b"imir", b"\1")


def auxiliary(kind: bytes) -> bytes:
    return _full(b"auxC", kind + b"\0")


@cache
def tile(colour: Colour) -> Item:
    """Returns a square of one colour, encoded."""
    source = encoded_heic(Image.new("RGB", (TILE, TILE), colour), quality=90)
    at = source.index(b"hvcC") - 4
    configuration = source[at : at + int.from_bytes(source[at : at + 4], "big")]
    return Item(b"hvc1", source[source.index(b"mdat") + 4 :], (configuration, sides(TILE, TILE)))


def encoded_heic(image: Image.Image, *others: Image.Image, **options: object) -> bytes:
    """Encode without registering the encoder with Pillow: the product's decoder stays the only one there."""
    source, file = pillow_heif.from_pillow(image), io.BytesIO()
    for other in others:
        source.add_from_pillow(other)
    source.save(file, **options)
    return file.getvalue()


def of_tiles(columns: int, rows: int, *properties: bytes, colours: Sequence[Colour] = COLOURS) -> Heif:
    """Returns the photo as a grid, as iPhones write it; `properties`: further ones of the whole."""
    width, height = columns * TILE, rows * TILE
    grid = struct.pack(">BBBBII", 0, 1, rows - 1, columns - 1, width, height)
    numbers = range(2, 2 + columns * rows)
    whole = Item(b"grid", grid, (sides(width, height), *properties), (b"dimg", numbers))
    return Heif([whole, *_tiles(columns, rows, colours)])


def _tiles(columns: int, rows: int, colours: Sequence[Colour]) -> Iterable[Item]:
    for row in range(rows):
        for column in range(columns):
            yield tile(colours[(row >= rows // 2) * 2 + (column >= columns // 2)])
