"""Writes JPEGs of flat quarters with any structure the standard has, most of which no library writes."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from tests.support.corpus.drawing import COLOURS
from tests.support.corpus.jpeg_parts import APP14, END, segment

if TYPE_CHECKING:
    from collections.abc import Sequence

SIDES = (384, 320)  # in two halves that every sampling fits
YCC = tuple(Image.new("RGB", (1, 1), colour).convert("YCbCr").getpixel((0, 0)) for colour in COLOURS)

_STEP = 8  # of quantization: a block's first coefficient is then its level
_CODE_BITS = 5  # of each of the 16 categories
_LENGTHS = bytes([0, 0, 0, 0, 16, *[0] * 11])


@dataclass(frozen=True, kw_only=True)
class Structure:
    """`sampling`: of each component, horizontal and vertical. `adobe`: the transform it names; None writes no marker.

    `restart`: MCUs between restart markers. `late_height`: it follows the first scan, as DNL.
    """

    levels: Sequence[Sequence[int]] = YCC
    sampling: Sequence[tuple[int, int]] = field(default=((1, 1),) * 3)
    names: bytes = b"\1\2\3"
    marker: int = 0xC0
    precision: int = 8
    adobe: int | None = None
    restart: int = 0
    interleaved: bool = True
    late_height: bool = False


def written(form: Structure) -> bytes:
    frame = _frame(form)
    parts = [b"\xff\xd8", *_application(form), segment(0xDB, b"\0" + bytes([_STEP] * 64)), frame, *_tables()]
    if form.restart:
        parts.append(segment(0xDD, struct.pack(">H", form.restart)))
    everything = tuple(range(len(form.names)))
    for index, components in enumerate([everything] if form.interleaved else [(one,) for one in everything]):
        parts += [_scan_header(form, components), _scan(form, components)]
        if form.late_height and not index:
            parts.append(segment(0xDC, struct.pack(">H", SIDES[1])))
    return b"".join(parts) + END


def lossless() -> bytes:
    """Returns the photo in lossless JPEG, whose samples are predicted from their left neighbours."""
    form = Structure(levels=COLOURS, names=b"RGB", marker=0xC3, adobe=0)
    head = [b"\xff\xd8", *_application(form), _frame(form), *_tables()]
    scan = segment(0xDA, b"\x03R\0G\0B\0\1\0\0")
    width, height = SIDES
    levels = np.zeros((height, width, 3), int)
    for index, (top, left) in enumerate(product((0, 1), (0, 1))):
        levels[height // 2 * top :, width // 2 * left :] = COLOURS[index]
    before = np.roll(levels, 1, axis=1)
    before[1:, 0], before[0, 0] = levels[:-1, 0], 128
    return b"".join(head) + scan + _packed(map(_coded, (levels - before).reshape(-1).tolist())) + END


def _application(form: Structure) -> list[bytes]:
    return [] if form.adobe is None else [segment(APP14, b"Adobe\0\x64\0\0\0\0" + bytes((form.adobe,)))]


def _frame(form: Structure) -> bytes:
    width, height = SIDES
    head = struct.pack(">BHHB", form.precision, 0 if form.late_height else height, width, len(form.names))
    parts = (bytes((name, h << 4 | v, 0)) for name, (h, v) in zip(form.names, form.sampling, strict=True))
    return segment(form.marker, head + b"".join(parts))


def _tables() -> list[bytes]:
    """One code of five bits for each category, and a single bit that ends a block."""
    return [segment(0xC4, b"\0" + _LENGTHS + bytes(range(16))), segment(0xC4, b"\x10\1" + bytes(15) + b"\0")]


def _scan_header(form: Structure, components: Sequence[int]) -> bytes:
    names = b"".join(bytes((form.names[component], 0)) for component in components)
    return segment(0xDA, bytes((len(components),)) + names + b"\0\x3f\0")


def _scan(form: Structure, components: Sequence[int]) -> bytes:
    units = _units(form, components)
    length = form.restart or len(units)
    groups = [units[at : at + length] for at in range(0, len(units), length)]
    parts = [_entropy_coded(form, group) for group in groups]
    return b"".join(part + bytes((0xFF, 0xD0 + index % 8)) for index, part in enumerate(parts))[:-2]


def _units(form: Structure, components: Sequence[int]) -> list[list[tuple[int, int]]]:
    """Returns the scan's MCUs, each a list of component and level."""
    most_h, most_v = (max(sides) for sides in zip(*form.sampling, strict=True))
    single = len(components) == 1
    h, v = form.sampling[components[0]] if single else (1, 1)
    columns, rows = SIDES[0] * h // (8 * most_h), SIDES[1] * v // (8 * most_v)
    blocks = {one: 1 if single else form.sampling[one][0] * form.sampling[one][1] for one in components}
    quarters = (
        (row >= rows // 2) * 2 + (column >= columns // 2) for row, column in product(range(rows), range(columns))
    )
    return [[(one, form.levels[at][one]) for one in components for _ in range(blocks[one])] for at in quarters]


def _entropy_coded(form: Structure, units: list[list[tuple[int, int]]]) -> bytes:
    middle = 1 << form.precision - 1
    last = dict.fromkeys(range(len(form.names)), middle)
    codes = []
    for component, level in (block for unit in units for block in unit):
        codes.append(_coded(level - last[component]) + "0")
        last[component] = level
    return _packed(codes)


def _coded(difference: int) -> str:
    bits = abs(difference).bit_length()
    value = difference if difference > 0 else difference + (1 << bits) - 1
    return f"{bits:0{_CODE_BITS}b}" + (f"{value:0{bits}b}" if bits else "")


def _packed(codes: Sequence[str] | map) -> bytes:
    text = "".join(codes)
    bits = np.frombuffer((text + "1" * (-len(text) % 8)).encode(), np.uint8) - ord("0")
    return np.packbits(bits).tobytes().replace(b"\xff", b"\xff\0")
