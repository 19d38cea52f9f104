"""Positions, names and comments in every place that a picture file has for them."""

from __future__ import annotations

import zlib

from tests.support.corpus import exif
from tests.support.corpus.drawing import encoded, jpeg, photo, webp
from tests.support.corpus.exif_tables import CARRIERS, OTHER_CARRIERS
from tests.support.corpus.isobmff import film
from tests.support.corpus.jpeg_parts import (
    APP1,
    APP11,
    APP13,
    COMMENT,
    mpf,
    segment,
    with_exif,
    with_segments,
    with_xmp,
)
from tests.support.corpus.phones import samsung
from tests.support.corpus.png_parts import behind_header, behind_pixels, chunk
from tests.support.corpus.samples import TAKEN, UNCHANGED, Sample, turned

_ALL = (*exif.POSITION, *exif.OWNER)
_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32 + (5000).to_bytes(4, "big") + bytes(4)
_WORDS = b"Ada Example was at 48.858, 2.294"
_IPTC = b"\x1c\x02\x50\0\x0bAda Example\x1c\x02\x5a\0\x06" + b"48.858"


def _photoshop(data: bytes) -> bytes:
    return b"Photoshop 3.0\x008BIM\x04\x04\0\0" + len(data).to_bytes(4, "big") + data + bytes(len(data) % 2)


def _second_picture() -> bytes:
    """The second picture of a file has EXIF too."""
    second = with_exif(exif.block())
    return with_segments(mpf(len(jpeg()), len(second))) + second


def _raw_profile(kind: str, data: bytes) -> bytes:
    words = f"\n{kind}\n{len(data):8}\n{data.hex()}\n".encode()
    return chunk(b"zTXt", f"Raw profile type {kind}".encode() + b"\0\0" + zlib.compress(words))


def _text(key: bytes, words: bytes) -> bytes:
    return chunk(b"tEXt", key + b"\0" + words)


def _international(key: bytes, words: bytes) -> bytes:
    return chunk(b"iTXt", key + b"\0\0\0\0\0" + words)


IN_EXIF = (
    *(
        Sample(f"position-{name}.{ending}", lambda make=make: make(exif.block()), TAKEN, secrets=_ALL)
        for name, (ending, make) in {**CARRIERS, **OTHER_CARRIERS}.items()
    ),
    Sample("position-turned.jpg", lambda: with_exif(exif.block(6)), turned(6), secrets=_ALL),
    Sample("position-big-endian.jpg", lambda: with_exif(exif.block(order=">")), UNCHANGED, secrets=_ALL),
    Sample("position-twice.jpg", lambda: with_exif(exif.block(), exif.block(order=">")), UNCHANGED, secrets=_ALL),
    Sample("position-in-the-note.jpg", lambda: with_exif(exif.block(note=exif.block())), UNCHANGED, secrets=_ALL),
    Sample(
        "position-in-another-segment.jpg", lambda: with_segments(segment(0xE5, exif.block())), UNCHANGED, secrets=_ALL
    ),
)

IN_JPEG = (
    Sample("position-in-xmp.jpg", lambda: with_xmp(exif.xmp_with_position()), UNCHANGED, secrets=_ALL),
    Sample(
        "position-in-more-xmp.jpg",
        lambda: with_segments(segment(APP1, _EXTENSION + exif.xmp_with_position())),
        UNCHANGED,
        secrets=_ALL,
    ),
    Sample(
        "position-in-photoshop.jpg", lambda: with_segments(segment(APP13, _photoshop(_IPTC))), UNCHANGED, secrets=_ALL
    ),
    Sample("position-in-a-comment.jpg", lambda: with_segments(segment(COMMENT, _WORDS)), UNCHANGED, secrets=_ALL),
    Sample(
        "position-in-boxes.jpg",
        lambda: with_segments(segment(APP11, b"JP\0\1\0\0\0\1" + _WORDS)),
        UNCHANGED,
        secrets=_ALL,
    ),
    Sample("position-behind-the-end.jpg", lambda: jpeg() + exif.xmp_with_position(), UNCHANGED, secrets=_ALL),
    Sample("position-in-the-film.jpg", lambda: jpeg() + film(_WORDS * 9), UNCHANGED, secrets=_ALL),
    Sample("position-in-samsung-s-trailer.jpg", lambda: samsung(film(_WORDS)), UNCHANGED, secrets=_ALL),
    Sample("position-in-the-second-picture.jpg", _second_picture, UNCHANGED, secrets=_ALL),
)

IN_PNG = (
    Sample("position-in-a-text.png", lambda: behind_header(_text(b"Location", _WORDS)), UNCHANGED, secrets=_ALL),
    Sample("position-in-a-text-behind.png", lambda: behind_pixels(_text(b"Location", _WORDS)), UNCHANGED, secrets=_ALL),
    Sample(
        "position-in-xmp.png",
        lambda: behind_header(_international(b"XML:com.adobe.xmp", exif.xmp_with_position())),
        UNCHANGED,
        secrets=_ALL,
    ),
    Sample("position-in-raw-iptc.png", lambda: behind_header(_raw_profile("iptc", _IPTC)), UNCHANGED, secrets=_ALL),
    Sample(
        "position-in-raw-xmp.png",
        lambda: behind_header(_raw_profile("xmp", exif.xmp_with_position())),
        UNCHANGED,
        secrets=_ALL,
    ),
    Sample(
        "position-in-raw-app1.png",
        lambda: behind_header(_raw_profile("APP1", exif.HEAD + exif.block())),
        UNCHANGED,
        secrets=_ALL,
    ),
    Sample("position-in-a-private-chunk.png", lambda: behind_header(chunk(b"prVt", _WORDS)), UNCHANGED, secrets=_ALL),
    Sample(
        "time-and-owner.png",
        lambda: behind_header(chunk(b"tIME", b"\x07\xea\1\2\3\4\5"), _text(b"Author", b"Ada Example")),
        UNCHANGED,
        secrets=_ALL,
    ),
)

IN_WEBP = (
    Sample("position-in-xmp.webp", lambda: encoded(photo(), "WEBP", xmp=exif.xmp_with_position()), TAKEN, secrets=_ALL),
    Sample("position-in-an-unknown-chunk.webp", lambda: _with_chunk(b"GPSx", _WORDS), TAKEN, secrets=_ALL),
    Sample("position-behind-the-end.webp", lambda: webp() + _WORDS, TAKEN, secrets=_ALL),
)


def _with_chunk(name: bytes, data: bytes) -> bytes:
    """Returns an extended WebP with one more chunk at its end."""
    source = encoded(photo(), "WEBP", quality=95, exif=exif.HEAD + exif.orientation(1))
    source += name + len(data).to_bytes(4, "little") + data + bytes(len(data) % 2)
    return source[:4] + (len(source) - 8).to_bytes(4, "little") + source[8:]


SAMPLES = IN_EXIF + IN_JPEG + IN_PNG + IN_WEBP
