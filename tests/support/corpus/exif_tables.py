"""Which way up: every orientation in every carrier, and EXIF that is damaged in every way."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from tests.support.corpus import exif
from tests.support.corpus.drawing import encoded, photo
from tests.support.corpus.jpeg_parts import APP1, segment, with_exif, with_segments, with_xmp
from tests.support.corpus.png_parts import behind_header, behind_pixels, chunk
from tests.support.corpus.samples import TAKEN, Sample, Taken, turned

if TYPE_CHECKING:
    from collections.abc import Callable

_HEAD = b"II*\0\x08\0\0\0"
_SIX = exif.orientation(6)


def _entry(tag: int, kind: int, count: int, value: bytes | int) -> bytes:
    return struct.pack("<HHI", tag, kind, count) + (value if isinstance(value, bytes) else struct.pack("<I", value))


def _orientation(kind: int, count: int, value: bytes | int, behind: bytes = b"") -> bytes:
    """Returns a block whose orientation is this; what is behind is at offset 26."""
    return _block(_entry(0x0112, kind, count, value)) + behind


def _block(*entries: bytes, following: int = 0, told: int | None = None) -> bytes:
    count = len(entries) if told is None else told
    return _HEAD + struct.pack("<H", count) + b"".join(entries) + struct.pack("<I", following)


_UPRIGHT = _entry(0x0112, 3, 1, 1)
_MAKE = _entry(0x010F, 2, 4, b"abc\0")
DAMAGED = {
    "empty": b"",
    "two-bytes": b"II",
    "half-a-head": b"II*\0\x08\0",
    "8-bytes-of-rubbish": b"\x13\x37rubbis",
    "40-bytes-of-rubbish": bytes(range(100, 140)),
    "4000-bytes-of-rubbish": bytes((index * 73 + 11) % 251 for index in range(4000)),
    "unknown-byte-order": b"IM*\0" + _orientation(3, 1, 1)[4:],
    "unknown-version": b"II+\0\x08\0\0\0" + bytes(40),
    "directory-beyond-the-end": b"II*\0\xff\xff\xff\x7f" + bytes(20),
    "directory-in-the-head": b"II*\0\0\0\0\0" + bytes(20),
    "directory-follows-itself": _block(_UPRIGHT, following=8),
    "directory-in-itself": _block(_entry(0x8769, 4, 1, 8)),
    "positions-in-itself": _block(_entry(0x8825, 4, 1, 8), _entry(0xA005, 4, 1, 8)),
    "65535-entries": _block(_UPRIGHT, _MAKE, told=65535),
    "cut-in-an-entry": _block(_MAKE, _UPRIGHT)[:-10],
    "note-beyond-the-end": _block(_entry(0x927C, 7, 100_000, 5000)),
    "orientation-as-text": _orientation(2, 4, b"Top\0"),
    "orientation-as-long-text": _orientation(2, 20, 26, b"Horizontal (normal)\0"),
    "orientation-by-zero": _orientation(5, 1, 26, struct.pack("<II", 6, 0)),
    "orientation-not-a-number": _orientation(11, 1, struct.pack("<f", float("nan"))),
    "orientation-as-bytes": _orientation(7, 4, b"\6\0\0\0"),
    "orientation-of-unknown-type": _orientation(99, 1, 1),
    "orientation-2-to-the-31": _orientation(3, 2**31, 26),
    "orientation-no-times": _orientation(3, 0, 0),
    "orientation-negative": _orientation(8, 1, b"\xff\xff\0\0"),
    "orientation-70000": _orientation(4, 1, 70_000),
    "orientation-0": _orientation(3, 1, 0),
    "orientation-9": _orientation(3, 1, 9),
    "orientation-65535": _orientation(3, 1, 65_535),
}


def _text_profile(block: bytes) -> bytes:
    """Returns EXIF as ImageMagick writes it in a text."""
    body = exif.HEAD + block
    return f"\nexif\n{len(body):8}\n{body.hex()}\n".encode()


def _raw_profile(block: bytes) -> bytes:
    return behind_header(chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(_text_profile(block))))


def _raw_profile_as_text(block: bytes) -> bytes:
    return behind_header(chunk(b"tEXt", b"Raw profile type exif\0" + _text_profile(block)))


def _webp(block: bytes) -> bytes:
    return encoded(photo(), "WEBP", quality=95, exif=block or b"\0")


CARRIERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "jpeg": ("jpg", with_exif),
    "png": ("png", lambda block: behind_header(chunk(b"eXIf", block))),
    "png-raw-profile": ("png", _raw_profile),
    "webp": ("webp", _webp),
}
OTHER_CARRIERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "png-behind-pixels": ("png", lambda block: behind_pixels(chunk(b"eXIf", block))),
    "png-with-head": ("png", lambda block: behind_header(chunk(b"eXIf", exif.HEAD + block))),
    "png-raw-profile-as-text": ("png", _raw_profile_as_text),
    "webp-with-head": ("webp", lambda block: _webp(exif.HEAD + block)),
}


def _orientations() -> list[Sample]:
    return [
        Sample(
            f"orientation-{value}.{ending}", lambda make=make, value=value: make(exif.orientation(value)), turned(value)
        )
        for ending, make in (CARRIERS["jpeg"], CARRIERS["png"], CARRIERS["webp"])
        for value in range(1, 9)
    ]


def _in_every_carrier() -> list[Sample]:
    return [
        Sample(f"orientation-6-{name}.{ending}", lambda make=make: make(_SIX), turned(6))
        for name, (ending, make) in {**OTHER_CARRIERS, "png-raw-profile": CARRIERS["png-raw-profile"]}.items()
    ]


def _damages() -> list[Sample]:
    return [
        Sample(f"exif-{damage}-{name}.{ending}", lambda make=make, block=block: make(block), TAKEN)
        for name, (ending, make) in CARRIERS.items()
        for damage, block in DAMAGED.items()
    ]


def _xmp_orientation() -> bytes:
    return exif.xmp('tiff:Orientation="6"', 'xmlns:tiff="http://ns.adobe.com/tiff/1.0/"')


def _no_hex() -> bytes:
    return behind_header(chunk(b"tEXt", b"Raw profile type exif\0\nexif\n      20\nthis is no hex at all\n"))


OTHERS = (
    Sample("orientation-6-big-endian.jpg", lambda: with_exif(exif.orientation(6, order=">")), turned(6)),
    Sample("orientation-6-as-long.jpg", lambda: with_exif(exif.orientation(6, order=">", kind=4)), turned(6)),
    Sample("orientation-6-of-the-whole-block.jpg", lambda: with_exif(exif.block(6)), turned(6)),
    Sample("orientation-in-xmp-alone.jpg", lambda: with_xmp(_xmp_orientation()), TAKEN),  # viewers ignore it
    Sample("orientation-in-xmp-and-exif.jpg", lambda: with_xmp(_xmp_orientation(), with_exif(_SIX)), turned(6)),
    Sample("exif-twice-1-then-6.jpg", lambda: with_exif(exif.orientation(1), _SIX), TAKEN),
    Sample("exif-twice-6-then-1.jpg", lambda: with_exif(_SIX, exif.orientation(1)), Taken(corners=None, sides=None)),
    Sample("exif-twice-6-then-6.jpg", lambda: with_exif(_SIX, _SIX), turned(6)),
    Sample("exif-twice-empty-then-6.jpg", lambda: with_exif(b"", _SIX), Taken(corners=None, sides=None)),
    Sample("exif-in-pieces.jpg", lambda: with_segments(*_pieces()), Taken(corners=None, sides=None)),
    Sample(
        "exif-behind-a-comment.jpg", lambda: with_segments(segment(0xFE, b"hello"), source=with_exif(_SIX)), turned(6)
    ),
    Sample("exif-raw-profile-no-hex.png", _no_hex, TAKEN),
    Sample("exif-twice.png", lambda: behind_header(*[chunk(b"eXIf", _SIX)] * 2), turned(6)),
    Sample(
        "exif-bad-crc.png", lambda: behind_header(chunk(b"eXIf", _SIX)[:-4] + bytes(4)), Taken(corners=None, sides=None)
    ),
)


def _pieces() -> list[bytes]:
    """Returns one block in two segments, as nobody should write it."""
    whole = exif.block(6, note=bytes(70_000))
    return [segment(APP1, exif.HEAD + part) for part in (whole[:60_000], whole[60_000:])]


SAMPLES = (*_orientations(), *_in_every_carrier(), *_damages(), *OTHERS)
