"""What people and programs write into the chunks of a PNG, and what is wrong with them."""

from __future__ import annotations

import zlib

from tests.support.corpus import profiles
from tests.support.corpus.deflate import zeros
from tests.support.corpus.drawing import (
    BLUE,
    GREEN,
    RED,
    encoded,
    noise,
    photo,
    png,
    rubbish,
    samples_of,
)
from tests.support.corpus.png_parts import (
    PALETTE,
    RGBA,
    SIGNATURE,
    behind_header,
    behind_pixels,
    chunk,
    file_of,
    header,
    without_end,
)
from tests.support.corpus.samples import (
    ANY_PICTURE,
    CUT_OFF,
    DAMAGED,
    TAKEN,
    UNCHANGED,
    Either,
    Sample,
    Shown,
    Taken,
)

_BLUE_FIRST = (BLUE, GREEN, RED, (200, 240, 245))
_TEXT = b'{"nodes": [' + b'{"type": "KSampler"}, ' * 68_000 + b"]}"


def _text(kind: bytes, key: bytes, words: bytes) -> bytes:
    match kind:
        case b"tEXt":
            return chunk(kind, key + b"\0" + words)
        case b"zTXt":
            return chunk(kind, key + b"\0\0" + zlib.compress(words))
    return chunk(kind, key + b"\0\1\0\0\0" + zlib.compress(words))


def _texts(count: int, kind: bytes, words: bytes) -> bytes:
    return behind_header(*(_text(kind, f"key{index}".encode(), words) for index in range(count)))


TEXTS = (
    Sample("text-of-1.5-MB.png", lambda: behind_header(_text(b"tEXt", b"workflow", _TEXT)), UNCHANGED),
    Sample("text-of-1.5-MB-compressed.png", lambda: behind_header(_text(b"zTXt", b"workflow", _TEXT)), UNCHANGED),
    Sample("text-of-1.5-MB-international.png", lambda: behind_header(_text(b"iTXt", b"workflow", _TEXT)), UNCHANGED),
    Sample(
        "text-of-1.5-MB-behind-the-pixels.png", lambda: behind_pixels(_text(b"iTXt", b"workflow", _TEXT)), UNCHANGED
    ),
    Sample("text-behind-the-pixels.png", lambda: behind_pixels(_text(b"tEXt", b"prompt", b"a fox")), UNCHANGED),
    Sample("texts-200.png", lambda: _texts(200, b"tEXt", b"v" * 500), UNCHANGED),
    Sample("texts-200-compressed-of-50-kB.png", lambda: _texts(200, b"zTXt", b"v" * 50_000), UNCHANGED),
    Sample("texts-70-of-1-MB.png", lambda: _texts(70, b"zTXt", bytes(1_000_000)), UNCHANGED),
    Sample("text-bomb-of-70-MB.png", lambda: behind_header(chunk(b"zTXt", b"a\0\0" + zeros(70 << 20))), UNCHANGED),
    Sample("text-bomb-of-1-GB.png", lambda: behind_header(chunk(b"zTXt", b"a\0\0" + zeros(1 << 30))), UNCHANGED),
    Sample(
        "text-bomb-international.png",
        lambda: behind_header(chunk(b"iTXt", b"a\0\1\0\0\0" + zeros(300 << 20))),
        UNCHANGED,
    ),
    Sample("text-of-rubbish.png", lambda: behind_header(chunk(b"zTXt", b"bad\0\0not zlib at all")), UNCHANGED),
    Sample("text-without-end.png", lambda: behind_header(chunk(b"tEXt", b"no end of the key")), UNCHANGED),
    Sample("profile-of-1.2-MB.png", lambda: behind_header(_profile(profiles.grown(1_200_000))), TAKEN),
    Sample("profile-bomb.png", lambda: behind_header(chunk(b"iCCP", b"a\0\0" + zeros(300 << 20))), TAKEN),
    Sample("profile-of-rubbish.png", lambda: behind_header(chunk(b"iCCP", b"bad\0\0not zlib at all")), TAKEN),
    Sample("profile.png", lambda: behind_header(_profile(profiles.srgb())), UNCHANGED),
    Sample(
        "profile-swaps-red-and-blue.png",
        lambda: behind_header(_profile(profiles.swapped())),
        Taken(corners=_BLUE_FIRST),
    ),
    Sample("profile-of-print-colours.png", lambda: behind_header(_profile(profiles.cmyk())), TAKEN),
)


def _profile(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"profile\0\0" + zlib.compress(profile))


def _pixels(data: bytes, *before: bytes) -> bytes:
    return file_of(header(400, 300), *before, chunk(b"IDAT", data))


def _bad_sum(kind: bytes, data: bytes = b"a\0b") -> bytes:
    return chunk(kind, data)[:-4] + bytes(4)


def _stream() -> bytes:
    """Returns the pixels of the photo as it is written here: one IDAT."""
    return zlib.compress(b"".join(b"\0" + row.tobytes() for row in samples_of(photo())))


def _many_pieces() -> bytes:
    stream = _stream()
    return file_of(header(400, 300), *(chunk(b"IDAT", stream[at : at + 1]) for at in range(len(stream))))


def _iphone() -> bytes:
    """Returns the variant of Apple's build tools: no header of the compressed stream, blue first."""
    rows = b"".join(b"\0" + row.tobytes() for row in samples_of(photo(mode="RGBA"))[..., [2, 1, 0, 3]])
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = compressor.compress(rows) + compressor.flush()
    return file_of(chunk(b"CgBI", b"P\0 \6"), header(400, 300, 8, RGBA), chunk(b"IDAT", data))


STRUCTURES = (
    Sample("plain.png", png, UNCHANGED, Shown(unchanged=True)),
    Sample("pixels-in-pieces-of-one-byte.png", _many_pieces, UNCHANGED),
    Sample("pixels-behind-an-empty-piece.png", lambda: _pixels(_stream(), chunk(b"IDAT")), UNCHANGED),
    Sample("pixels-too-many.png", lambda: _pixels(zlib.compress(bytes(500_000))), Taken(corners=None)),
    Sample("bad-sum-of-a-text.png", lambda: behind_header(_bad_sum(b"tEXt")), UNCHANGED),
    Sample("bad-sum-of-a-text-behind-the-pixels.png", lambda: behind_pixels(_bad_sum(b"tEXt")), UNCHANGED),
    Sample("bad-sum-of-a-private-chunk.png", lambda: behind_header(_bad_sum(b"prVt")), UNCHANGED),
    Sample("bad-sum-of-gamma.png", lambda: behind_header(_bad_sum(b"gAMA", bytes(4))), TAKEN),
    Sample("bad-sum-of-the-pixels.png", lambda: _pixels(_stream())[:-16] + bytes(4) + chunk(b"IEND"), DAMAGED),
    Sample("bad-sum-of-the-header.png", lambda: png()[:29] + bytes(4) + png()[33:], DAMAGED),
    Sample("behind-zeros.png", lambda: png() + bytes(100_000), UNCHANGED),
    Sample("behind-rubbish.png", lambda: png() + rubbish(100_000), UNCHANGED),
    Sample("behind-film.png", lambda: png() + b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(5000), UNCHANGED),
    Sample("behind-another.png", lambda: png() + png((1200, 900)), UNCHANGED),
    Sample(
        "gamma-and-whites-of-zero.png",
        lambda: behind_header(chunk(b"gAMA", bytes(4)), chunk(b"cHRM", bytes(32))),
        TAKEN,
    ),
    Sample(
        "unknown-chunks.png",
        lambda: behind_header(chunk(b"prVW", rubbish(2000)), chunk(b"caBX", rubbish(50_000))),
        UNCHANGED,
    ),
    Sample("unknown-critical-chunk.png", lambda: behind_header(chunk(b"CRIT", b"x")), Either(TAKEN)),
    Sample("chunk-of-4-GB.png", lambda: behind_header(b"\xff\xff\xff\xfftEXt"), DAMAGED),
    Sample("chunks-100000.png", lambda: behind_header(chunk(b"tEXt", b"a\0") * 100_000), UNCHANGED),
    Sample("iphone.png", _iphone, Either(Taken(tolerance=20))),
    Sample("no-end.png", without_end, CUT_OFF),
    Sample("half-an-end.png", lambda: png()[:-6], CUT_OFF),
    Sample("end-with-bad-sum.png", lambda: png()[:-4] + bytes(4), Either(UNCHANGED, DAMAGED)),
    Sample("no-pixels.png", lambda: file_of(header(400, 300)), DAMAGED),
    Sample("no-header.png", lambda: file_of(chunk(b"IDAT", _stream())), DAMAGED),
    Sample(
        "no-palette.png",
        lambda: file_of(header(400, 300, 8, PALETTE), chunk(b"IDAT", zlib.compress(bytes(401 * 300)))),
        Either(ANY_PICTURE, DAMAGED),
    ),
    Sample("no-width.png", lambda: file_of(header(0, 300), chunk(b"IDAT", zlib.compress(b""))), Either(ANY_PICTURE)),
    Sample("depth-of-3.png", lambda: file_of(header(400, 300, 3), chunk(b"IDAT", _stream())), DAMAGED),
    Sample("colour-of-5.png", lambda: file_of(header(400, 300, 8, 5), chunk(b"IDAT", _stream())), DAMAGED),
    Sample(
        "filter-of-9.png", lambda: _pixels(zlib.compress(b"\x09" + bytes(120 * 10) * 301)), Either(ANY_PICTURE, DAMAGED)
    ),
    Sample("pixels-cut.png", lambda: _pixels(_stream()[: len(_stream()) // 2]), DAMAGED),
    Sample("pixels-too-few.png", lambda: _pixels(zlib.compress(bytes(1201 * 100))), DAMAGED),
    Sample("pixels-no-sum.png", lambda: _pixels(_stream()[:-4]), Either(UNCHANGED, DAMAGED)),
    Sample("pixels-of-rubbish.png", lambda: _pixels(rubbish(5000)), DAMAGED),
    Sample("only-the-start.png", lambda: SIGNATURE, DAMAGED),
    *(
        Sample(f"cut-at-{percent}-percent.png", lambda percent=percent: _cut(percent / 100), CUT_OFF)
        for percent in (20, 50, 95)
    ),
)


def _cut(part: float) -> bytes:
    source = encoded(noise((200, 150)), "PNG")
    return source[: int(len(source) * part)]


SAMPLES = TEXTS + STRUCTURES
