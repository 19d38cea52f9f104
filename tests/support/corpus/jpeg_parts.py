"""JPEG files by their segments."""

from __future__ import annotations

import struct
from functools import cache

from tests.support.corpus import exif
from tests.support.corpus.drawing import encoded, jpeg, photo

APP0, APP1, APP2, APP11, APP13, APP14, COMMENT = 0xE0, 0xE1, 0xE2, 0xEB, 0xED, 0xEE, 0xFE
END = b"\xff\xd9"
_FRAMES = {0xC0, 0xC1, 0xC2}
_MCU = 16  # sides of what a JPEG with halved colours is made of


def segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def with_segments(*segments: bytes, source: bytes | None = None) -> bytes:
    """Put the segments at the start."""
    source = source or jpeg()
    return source[:2] + b"".join(segments) + source[2:]


def with_exif(*blocks: bytes, source: bytes | None = None) -> bytes:
    return with_segments(*(segment(APP1, exif.HEAD + block) for block in blocks), source=source)


def with_xmp(packet: bytes, source: bytes | None = None) -> bytes:
    return with_segments(segment(APP1, exif.XMP_HEAD + packet), source=source)


def place_of_frame(source: bytes) -> int:
    """Returns the offset of the marker of the frame's header."""
    at = 2
    while source[at + 1] not in _FRAMES:
        at += 2 + int.from_bytes(source[at + 2 : at + 4], "big")
    return at


def with_frame(source: bytes, *, marker: int | None = None, precision: int | None = None) -> bytes:
    """Relabel the frame."""
    changed, at = bytearray(source), place_of_frame(source)
    changed[at + 1] = changed[at + 1] if marker is None else marker
    changed[at + 4] = changed[at + 4] if precision is None else precision
    return bytes(changed)


def place_of_scan(source: bytes) -> int:
    """Returns the offset of the first scan's header."""
    at = place_of_frame(source)
    while source[at + 1] != 0xDA:
        at += 2 + int.from_bytes(source[at + 2 : at + 4], "big")
    return at


@cache
def large(width: int, height: int) -> bytes:
    """Returns a photo of any size, without holding its pixels. `height`: a multiple of 32."""
    source = encoded(photo((width, 2 * _MCU)), "JPEG", quality=85, subsampling="4:2:0", restart_marker_rows=1)
    frame, scan = place_of_frame(source), place_of_scan(source)
    start = scan + 2 + int.from_bytes(source[scan + 2 : scan + 4], "big")
    upper, lower = source[start:-2].split(b"\xff\xd0")
    half = height // _MCU // 2
    rows = [row + bytes((0xFF, 0xD0 + index % 8)) for index, row in enumerate([upper] * half + [lower] * half)]
    head = source[: frame + 5] + struct.pack(">H", height) + source[frame + 7 : start]
    return head + b"".join(rows)[:-2] + END


def padded(size: int, source: bytes | None = None) -> bytes:
    """Bring the file to exactly this size with comments."""
    source = source or jpeg()
    missing, comments = size - len(source), []
    while missing > 60_000:
        comments.append(segment(COMMENT, bytes(59_000 - 4)))
        missing -= 59_000
    return with_segments(*comments, segment(COMMENT, bytes(missing - 4)), source=source)


def mpf(*sizes: int) -> bytes:
    """Returns the segment that lists several pictures in one file, by their sizes."""
    entries = b"".join(
        struct.pack("<IIIHH", 0x20000 if index else 0x30000, size, 0, 0, 0) for index, size in enumerate(sizes)
    )
    count = struct.pack("<HHI4s", 0xB000, 7, 4, b"0100") + struct.pack("<HHII", 0xB001, 4, 1, len(sizes))
    table = struct.pack("<HHII", 0xB002, 7, len(entries), 8 + 2 + 36 + 4)
    return segment(APP2, b"MPF\0II*\0" + struct.pack("<IH", 8, 3) + count + table + bytes(4) + entries)
