"""Every kind of JPEG: how colours are coded, sampled and scanned, and what is wrong with it."""

from __future__ import annotations

from functools import partial

from tests.support.corpus import profiles
from tests.support.corpus.drawing import BLUE, COLOURS, GREEN, RED, encoded, jpeg, noise, photo, png, rubbish, webp
from tests.support.corpus.jpeg_parts import (
    APP2,
    APP13,
    APP14,
    COMMENT,
    END,
    place_of_scan,
    segment,
    with_frame,
    with_segments,
)
from tests.support.corpus.jpeg_writer import SIDES, YCC, Structure, lossless, written
from tests.support.corpus.samples import (
    ANY_PICTURE,
    CUT_OFF,
    DAMAGED,
    TAKEN,
    UNCHANGED,
    Delivered,
    Either,
    Sample,
    Shown,
    Taken,
    refused,
)

_HALVED = ((2, 2), (1, 1), (1, 1))
_FOUR = ((1, 1),) * 4
_GREYS = ((87,) * 3, (124,) * 3, (51,) * 3, (238,) * 3)
_INKS = ((255, 0, 0, 0), (0, 255, 0, 0), (0, 0, 255, 0), (0, 0, 0, 0))
_INKS_MIXED = ((0, 174, 239), (236, 0, 140), (255, 242, 0), (255, 255, 255))  # any conversion without a profile
_INKS_BY_PROFILE = ((255, 111, 165), (0, 217, 186), (255, 231, 134), (255, 255, 255))
_GREY = Taken(corners=_GREYS, tolerance=20, unchanged=True)
_WRITTEN = Taken(sides=SIDES, unchanged=True)
_PRINTED = Taken(corners=_INKS_MIXED, tolerance=120, sides=SIDES)
_BLUE_FIRST = (BLUE, GREEN, RED, (200, 240, 245))


def _kind(name: str, expected: Taken = _WRITTEN, **options: object) -> Sample:
    return Sample(name, partial(written, Structure(**options)), expected)


def _printed(transform: int | None = 0) -> bytes:
    """Returns inks; with Adobe's marker they are inverted, as Adobe writes them."""
    levels = _INKS if transform is None else [[255 - ink for ink in inks] for inks in _INKS]
    return written(Structure(names=b"\1\2\3\4", sampling=_FOUR, levels=levels, adobe=transform))


def _printed_with_profile() -> bytes:
    return with_segments(segment(APP2, b"ICC_PROFILE\0\1\1" + profiles.cmyk()), source=_printed())


def _deep() -> bytes:
    return written(Structure(precision=12, marker=0xC1, levels=[[level * 16 for level in colour] for colour in YCC]))


def _many_scans(scans: int, side: int = 800) -> bytes:
    """Returns a grey square whose scans add nothing: each makes a decoder go over all its pixels."""
    blocks = (side // 8) ** 2
    runs = int(("0" + "1" * 14) * -(-blocks // 32767), 2).to_bytes(-(-15 * -(-blocks // 32767) // 8), "big")
    one_code = b"\1" + bytes(15)
    return b"".join((
        b"\xff\xd8", segment(0xDB, b"\0" + b"\1" * 64),
        segment(0xC2, b"\x08" + side.to_bytes(2, "big") * 2 + b"\1\1\x11\0"),
        segment(0xC4, b"\0" + one_code + b"\0"), segment(0xC4, b"\x10" + one_code + b"\xe0"),
        segment(0xDA, b"\1\1\0\0\0\0") + bytes(-(-blocks // 8)),
        (segment(0xDA, b"\1\1\0\1\x3f\0") + runs.replace(b"\xff", b"\xff\0")) * scans, END,
    ))  # fmt: skip


def _cut(part: float, **options: object) -> bytes:
    source = encoded(noise((200, 150)), "JPEG", **options)
    return source[: int(len(source) * part)]


def _two_components() -> bytes:
    return written(Structure(names=b"\1\2", sampling=((1, 1),) * 2, levels=[colour[:2] for colour in YCC]))


def _height(height: int) -> bytes:
    source = bytearray(jpeg())
    at = source.index(b"\xff\xc0") + 5
    source[at : at + 2] = height.to_bytes(2, "big")
    return bytes(source)


def _cut_between_scans() -> bytes:
    """A progressive picture that lost its last scan: nothing in it is broken, but it is blurred."""
    source = encoded(noise((200, 150)), "JPEG", progressive=True)
    return source[: source.rindex(b"\xff\xda")]


CODED = (
    Sample("baseline.jpg", jpeg, UNCHANGED, Shown(unchanged=True)),
    Sample("progressive.jpg", lambda: encoded(photo(), "JPEG", progressive=True), UNCHANGED, Shown(unchanged=True)),
    Sample("optimized.jpg", lambda: encoded(photo(), "JPEG", optimize=True), UNCHANGED),
    _kind("extended.jpg", marker=0xC1),
    _kind("4-1-1.jpg", sampling=((4, 1), (1, 1), (1, 1))),
    _kind("4-2-2.jpg", sampling=((2, 1), (1, 1), (1, 1))),
    _kind("4-4-0.jpg", sampling=((1, 2), (1, 1), (1, 1))),
    _kind("4-1-0.jpg", sampling=((4, 2), (1, 1), (1, 1))),
    _kind("4-4-4.jpg"),
    _kind("restart-markers.jpg", restart=5, sampling=_HALVED),
    _kind("a-scan-for-each-component.jpg", interleaved=False, sampling=_HALVED),
    _kind("components-from-zero.jpg", names=b"\0\1\2"),
    _kind("rgb-by-adobe.jpg", levels=COLOURS, adobe=0),
    _kind("rgb-by-names.jpg", levels=COLOURS, names=b"RGB"),
    _kind("ycc-by-adobe.jpg", adobe=1),
    _kind(
        "grey-of-one-component.jpg",
        Taken(corners=_GREYS, tolerance=20, sides=SIDES, unchanged=True),
        names=b"\1",
        sampling=((2, 2),),
        levels=[colour[:1] for colour in YCC],
    ),
    Sample("grey.jpg", lambda: encoded(photo(mode="L"), "JPEG", quality=92), _GREY),
    Sample("deep.jpg", _deep, refused("12-bit")),
    Sample("arithmetic.jpg", lambda: with_frame(jpeg(), marker=0xC9), Either(ANY_PICTURE)),
    Sample("arithmetic-progressive.jpg", lambda: with_frame(jpeg(), marker=0xCA), Either(ANY_PICTURE)),
    Sample("lossless.jpg", lossless, Either(Taken(sides=SIDES))),
    Sample("hierarchical.jpg", lambda: with_frame(jpeg(), marker=0xC5), Either(ANY_PICTURE), Delivered()),
    Sample("height-follows.jpg", lambda: written(Structure(late_height=True)), Either(Taken(sides=SIDES)), Delivered()),
    Sample("height-0.jpg", lambda: _height(0), Either(ANY_PICTURE), Delivered()),
    Sample("two-components.jpg", _two_components, Either(ANY_PICTURE), Delivered()),
    Sample("scans-40.jpg", lambda: _many_scans(40), Taken(corners=None, sides=(800, 800), unchanged=True)),
    Sample("scans-1500.jpg", lambda: _many_scans(1500), refused("scans"), Delivered()),
)

PRINTED = (
    Sample("cmyk-adobe.jpg", _printed, _PRINTED),
    Sample("cmyk-no-adobe.jpg", lambda: _printed(None), Taken(corners=None, sides=SIDES)),
    Sample("ycck.jpg", lambda: _printed(2), Taken(corners=None, sides=SIDES)),
    Sample("cmyk-by-pillow.jpg", lambda: encoded(photo(mode="CMYK"), "JPEG", quality=95), Taken(tolerance=80)),
    Sample("cmyk-with-profile.jpg", _printed_with_profile, Taken(corners=_INKS_BY_PROFILE, tolerance=30, sides=SIDES)),
    Sample(
        "cmyk-with-rgb-profile.jpg",
        lambda: encoded(photo(mode="CMYK"), "JPEG", quality=95, icc_profile=profiles.srgb()),
        Taken(tolerance=80),
    ),
    Sample(
        "cmyk-with-false-profile.jpg",
        lambda: encoded(photo(mode="CMYK"), "JPEG", quality=95, icc_profile=profiles.of_space(b"CMYK")),
        Taken(tolerance=80),
    ),
)

PROFILES = (
    Sample("profile.jpg", lambda: encoded(photo(), "JPEG", icc_profile=profiles.srgb()), UNCHANGED),
    Sample(
        "profile-swaps-red-and-blue.jpg",
        lambda: encoded(photo(), "JPEG", quality=92, icc_profile=profiles.swapped()),
        Taken(corners=_BLUE_FIRST),
    ),
    Sample("profile-of-1.5-MB.jpg", lambda: encoded(photo(), "JPEG", icc_profile=profiles.grown(1_500_000)), TAKEN),
    Sample("profile-of-rubbish.jpg", lambda: with_segments(_profile(rubbish(300))), TAKEN),
    Sample("profile-in-pieces-some-missing.jpg", lambda: with_segments(_profile(profiles.srgb(), b"\3\5")), TAKEN),
    Sample("profile-for-grey-in-colours.jpg", lambda: with_segments(_profile(profiles.of_space(b"GRAY"))), TAKEN),
)


def _profile(data: bytes, place: bytes = b"\1\1") -> bytes:
    return segment(APP2, b"ICC_PROFILE\0" + place + data)


def _fill_bytes_everywhere() -> bytes:
    source, parts = jpeg(), []
    at, scan = 2, place_of_scan(jpeg())
    while at < scan:
        length = 2 + int.from_bytes(source[at + 2 : at + 4], "big")
        parts.append(b"\xff\xff" + source[at : at + length])
        at += length
    return source[:2] + b"".join(parts) + b"\xff" + source[scan:-2] + b"\xff" + END


STRUCTURES = (
    Sample("comments.jpg", lambda: with_segments(*[segment(COMMENT, b"c" * 60_000)] * 40), UNCHANGED),
    Sample("comment-between.jpg", lambda: _before_scan(segment(COMMENT, b"hello" * 9)), UNCHANGED),
    Sample("comment-with-end-mark.jpg", lambda: with_segments(segment(COMMENT, END * 9)), UNCHANGED),
    Sample("fill-bytes.jpg", lambda: jpeg()[:2] + b"\xff\xff\xff" + jpeg()[2:], UNCHANGED),
    Sample("fill-bytes-everywhere.jpg", _fill_bytes_everywhere, UNCHANGED),
    Sample(
        "unknown-segments.jpg",
        lambda: with_segments(*(segment(0xE0 + n, b"unknown") for n in range(3, 16) if n != 14)),
        UNCHANGED,
    ),
    Sample("adobe-too-short.jpg", lambda: with_segments(segment(APP14, b"Adobe")), TAKEN),
    Sample(
        "photoshop-broken.jpg",
        lambda: with_segments(segment(APP13, b"Photoshop 3.0\x008BIM\4\4\0\0\xff\xff\xff\xff")),
        UNCHANGED,
    ),
    Sample("empty-segment.jpg", lambda: with_segments(segment(0xE5, b"")), UNCHANGED),
    Sample("segment-longer-than-the-file.jpg", lambda: jpeg()[:2] + b"\xff\xe5\xff\xff" + bytes(50), DAMAGED),
    Sample(
        "segment-of-length-0.jpg", lambda: jpeg()[:2] + b"\xff\xe5\0\0" + jpeg()[2:], Either(ANY_PICTURE), Delivered()
    ),
    Sample("newline-first.jpg", lambda: b"\n" + jpeg(), Either(TAKEN)),
    Sample("no-jfif.jpg", lambda: jpeg()[:2] + jpeg()[20:], UNCHANGED),
    Sample("only-the-start.jpg", lambda: b"\xff\xd8\xff", DAMAGED),
    Sample("only-the-head.jpg", lambda: jpeg()[: place_of_scan(jpeg())], DAMAGED),
    Sample("tables-alone.jpg", lambda: jpeg()[:20] + END, DAMAGED),
)


def _before_scan(part: bytes) -> bytes:
    at = place_of_scan(jpeg())
    return jpeg()[:at] + part + jpeg()[at:]


CUT = (
    *(Sample(f"cut-at-{percent}-percent.jpg", partial(_cut, percent / 100), CUT_OFF) for percent in (20, 50, 90)),
    *(
        Sample(f"cut-at-{percent}-percent-progressive.jpg", partial(_cut, percent / 100, progressive=True), CUT_OFF)
        for percent in (20, 50)
    ),
    Sample("cut-between-scans.jpg", _cut_between_scans, Either(ANY_PICTURE, CUT_OFF), Delivered()),
    Sample("cut-at-half-and-ended.jpg", lambda: _cut(0.5) + END, Either(ANY_PICTURE, CUT_OFF), Delivered()),
    Sample("cut-at-half-and-zeros.jpg", lambda: _cut(0.5) + bytes(5000), Either(ANY_PICTURE, CUT_OFF), Delivered()),
)

NAMES = (
    Sample("jpeg-named.png", jpeg, UNCHANGED),
    Sample("png-named.jpg", png, UNCHANGED),
    Sample("webp-named.jpg", webp, UNCHANGED),
    Sample("jpeg-named.jfif", jpeg, UNCHANGED),
    Sample("jpeg-named.txt", jpeg, UNCHANGED),
    Sample("jpeg-without-ending", jpeg, UNCHANGED),
)

SAMPLES = CODED + PRINTED + PROFILES + STRUCTURES + CUT + NAMES
