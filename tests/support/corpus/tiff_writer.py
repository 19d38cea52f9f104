"""TIFF structures: EXIF blocks, TIFF pictures and camera raw files are all made of them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BYTE, TEXT, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7
_CODES = {BYTE: "B", TEXT: "B", SHORT: "H", LONG: "I", RATIONAL: "I", UNDEFINED: "B", 8: "h", 11: "f", 12: "d"}


@dataclass(frozen=True)
class Field:
    """`count` is written as given, even if it is wrong."""

    kind: int
    values: Sequence[float]
    count: int | None = None

    def packed(self, order: str) -> bytes:
        return struct.pack(f"{order}{len(self.values)}{_CODES.get(self.kind, 'B')}", *self.values)

    @property
    def told_count(self) -> int:
        return len(self.values) // (2 if self.kind == RATIONAL else 1) if self.count is None else self.count


@dataclass(frozen=True)
class Blobs:
    """Data elsewhere in the file, named by their offsets."""

    parts: Sequence[bytes]


@dataclass(frozen=True)
class Directories:
    """Directories elsewhere in the file, named by their offsets."""

    parts: Sequence[Mapping[int, Value]]


Value = Field | Blobs | Directories
Directory = dict[int, Value]


def short(*values: int) -> Field:
    return Field(SHORT, values)


def long(*values: int) -> Field:
    return Field(LONG, values)


def text(words: str) -> Field:
    return Field(TEXT, words.encode() + b"\0")


def rational(*values: int) -> Field:
    """Numerators and denominators in turn."""
    return Field(RATIONAL, values)


def undefined(data: bytes) -> Field:
    return Field(UNDEFINED, data)


def tiff(*directories: Mapping[int, Value], order: str = "<", magic: bytes = b"", gap: bytes = b"") -> bytes:
    """Returns a file of these directories, each linked to the next. `gap`: what follows the header.

    Every directory comes behind its data, and the first is the last in the file.
    """
    writer = _Writer(order, magic or (b"II*\0" if order == "<" else b"MM\0*"), gap)
    following = 0
    for directory in reversed(directories):
        following = writer.directory(directory, following)
    return writer.finished(following)


class _Writer:
    def __init__(self, order: str, magic: bytes, gap: bytes) -> None:
        self._order = order
        self._out = bytearray(magic + bytes(4) + gap)

    def finished(self, first: int) -> bytes:
        self._out[4:8] = struct.pack(self._order + "I", first)
        return bytes(self._out)

    def directory(self, fields: Mapping[int, Value], following: int) -> int:
        entries = [self._entry(tag, value) for tag, value in sorted(fields.items())]
        body = struct.pack(self._order + "H", len(entries)) + b"".join(entries)
        return self._put(body + struct.pack(self._order + "I", following))

    def _entry(self, tag: int, value: Value) -> bytes:
        field = self._field(value)
        packed = field.packed(self._order)
        if len(packed) > 4:
            packed = struct.pack(self._order + "I", self._put(packed))
        return struct.pack(self._order + "HHI", tag, field.kind, field.told_count) + packed.ljust(4, b"\0")

    def _field(self, value: Value) -> Field:
        match value:
            case Blobs(parts):
                return long(*(self._put(part) for part in parts))
            case Directories(parts):
                return long(*(self.directory(part, 0) for part in parts))
        return value

    def _put(self, data: bytes) -> int:
        self._out += bytes(len(self._out) % 2)
        at = len(self._out)
        self._out += data
        return at


def picture(levels: np.ndarray, bits: int = 8, *, order: str = "<", planar: bool = False, **fields: Value) -> Directory:
    """Returns the directory of an uncompressed picture; `fields`: further ones, as `t274=short(6)`."""
    height, width, channels = levels.shape
    kind = {8: "u1", 16: f"{order}u2", 32: f"{order}f4"}[bits]
    planes = [levels[..., index] for index in range(channels)] if planar else [levels]
    strips = [np.ascontiguousarray(plane).astype(kind).tobytes() for plane in planes]
    directory: Directory = {
        256: long(width),
        257: long(height),
        258: short(*[bits] * channels),
        259: short(1),
        262: short(2 if channels > 2 else 1),
        273: Blobs(strips),
        277: short(channels),
        278: long(height),
        279: long(*map(len, strips)),
        284: short(2 if planar else 1),
    }
    return directory | {int(name[1:]): value for name, value in fields.items()}
