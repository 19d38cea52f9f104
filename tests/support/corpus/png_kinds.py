"""Every kind of PNG: colours, depths, interlaced or not, transparent and animated."""

from __future__ import annotations

import struct
from functools import partial

from tests.support.corpus.drawing import (
    COLOURS,
    HOLE,
    cutout,
    encoded,
    mirrored,
    photo,
)
from tests.support.corpus.png_parts import (
    CHANNELS,
    GREY,
    GREY_ALPHA,
    PALETTE,
    RGB,
    RGBA,
    behind_header,
    chunk,
    quadrants,
    written,
)
from tests.support.corpus.samples import (
    TAKEN,
    Sample,
    Shown,
    Taken,
)

_GREYS = (87, 124, 51, 238)
_DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGBA: (8, 16)}
_NAMES = {GREY: "grey", RGB: "rgb", PALETTE: "palette", GREY_ALPHA: "grey-alpha", RGBA: "rgba"}
_PLTE = chunk(b"PLTE", b"".join(map(bytes, COLOURS)))


def _values(colour: int, depth: int) -> list[list[int]]:
    """Returns the levels of the four quarters."""
    most = (1 << depth) - 1
    opaque = [most] if colour in {GREY_ALPHA, RGBA} else []
    if colour == PALETTE:
        return [[quarter % min(4, most + 1)] for quarter in range(4)]
    if CHANNELS[colour] < 3:
        return [[round(grey * most / 255), *opaque] for grey in _GREYS]
    return [[level * most // 255 for level in quarter] + opaque for quarter in COLOURS]


def _seen(colour: int, depth: int) -> Taken:
    """What a viewer shows of it."""
    values, most = _values(colour, depth), (1 << depth) - 1
    if colour == PALETTE:
        corners = tuple(COLOURS[index] for (index,) in values)
    else:
        corners = tuple(tuple(round(level * 255 / most) for level in (value * 3)[:3]) for value in values)
        if CHANNELS[colour] < 3:
            corners = tuple((value[0],) * 3 for value in corners)
    plain = depth == 8 and colour in {GREY, RGB}
    return Taken(
        corners=corners,
        tolerance=20,
        alpha=colour in {GREY_ALPHA, RGBA},
        unchanged=plain or (colour == RGBA and depth == 8),
    )


def _picture(colour: int, depth: int, *, interlaced: bool) -> bytes:
    levels = quadrants(_values(colour, depth))
    if colour in {GREY_ALPHA, RGBA}:
        left, top, right, bottom = HOLE
        levels[top:bottom, left:right, -1] = 0
    return written(levels, depth, colour, interlaced=interlaced, chunks=[_PLTE] if colour == PALETTE else [])


KINDS = tuple(
    Sample(
        f"{_NAMES[colour]}-{depth}{'-interlaced' * interlaced}.png",
        partial(_picture, colour, depth, interlaced=interlaced),
        _seen(colour, depth),
    )
    for colour, depths in _DEPTHS.items()
    for depth in depths
    for interlaced in (False, True)
)


def _see_through(colour: int, transparent: bytes, depth: int = 8) -> bytes:
    chunks = ([_PLTE] if colour == PALETTE else []) + [chunk(b"tRNS", transparent)]
    return written(quadrants(_values(colour, depth)), depth, colour, chunks=chunks)


_NO_LIGHT = (*COLOURS[:3], None)
TRANSPARENT = (
    Sample("palette-trns.png", lambda: _see_through(PALETTE, b"\xff\xff\xff\0"), Taken(corners=_NO_LIGHT, alpha=True)),
    Sample(
        "palette-trns-half.png",
        lambda: _see_through(PALETTE, b"\xff\xff\xff\x60"),
        Taken(corners=_NO_LIGHT, alpha=True),
    ),
    Sample(
        "palette-1-trns.png",
        lambda: _see_through(PALETTE, b"\xff\0", 1),
        Taken(corners=(COLOURS[0], None, COLOURS[0], None), alpha=True),
    ),
    Sample(
        "rgb-trns.png",
        lambda: _see_through(RGB, struct.pack(">HHH", *COLOURS[3])),
        Taken(corners=_NO_LIGHT, alpha=True),
    ),
    Sample("rgb-trns-nothing.png", lambda: _see_through(RGB, struct.pack(">HHH", 1, 2, 3)), TAKEN),
    Sample(
        "grey-trns.png",
        lambda: _see_through(GREY, b"\0\xee"),
        Taken(corners=((87,) * 3, (124,) * 3, (51,) * 3, None), alpha=True),
    ),
    Sample(
        "grey-trns-16.png",
        lambda: _see_through(GREY, b"\0\7", 16),
        Taken(corners=tuple((grey,) * 3 for grey in _GREYS), tolerance=20),
    ),
    Sample(
        "all-transparent.png",
        lambda: encoded(cutout((200, 200)).resize((200, 200)).point(lambda _: 0), "PNG"),
        Taken(corners=None, sides=(200, 200)),
    ),
    Sample("cutout.png", lambda: encoded(cutout(), "PNG"), Taken(alpha=True, unchanged=True), Shown(unchanged=True)),
    Sample("opaque-rgba.png", lambda: encoded(photo(mode="RGBA"), "PNG"), TAKEN),
)


def _animated(*, apart: bool) -> bytes:
    """`apart`: the picture that old viewers show isn't a frame of the animation."""
    return encoded(photo(), "PNG", save_all=True, default_image=apart, append_images=[mirrored()] * 2, duration=100)


ANIMATED = (
    Sample("animated.png", lambda: _animated(apart=False), TAKEN),
    Sample("animated-default-image-apart.png", lambda: _animated(apart=True), TAKEN),
    Sample(
        "animated-rgba.png",
        lambda: encoded(cutout(), "PNG", save_all=True, append_images=[photo(mode="RGBA")]),
        Taken(alpha=True),
    ),
    Sample("animated-one-frame.png", lambda: behind_header(chunk(b"acTL", struct.pack(">II", 1, 0))), TAKEN),
    Sample("animated-as-it-says.png", lambda: behind_header(chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0))), TAKEN),
)

SAMPLES = KINDS + TRANSPARENT + ANIMATED
