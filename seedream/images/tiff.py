"""Reads TIFF files by their directories, and tells camera raw files, most of which are TIFF files, from pictures.

Source: TIFF 6.0; Adobe's DNG specification; ExifTool's tables of compressions.
A raw file's first directory is a small preview. Decoders that don't know better show that.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from seedream.images.exif import ORIENTATION_TAG, UPRIGHT, as_orientation
from seedream.images.kinds import RAW_REMEDY
from seedream.images.structure import ImageStructure, NotAnImageError, cut_off, damaged, upright
from seedream.phrases import Phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from seedream.images.structure import Content, Sides, Span

_NEW_SUBFILE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _MAKE = 254, 256, 257, 258, 259, 262, 271
_STRIPS, _SAMPLES, _STRIP_BYTES, _TILES, _TILE_BYTES, _SUB_DIRECTORIES = 273, 277, 279, 324, 325, 330
_PLANES, _EXTRA_SAMPLES, _DNG_VERSION = 284, 338, 50706
_TAGS = {
    *(_NEW_SUBFILE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _MAKE, _STRIPS, _SAMPLES, _STRIP_BYTES),
    *(_TILES, _TILE_BYTES, _SUB_DIRECTORIES, _PLANES, _EXTRA_SAMPLES, _DNG_VERSION, ORIENTATION_TAG),
}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 6: 1, 7: 1, 8: 2, 9: 4, 13: 4, 16: 8, 17: 8, 18: 8}  # bytes of a value, by type
_FORMATS = {1: "B", 2: "B", 3: "H", 4: "I", 6: "B", 7: "B", 8: "H", 9: "I", 13: "I", 16: "Q", 17: "Q", 18: "Q"}
_PIECES = {_STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES}
_KIND = {_PHOTOMETRIC, _COMPRESSION}  # what tells a raw picture
_MAX_ENTRIES, _MAX_VALUES, _MAX_DIRECTORIES = 1000, 100, 20
_MAX_PIECES = 150_000
_LEAST_TILE = 16  # pixels of a side
_SENSOR = {32803, 34892}  # photometric: a colour filter array, linear raw
_RAW_COMPRESSIONS = {32767, 32769, 32770, 34713, 34892, 65000, 65535}  # of Sony, Samsung, Nikon, DNG, Kodak, Pentax
_BY_MAKE = {b"NIKON": "NEF", b"SONY": "ARW", b"PENTAX": "PEF", b"RICOH": "PEF", b"SAMSUNG": "SRW", b"CANON": "CR2"}
_PALETTE, _CMYK = 3, 5
_EIGHT_BITS = 8
_SHORT = 3
_SEPARATE = 2

Directory = dict[int, tuple[int, ...]]
Parts = tuple["Span | bytes", ...]


@dataclass(frozen=True, slots=True)
class _Reader:
    content: Content | Pieces
    order: str
    is_big: bool
    is_head: bool = False  # of a file: values may lie behind what is there

    @property
    def size(self) -> int:
        return 0 if isinstance(self.content, Pieces) else len(self.content)

    def directory(self, at: int, tags: AbstractSet[int] = _TAGS) -> Directory:
        """Read these tags of a directory, each once. Raises: struct.error."""
        counted, head, entry_bytes = ("Q", 8, 20) if self.is_big else ("H", 2, 12)
        (count,) = self._unpack(counted, at)
        if count > _MAX_ENTRIES:
            raise struct.error
        starts = range(at + head, at + head + count * entry_bytes, entry_bytes)
        entries = {self._unpack("H", start)[0]: start for start in starts}
        return {tag: self._values(entries[tag]) for tag in tags & entries.keys()}

    def upright(self, at: int) -> Parts:
        """Return the parts of a copy whose first directory says that the picture is upright."""
        counted, head, entry_bytes = ("Q", 8, 20) if self.is_big else ("H", 2, 12)
        (count,) = self._unpack(counted, at)
        for start in range(at + head, at + head + count * entry_bytes, entry_bytes):
            if self._unpack("H", start) == (ORIENTATION_TAG,):
                form = f"{self.order}HH{'QQ' if self.is_big else 'II'}"
                value = UPRIGHT if self.order == "<" else UPRIGHT << (48 if self.is_big else 16)
                entry = struct.pack(form, ORIENTATION_TAG, _SHORT, 1, value)
                return (0, start), entry, (start + entry_bytes, self.size)
        return ()

    def _values(self, at: int) -> tuple[int, ...]:
        tag, kind = self._unpack("HH", at)
        (count,) = self._unpack("Q" if self.is_big else "I", at + 4)
        if kind not in _SIZES:
            return ()
        if tag in _PIECES and count > _MAX_PIECES:
            raise damaged("TIFF")
        inline, place = (8, at + 12) if self.is_big else (4, at + 8)
        count = count if tag in _PIECES else min(count, _MAX_VALUES)
        if count * _SIZES[kind] > inline:
            (place,) = self._unpack("Q" if self.is_big else "I", place)
        try:
            return self._unpack(f"{count}{_FORMATS[kind]}", place)
        except struct.error:
            if self.is_head:
                return ()
            raise

    def _unpack(self, form: str, at: int) -> tuple[int, ...]:
        size = struct.calcsize(self.order + form)
        return struct.unpack(self.order + form, self.content[at : at + size])


@dataclass(frozen=True, slots=True)
class Pieces:
    """A file's first bytes, and the part of it that starts at `start`. Reads as a file; the rest of it is empty."""

    head: bytes
    start: int
    part: bytes

    def __getitem__(self, where: slice) -> bytes:
        start, stop = where.start or 0, where.stop
        if start >= self.start:
            return self.part[start - self.start : stop - self.start]
        return self.head[start:stop]


def directory_start(head: bytes) -> int | None:
    """Return where the directory is if it isn't among a file's first bytes: often it is written last."""
    start, *_ = _start(head[:16])
    return start if start >= len(head) else None


def glance_tiff(head: bytes | Pieces) -> Sides | None:
    """Return the sides, if the directory is there: in camera raw files, it is among the first bytes.

    Raises: NotAnImageError, for those; BrokenImageError, if it isn't.
    """
    tags, _ = _directory(head, is_head=True)
    width, height = _value(tags, _WIDTH, 0), _value(tags, _HEIGHT, 0)
    return upright(width, height, _orientation(tags.get(ORIENTATION_TAG, ()))) if width and height else None


def inspect_tiff(content: Content) -> ImageStructure:
    """Raises: NotAnImageError, also for camera raw files."""
    tags, parts = _directory(content)
    return replace(_structure(content, tags), parts=parts())


def _start(head: bytes) -> tuple[int, str, bool]:
    """Return where the first directory is, the order of bytes, and whether it is a BigTIFF. Raises: struct.error."""
    order, is_big = "<" if head[:1] == b"I" else ">", b"+" in head[:4]
    (start,) = struct.unpack_from(f"{order}{'Q' if is_big else 'I'}", head, 8 if is_big else 4)
    return start, order, is_big


def _directory(content: Content | Pieces, *, is_head: bool = False) -> tuple[Directory, Callable[[], Parts]]:
    """Return the first directory, and what finds the parts of an upright copy.

    Raises: NotAnImageError, also for raw files.
    """
    head = content[:16]
    if head[8:10] == b"CR":
        raise _raw("CR2")
    try:
        start, order, is_big = _start(head)
        reader = _Reader(content, order, is_big, is_head)
        first = reader.directory(start)
        others = [*_sub_directories(reader, first)]
    except struct.error:
        raise cut_off("TIFF") from None
    if name := _raw_name(first, others):
        raise _raw(name)
    return first, partial(reader.upright, start)


def _raw(name: str) -> NotAnImageError:
    return NotAnImageError(Phrase("a camera raw file ({name})", name=name), RAW_REMEDY)


def _sub_directories(reader: _Reader, first: Directory) -> Iterator[Directory]:
    for at in first.get(_SUB_DIRECTORIES, ())[:_MAX_DIRECTORIES]:
        try:
            yield reader.directory(at, _KIND)
        except struct.error:
            continue


def _raw_name(first: Directory, others: list[Directory]) -> str | None:
    """Return the kind of raw file that it is; None for a picture."""
    if _DNG_VERSION in first:
        return "DNG"
    make = bytes(value & 0xFF for value in first.get(_MAKE, ())).upper()
    name = next((name for prefix, name in _BY_MAKE.items() if make.startswith(prefix)), "RAW")
    if any(_is_raw(directory) for directory in (first, *others)):
        return name
    is_preview = _value(first, _NEW_SUBFILE, 0) & 1
    return name if is_preview and make and first.get(_SUB_DIRECTORIES) else None


def _is_raw(directory: Directory) -> bool:
    return _value(directory, _PHOTOMETRIC, 0) in _SENSOR or _value(directory, _COMPRESSION, 1) in _RAW_COMPRESSIONS


def _value(directory: Mapping[int, tuple[int, ...]], tag: int, default: int) -> int:
    return next(iter(directory.get(tag, ())), default)


def _orientation(values: tuple[int, ...]) -> int:
    return as_orientation(values[0]) if len(values) == 1 else UPRIGHT


def _structure(content: Content, tags: Directory) -> ImageStructure:
    width, height = _value(tags, _WIDTH, 0), _value(tags, _HEIGHT, 0)
    if not width or not height:
        raise damaged("TIFF")
    places = (tags.get(_STRIPS) or tags.get(_TILES, ()), tags.get(_STRIP_BYTES) or tags.get(_TILE_BYTES, ()))
    samples = _value(tags, _SAMPLES, 1)
    across, down = (1, height) if tags.get(_STRIPS) else (-(-width // _LEAST_TILE), -(-height // _LEAST_TILE))
    if not 0 < len(places[0]) <= across * down * samples:
        raise damaged("TIFF")
    if any(start + length > len(content) for start, length in zip(*places, strict=False)):
        raise cut_off("TIFF")
    bits = max(tags.get(_BITS) or (1,))
    colour = _value(tags, _PHOTOMETRIC, 1)
    if bits > _EIGHT_BITS and samples > 1 and _value(tags, _PLANES, 1) == _SEPARATE:  # Pillow mixes them up
        what = Phrase("a TIFF picture whose 16-bit colours are stored apart")
        raise NotAnImageError(what, Phrase("Save it with 8 bits per colour, or as a PNG, and use that."))
    wide = 1 if bits <= _EIGHT_BITS else 4
    return ImageStructure(
        format="tiff",
        width=width,
        height=height,
        orientation=_orientation(tags.get(ORIENTATION_TAG, ())),
        channels=max(3 if colour == _PALETTE else 1, min(samples, 8) * wide),
        alpha=_EXTRA_SAMPLES in tags and colour != _CMYK,
        palette=colour == _PALETTE or bits < _EIGHT_BITS,
        buffered=max(tags.get(_STRIP_BYTES) or tags.get(_TILE_BYTES) or (0,)),
    )
