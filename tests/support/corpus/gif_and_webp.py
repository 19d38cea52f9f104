"""GIF and WebP."""

from __future__ import annotations

import struct

from tests.support.corpus import exif, profiles
from tests.support.corpus.drawing import (
    BLUE,
    COLOURS,
    GREEN,
    RED,
    cutout,
    encoded,
    gif,
    mirrored,
    noise,
    photo,
    rubbish,
    webp,
)
from tests.support.corpus.isobmff import film
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

_NO_LIGHT = (*COLOURS[:3], None)
_BEHIND_PALETTE = 13 + (3 << (gif()[10] & 7) + 1)  # of the head
_FLAT = (7, 130, 60)


def _animation(form: str, **options: object) -> bytes:
    return encoded(photo(), form, save_all=True, append_images=[mirrored()] * 2, duration=100, **options)


def _transparent_gif() -> bytes:
    image = photo().quantize(8)
    light = image.getpixel((350, 250))
    return encoded(image, "GIF", transparency=light)


def _on_canvas(canvas: tuple[int, int], offset: tuple[int, int]) -> bytes:
    """Returns a GIF whose frame has another size than its canvas."""
    source = bytearray(gif())
    source[6:10] = struct.pack("<HH", *canvas)
    at = source.index(b"," + struct.pack("<HHHH", 0, 0, 400, 300)) + 1
    source[at : at + 4] = struct.pack("<HH", *offset)
    return bytes(source)


def _extended(kind: int, *blocks: bytes) -> bytes:
    body = b"".join(bytes((len(block),)) + block for block in blocks)
    return gif()[:_BEHIND_PALETTE] + b"!" + bytes((kind,)) + body + b"\0" + gif()[_BEHIND_PALETTE:]


def _with_xmp() -> bytes:
    """XMP in a GIF isn't in blocks: a tail of 258 bytes brings readers back in step."""
    tail = b"\1" + bytes(range(255, -1, -1)) + b"\0"
    extension = b"!\xff\x0bXMP DataXMP" + exif.xmp_with_position() + tail
    return gif()[:_BEHIND_PALETTE] + extension + gif()[_BEHIND_PALETTE:]


def _frames_2000() -> bytes:
    """Returns two thousand further frames of one pixel."""
    frame = b"!\xf9\4\0\1\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0"
    return gif()[:-1] + frame * 2000 + b";"


GIFS = (
    Sample("plain.gif", gif, TAKEN),
    Sample("not-interlaced.gif", lambda: encoded(photo().quantize(8), "GIF", interlace=0), TAKEN),
    Sample("of-1987.gif", lambda: b"GIF87a" + gif()[6:], TAKEN),
    Sample("grey.gif", lambda: encoded(photo(mode="L"), "GIF"), Taken(corners=None)),
    Sample("transparent.gif", _transparent_gif, Taken(corners=_NO_LIGHT, alpha=True)),
    Sample("animated.gif", lambda: _animation("GIF", loop=0), TAKEN),
    Sample("animated-2000-frames.gif", _frames_2000, TAKEN),
    Sample("animated-cut-in-a-later-frame.gif", lambda: _animation("GIF")[:-200], Either(TAKEN, CUT_OFF), Delivered()),
    Sample("frame-smaller-than-the-canvas.gif", lambda: _on_canvas((480, 360), (40, 30)), Taken(sides=(480, 360))),
    Sample("frame-larger-than-the-canvas.gif", lambda: _on_canvas((200, 150), (0, 0)), Either(ANY_PICTURE)),
    Sample("canvas-of-0.gif", lambda: _on_canvas((0, 0), (0, 0)), Either(ANY_PICTURE), Delivered()),
    Sample(
        "canvas-of-4-gigapixels.gif", lambda: _on_canvas((65535, 65535), (0, 0)), refused("65535x65535"), Delivered()
    ),
    Sample("comment.gif", lambda: _extended(0xFE, b"hello" * 40), TAKEN),
    Sample("unknown-extension.gif", lambda: _extended(0x42, b"hello"), TAKEN),
    Sample("no-trailer.gif", lambda: gif()[:-1], TAKEN),
    Sample("behind-rubbish.gif", lambda: gif() + rubbish(5000), TAKEN),
    Sample("cut.gif", lambda: gif()[: len(gif()) // 2], CUT_OFF, Delivered()),
    Sample("head-alone.gif", lambda: gif()[:13], DAMAGED, Delivered()),
    Sample("position.gif", _with_xmp, TAKEN, secrets=exif.POSITION),
)


def _chunks(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def flat_webp(width: int, height: int) -> bytes:
    """Returns a lossless WebP of one colour: two dozen bytes for any number of pixels."""
    bits = f"{width - 1:014b}"[::-1] + f"{height - 1:014b}"[::-1] + "0" + "000"  # no alpha, version 0
    bits += "000"  # no transform, no colour cache, one group of codes
    red, green, blue = _FLAT
    bits += "".join("101" + f"{level:08b}"[::-1] for level in (green, red, blue, 255)) + "1000"
    data = int(bits[::-1], 2).to_bytes(-(-len(bits) // 8), "little")
    return _chunks((b"VP8L", b"\x2f" + data + bytes(4)))


def _with_alpha() -> bytes:
    return encoded(cutout(), "WEBP", quality=90)


def _extended_header() -> bytes:
    """Returns a canvas that the frame doesn't fill."""
    return _chunks(
        (b"VP8X", b"\0\0\0\0" + (799).to_bytes(3, "little") + (599).to_bytes(3, "little")), (b"VP8 ", webp()[20:])
    )


def _with_profile(profile: bytes) -> bytes:
    return encoded(photo(), "WEBP", quality=95, icc_profile=profile)


WEBPS = (
    Sample("lossy.webp", webp, UNCHANGED, Shown(unchanged=True)),
    Sample("lossless.webp", lambda: encoded(photo(), "WEBP", lossless=True), UNCHANGED),
    Sample("alpha.webp", _with_alpha, Taken(alpha=True, unchanged=True)),
    Sample("alpha-lossless.webp", lambda: encoded(cutout(), "WEBP", lossless=True), Taken(alpha=True, unchanged=True)),
    Sample("animated.webp", lambda: _animation("WEBP"), TAKEN),
    Sample("animated-lossless.webp", lambda: _animation("WEBP", lossless=True), TAKEN),
    Sample("one-colour-of-36-MP.webp", lambda: flat_webp(6000, 6000), Taken(corners=(_FLAT,) * 4, sides=(6000, 6000))),
    Sample("one-colour-of-268-MP.webp", lambda: flat_webp(16383, 16383), refused("16383x16383"), Delivered()),
    Sample("profile.webp", lambda: _with_profile(profiles.srgb()), UNCHANGED),
    Sample(
        "profile-swaps-red-and-blue.webp",
        lambda: _with_profile(profiles.swapped()),
        Taken(corners=(BLUE, GREEN, RED, (200, 240, 245))),
    ),
    Sample("profile-of-1-MB.webp", lambda: _with_profile(profiles.grown(1_000_000)), TAKEN),
    Sample(
        "unknown-chunk.webp",
        lambda: _chunks((b"VP8X", bytes(4) + b"\x8f\1\0\x2b\1\0"), (b"VP8 ", webp()[20:]), (b"ABCD", b"x" * 99)),
        UNCHANGED,
    ),
    Sample("canvas-larger-than-the-frame.webp", _extended_header, Either(ANY_PICTURE, DAMAGED), Delivered()),
    Sample("length-of-0.webp", lambda: webp()[:4] + bytes(4) + webp()[8:], Either(TAKEN, DAMAGED), Delivered()),
    Sample("behind-zeros.webp", lambda: webp() + bytes(5000), UNCHANGED),
    Sample("behind-film.webp", lambda: webp() + film(bytes(5000)), UNCHANGED),
    Sample("cut.webp", lambda: webp()[: len(webp()) // 2], CUT_OFF, Delivered()),
    Sample("cut-noise.webp", lambda: encoded(noise((200, 150)), "WEBP")[:9000], CUT_OFF, Delivered()),
    Sample("animated-cut.webp", lambda: _animation("WEBP")[:-100], Either(TAKEN, CUT_OFF), Delivered()),
    Sample("head-alone.webp", lambda: webp()[:20], DAMAGED, Delivered()),
)

SAMPLES = GIFS + WEBPS
