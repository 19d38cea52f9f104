"""What a picture file holds besides its picture, and what is behind its end."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from PIL import Image

from seedream.images import format_of
from tests.support.corpus.exif import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterator

_HUFFMAN_FRAMES = {0xC0, 0xC1, 0xC2}
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TABLES = {0xC4, 0xDB, 0xDD}
_APPLICATION = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_CHUNKS = set(b"IHDR PLTE tRNS IDAT IEND iCCP sRGB gAMA cHRM cICP sBIT pHYs bKGD".split())
_WEBP_CHUNKS = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP"}
_TAGS = {254, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 282, 283, 284, 296, 317, 320, 322, 323, 324, 325}
_TAGS |= {338, 339, 347, 529, 530, 531, 532, 34675}  # alpha, sample format, JPEG tables, colours, profile
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_ORIENTATION = 0x0112


def leftovers(content: bytes) -> list[str]:
    """Tells what the service should not get, or can't read."""
    return list(dict.fromkeys(_leftovers(content)))


def _leftovers(content: bytes) -> Iterator[str]:
    walk = {"jpeg": _jpeg, "png": _png, "webp": _webp, "gif": _gif, "bmp": _bmp, "tiff": _tiff}
    form = format_of(content[:12])
    if form not in walk:
        yield f"its format is {form}"
        return
    try:
        yield from walk[form](content)
    except (struct.error, IndexError) as error:
        yield f"its structure is broken: {error!r}"


def _jpeg(content: bytes) -> Iterator[str]:
    at, scanned = 2, False
    while content[at : at + 2] != b"\xff\xd9":
        if content[at : at + 2] == b"\xff\xff":  # a marker may be filled up
            at += 1
            continue
        marker, length = content[at + 1], struct.unpack_from(">H", content, at + 2)[0]
        if content[at] != 0xFF:
            yield f"no marker at {at}"
            return
        yield from _segment(marker, content[at + 4 : at + 2 + length])
        at += 2 + length
        if marker == 0xDA:
            scanned, at = True, _end_of_scan(content, at)
    if not scanned:
        yield "it has no scan"
    yield from _behind(content, at + 2)


def _segment(marker: int, data: bytes) -> Iterator[str]:
    if marker in _FRAMES:
        if marker not in _HUFFMAN_FRAMES or data[0] != 8:
            yield f"frame {marker:X} of {data[0]} bits"
        if not struct.unpack_from(">H", data, 1)[0]:
            yield "its height is 0"
    elif marker == 0xE1 and data.startswith(HEAD):
        yield from _exif(data)
    elif marker != 0xDA and marker not in _TABLES and not data.startswith(_APPLICATION.get(marker, b"\0nothing")):
        yield f"segment {marker:X} {data[:12]!r}"


def _exif(data: bytes) -> Iterator[str]:
    fields = Image.Exif()
    fields.load(data)
    if set(fields) - {_ORIENTATION}:
        yield f"EXIF with {sorted(fields)}"


def _end_of_scan(content: bytes, at: int) -> int:
    while True:
        at = content.index(b"\xff", at)
        if content[at + 1] and not 0xD0 <= content[at + 1] <= 0xD7:
            return at
        at += 2


def _png(content: bytes) -> Iterator[str]:
    at, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, at)
        data, at = content[at + 4 : at + 8 + length], at + 12 + length
        if kind not in _CHUNKS:
            yield f"chunk {kind!r}"
        if zlib.crc32(data).to_bytes(4, "big") != content[at - 4 : at]:
            yield f"bad sum of {kind!r}"
        if kind == b"IHDR" and data[12] != 8:
            yield f"{data[12]} bits a channel"
    yield from _behind(content, at)


def _webp(content: bytes) -> Iterator[str]:
    at, end = 12, 8 + struct.unpack_from("<I", content, 4)[0]
    while at < min(end, len(content)):
        kind, length = struct.unpack_from("<4sI", content, at)
        if kind not in _WEBP_CHUNKS:
            yield f"chunk {kind!r}"
        at += 8 + length + length % 2
    yield from _behind(content, end)


def _gif(content: bytes) -> Iterator[str]:
    at = _behind_palette(content, 13, content[10])
    while content[at : at + 1] != b";":
        if content[at] == 0x21:
            if content[at + 1] != 0xF9:
                yield f"extension {content[at + 1]:X}"
            at = _behind_blocks(content, at + 2)
        else:
            at = _behind_blocks(content, _behind_palette(content, at + 10, content[at + 9]) + 1)
    yield from _behind(content, at + 1)


def _behind_palette(content: bytes, at: int, flags: int) -> int:
    return at + (3 << (flags & 7) + 1 if flags & 0x80 else 0)


def _behind_blocks(content: bytes, at: int) -> int:
    while content[at]:
        at += 1 + content[at]
    return at + 1


def _bmp(content: bytes) -> Iterator[str]:
    yield from _behind(content, struct.unpack_from("<I", content, 2)[0])


def _tiff(content: bytes) -> Iterator[str]:
    order = "<" if content[:2] == b"II" else ">"
    first = struct.unpack_from(order + "I", content, 4)[0]
    count = struct.unpack_from(order + "H", content, first)[0]
    end = first + 6 + 12 * count
    fields = {}
    for at in range(first + 2, end - 4, 12):
        tag, kind, values, place = struct.unpack_from(order + "HHII", content, at)
        size = _SIZES.get(kind, 1) * values
        fields[tag] = (place if size > 4 else at + 8, kind, values)
        end = max(end, place + size) if size > 4 else end
    if others := set(fields) - _TAGS:
        yield f"fields {sorted(others)}"
    if struct.unpack_from(order + "I", content, first + 2 + 12 * count)[0]:
        yield "several pages"
    yield from _behind(content, max(end, *_ends_of_data(content, order, fields)) + 1)


def _ends_of_data(content: bytes, order: str, fields: dict[int, tuple[int, int, int]]) -> Iterator[int]:
    for offsets, sizes in ((273, 279), (324, 325)):
        if offsets in fields and sizes in fields:
            pairs = (_numbers(content, order, fields[tag]) for tag in (offsets, sizes))
            yield max(place + size for place, size in zip(*pairs, strict=False))
    yield 0


def _numbers(content: bytes, order: str, field: tuple[int, int, int]) -> tuple[int, ...]:
    place, kind, count = field
    return struct.unpack_from(f"{order}{count}{'H' if kind == 3 else 'I'}", content, place)


def _behind(content: bytes, end: int) -> Iterator[str]:
    if len(content) > end:
        yield f"{len(content) - end} bytes behind its end: {content[end : end + 12]!r}"
    if b"ftypmp42" in content:
        yield "a film"
