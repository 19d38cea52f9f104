"""Sides and sizes at the service's limits and far beyond, and small files that hold far too many pixels."""

from __future__ import annotations

import zlib
from functools import cache, partial

from tests.support.corpus.deflate import repeated, zeros
from tests.support.corpus.drawing import COLOURS, encoded, noise, photo
from tests.support.corpus.exif import orientation
from tests.support.corpus.jpeg_parts import large, padded, with_exif
from tests.support.corpus.png_parts import CHANNELS, GREY, PALETTE, RGB, RGBA, chunk, file_of, header
from tests.support.corpus.samples import (
    TAKEN,
    UNCHANGED,
    Delivered,
    Either,
    Refused,
    Sample,
    Shown,
    Taken,
    refused,
    turned,
)

_MOST = 10_000_000  # bytes of a reference
_SHOWN = Shown()
_PANORAMA = Taken(sides=None, least_pixels=12_000_000)  # decoding at half the size is enough


@cache
def large_png(width: int, height: int) -> bytes:
    """Returns a photo of any size: each row is as the one above it."""
    half, colours = width // 2, [bytes(colour) for colour in COLOURS]
    upper, lower = (b"\0" + left * half + right * (width - half) for left, right in (colours[:2], colours[2:]))
    same = b"\2" + bytes(3 * width)
    rows = height // 2
    stream = repeated((upper, 1), (same, rows - 1), (lower, 1), (same, height - rows - 1))
    return file_of(header(width, height), chunk(b"IDAT", stream))


def _zeros(width: int, height: int, colour: int, depth: int = 8, *, interlaced: bool = False) -> bytes:
    """Returns a PNG of nothing but zeros, of about a thousandth of its pixels' bytes."""
    size = (1 + width * CHANNELS[colour] * depth // 8) * height + 4 * height * interlaced
    before = [chunk(b"PLTE", bytes(768)), chunk(b"tRNS", b"\0")] if colour == PALETTE else []
    return file_of(header(width, height, depth, colour, interlaced=interlaced), *before, chunk(b"IDAT", zeros(size)))


def _claimed(width: int, height: int) -> bytes:
    return file_of(header(width, height), chunk(b"IDAT", zlib.compress(b"")))


def _plain(width: int, height: int, form: str = "PNG") -> bytes:
    return encoded(photo((width, height)), form)


def _sides(width: int, height: int, expected: Taken | Refused, outcome: Shown | Delivered | None = _SHOWN) -> Sample:
    return Sample(f"{width}x{height}.png", partial(_plain, width, height), expected, outcome)


def _kept(width: int, height: int) -> Taken:
    return Taken(corners=None, sides=(width, height), unchanged=True)


SIDES_OF_PICTURES = (
    _sides(1, 1, refused("1x1", "15")),
    _sides(14, 14, refused("14x14", "15")),
    _sides(14, 100, refused("14x100", "15")),
    _sides(15, 15, _kept(15, 15)),
    _sides(15, 240, _kept(15, 240)),
    _sides(15, 241, refused("15x241", "16")),
    _sides(1, 2000, refused("1x2000")),
    _sides(480, 30, Taken(sides=(480, 30), unchanged=True)),
    _sides(30, 480, Taken(sides=(30, 480), unchanged=True)),
    _sides(481, 30, refused("481x30", "16")),
    _sides(510, 30, refused("510x30", "16")),
    _sides(30, 510, refused("30x510", "16")),
    Sample("1x1.jpg", partial(_plain, 1, 1, "JPEG"), refused("1x1"), _SHOWN),
    Sample("1x300.jpg", partial(_plain, 1, 300, "JPEG"), refused("1x300"), _SHOWN),
    Sample("14x14.gif", partial(_plain, 14, 14, "GIF"), refused("14x14"), _SHOWN),
    Sample("14x14.webp", partial(_plain, 14, 14, "WEBP"), refused("14x14"), _SHOWN),
    Sample("15x15.jpg", partial(_plain, 15, 15, "JPEG"), _kept(15, 15)),
    Sample(
        "16x15-turned.jpg",
        lambda: with_exif(orientation(6), source=_plain(16, 15, "JPEG")),
        Taken(corners=None, sides=(15, 16)),
    ),
    Sample(
        "9600x600-turned.jpg", lambda: with_exif(orientation(6), source=large(9600, 608)), turned(6, sides=(9600, 608))
    ),
)


def _png(width: int, height: int, expected: Taken | Refused | Either, outcome: Delivered | None = None) -> Sample:
    return Sample(f"{width}x{height}.png", partial(large_png, width, height), expected, outcome)


MANY_PIXELS = (
    _png(6000, 6000, Taken(sides=(6000, 6000), unchanged=True)),
    _png(6001, 6000, _PANORAMA),
    _png(20000, 1250, Taken(sides=(20000, 1250), unchanged=True)),
    _png(24000, 1500, Taken(sides=(24000, 1500), unchanged=True)),
    _png(24001, 1501, Taken(sides=None, least_pixels=8_000_000)),
    _png(24016, 1501, Taken(sides=None, least_pixels=8_000_000)),
    _png(1501, 24016, Taken(sides=None, least_pixels=8_000_000)),
    _png(8192, 8192, Either(Taken(sides=None), refused("8192x8192")), Delivered()),
    _png(8192, 8193, Either(Taken(sides=None), refused("8192x8193")), Delivered()),
    _png(20000, 20000, refused("20000x20000"), Delivered()),
    Sample("6001x6000.jpg", lambda: large(6001, 6016), _PANORAMA),
    Sample("24016x1504.jpg", lambda: large(24016, 1504), Taken(sides=None, least_pixels=8_000_000)),
    Sample("panorama-of-50-MP.jpg", lambda: large(16000, 3136), _PANORAMA),
    Sample(
        "panorama-of-50-MP-turned.jpg",
        lambda: with_exif(orientation(6), source=large(16000, 3136)),
        Taken(corners=turned(6).corners, sides=None, least_pixels=12_000_000),
    ),
    Sample("panorama-without-end-mark.jpg", lambda: large(16000, 3136)[:-2], _PANORAMA),
    Sample("phone-of-50-MP.jpg", lambda: large(8160, 6144), _PANORAMA),
    Sample("phone-of-108-MP.jpg", lambda: large(12000, 9024), _PANORAMA),
    Sample(
        "phone-of-200-MP.jpg",
        lambda: large(16320, 12256),
        Either(Taken(sides=None, least_pixels=12_000_000), refused("16320x12256")),
        Delivered(),
        big=True,
    ),
    Sample("65535x65535.png", lambda: _claimed(65_535, 65_535), refused("65535x65535"), Delivered()),
    Sample(
        "2147483647x2147483647.png",
        lambda: _claimed(2**31 - 1, 2**31 - 1),
        refused("2147483647x2147483647|damaged"),
        Delivered(),
    ),
    Sample("2147483647x1.png", lambda: _claimed(2**31 - 1, 1), refused("2147483647x1|damaged"), Delivered()),
    Sample(
        "100000x100000.bmp",
        lambda: b"BM" + bytes(8) + b"\x36\0\0\0\x28\0\0\0\xa0\x86\1\0\xa0\x86\1\0\1\0\x18\0" + bytes(24),
        refused("100000x100000|cut off|damaged"),
        Delivered(),
    ),
)


def _bomb(width: int, height: int, colour: int, depth: int = 8, *, interlaced: bool = False) -> Sample:
    """A small file whose pixels fill the memory; it may be refused, or made smaller."""
    name = f"zeros-{width}x{height}-{colour}-{depth}{'-interlaced' * interlaced}.png"
    taken, sides = Taken(corners=None, sides=None), refused(f"{width}x{height}")
    make = partial(_zeros, width, height, colour, depth, interlaced=interlaced)
    fits = width * height <= 36_000_000
    return Sample(name, make, taken if fits and depth == 8 else Either(taken, sides), Delivered())


BOMBS = (
    _bomb(6000, 6000, RGBA),
    _bomb(6000, 6000, RGBA, 16),
    _bomb(6000, 6000, RGBA, 16, interlaced=True),
    _bomb(6000, 6000, PALETTE),
    _bomb(8000, 8000, RGBA),
    _bomb(8000, 8000, RGBA, interlaced=True),
    _bomb(8000, 8000, RGBA, 16),
    _bomb(8192, 8192, PALETTE),
    _bomb(8192, 8192, GREY, 16),
    _bomb(16000, 16000, RGB),
    _bomb(17000, 17000, RGBA),
    _bomb(12000, 12000, RGBA, 16),
    _bomb(30000, 30000, GREY, 1),
)


def _loud(width: int, height: int) -> bytes:
    return encoded(noise((width, height)), "PNG", compress_level=0)


BYTES = (
    *(
        Sample(f"{size}-bytes.jpg", partial(padded, size), UNCHANGED, big=True)
        for size in (_MOST, _MOST + 1, 10 << 20, (10 << 20) + 1)
    ),
    Sample("33-MB-of-comments.jpg", lambda: padded(33_000_000), Either(TAKEN, refused("32")), big=True),
    Sample(
        "33-MB-of-pixels.bmp", lambda: _plain(3700, 3000, "BMP"), Either(Taken(sides=None), refused("32")), big=True
    ),
    Sample(
        "noise-of-10-MB.png",
        lambda: _loud(1900, 1800),
        Taken(corners=None, sides=None, least_pixels=2_000_000),
        big=True,
    ),
    Sample(
        "noise-of-20-MB.png",
        lambda: _loud(2600, 2600),
        Taken(corners=None, sides=None, least_pixels=2_000_000),
        big=True,
    ),
    Sample(
        "noise-with-alpha-of-12-MB.png",
        lambda: encoded(noise((1800, 1700), channels=4), "PNG", compress_level=0),
        Taken(corners=None, sides=None, alpha=True),
        big=True,
    ),
    Sample(
        "noise-of-12-MB.bmp",
        lambda: encoded(noise((2000, 2000)), "BMP"),
        Taken(corners=None, sides=None, least_pixels=2_000_000),
        big=True,
    ),
    Sample(
        "noise-of-11-MB.jpg",
        lambda: encoded(noise((2100, 1900)), "JPEG", quality=97, subsampling=0),
        Taken(corners=None, sides=None, least_pixels=3_000_000),
        big=True,
    ),
)

SAMPLES = SIDES_OF_PICTURES + MANY_PIXELS + BOMBS + BYTES
