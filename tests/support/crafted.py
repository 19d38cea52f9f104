"""Small picture files that are made to cost whoever reads them as much as possible."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

SIDE = 64


def _saved(form: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE)).save(file, form, **options)
    return file.getvalue()


def _tiff(entries: list[tuple[int, int, int, int]], rest: bytes) -> bytes:
    """`rest` starts at byte `_tiff_end(entries)`."""
    directory = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + directory + bytes(4) + rest


def _tiff_end(entries: int) -> int:
    return 8 + 2 + 12 * entries + 4


_PLAIN = [(256, 4, 1, SIDE), (257, 4, 1, SIDE), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]


def tiff_of_strips(size: int) -> bytes:
    """A strip every four bytes of the file."""
    count, at = (size - 300) // 4, _tiff_end(9)
    entries = [*_PLAIN, (273, 4, count, at), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, 1, SIDE)]
    return _tiff(entries, struct.pack("<I", at) * count)


def tiff_of_directories(size: int) -> bytes:
    """The same 100,000 strips named 900 times in each of twenty directories, which are the same one."""
    at = _tiff_end(900)
    strips = [(273, 4, 100_000, at + 80)] * 894
    return _tiff([*_PLAIN, (330, 4, 20, at), *strips], struct.pack("<20I", *[8] * 20) + bytes(max(400_000, size)))


def _png(*chunks: bytes) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0))
    rows = _chunk(b"IDAT", zlib.compress((b"\0" + bytes(SIDE)) * SIDE))
    return b"".join((b"\x89PNG\r\n\x1a\n", head, *chunks, rows, _chunk(b"IEND", b"")))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_chunks(size: int) -> bytes:
    return _png(_chunk(b"abCd", b"") * (size // 12))


def png_of_empty_pixels(size: int) -> bytes:
    return _png(_chunk(b"IDAT", b"") * (size // 12))


def png_of_packed_texts(size: int) -> bytes:
    """Texts that are a thousand times as long once they are unpacked."""
    text = _chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b" " * 2**18, 9))
    return _png(text * (size // len(text)))


def jpeg_of_comments(size: int) -> bytes:
    plain = _saved("JPEG")
    return plain[:2] + b"\xff\xfe\0\2" * (size // 4) + plain[2:]


def jpeg_of_fill(size: int) -> bytes:
    """Fill bytes that no marker follows."""
    return b"\xff\xd8" + b"\xff" * size + bytes(8)


def jpeg_of_restarts(size: int) -> bytes:
    plain = _saved("JPEG")
    return plain[:2] + b"\xff\xdd\0\4\0\1" + plain[2:-2] + b"\xff\xd0" * (size // 2) + plain[-2:]


def jpeg_of_scans(_size: int) -> bytes:
    """67 million pixels, over which a decoder goes a hundred times."""
    file = io.BytesIO()
    Image.new("L", (8192, 8192), 128).save(file, "JPEG", progressive=True, quality=50)
    plain = file.getvalue()
    starts = [at for at in range(len(plain)) if plain.startswith(b"\xff\xda", at)]
    scans = [plain[start:end] for start, end in zip(starts, [*starts[1:], len(plain) - 2], strict=True)]
    return plain[:-2] + min(scans, key=len) * (100 - len(scans)) + plain[-2:]


def gif_of_extensions(size: int) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", SIDE, SIDE, 0, 0, 0)
    return head + b"\x21\xfe\0" * (size // 3) + b"\x2c" + struct.pack("<HHHHB", 0, 0, SIDE, SIDE, 0) + b"\2\2\x4c\1\0;"


def gif_of_blocks(size: int) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", SIDE, SIDE, 0, 0, 0)
    chain = b"\x21\xfe" + b"\1a" * 100_000 + b"\0"
    return head + chain * (size // len(chain)) + b";"


def webp_of_chunks(size: int) -> bytes:
    body = b"abcd\0\0\0\0" * (size // 8) + _saved("WEBP", lossless=True)[12:]
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def heic_of_items(size: int) -> bytes:
    """Millions of items without properties, none of which is the picture."""
    entries = size // 3
    sides = _box(b"ipco", _box(b"ispe", struct.pack(">III", 0, SIDE, SIDE)))
    items = _box(b"ipma", struct.pack(">II", 0, entries) + b"\0\1\0" * entries)
    meta = _box(b"meta", bytes(4) + _box(b"pitm", b"\0\0\0\0\0\5") + _box(b"iprp", sides + items))
    return _box(b"ftyp", b"heic" + bytes(4) + b"mif1heic") + meta + _box(b"mdat", bytes(4))


CRAFTED: tuple[Callable[[int], bytes], ...] = (
    tiff_of_strips,
    tiff_of_directories,
    png_of_chunks,
    png_of_empty_pixels,
    png_of_packed_texts,
    jpeg_of_comments,
    jpeg_of_fill,
    jpeg_of_restarts,
    jpeg_of_scans,
    gif_of_extensions,
    gif_of_blocks,
    webp_of_chunks,
    heic_of_items,
)
