"""BMP and TIFF."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tests.support.corpus import bmp_writer as bmp
from tests.support.corpus import exif, profiles
from tests.support.corpus.deflate import zeros
from tests.support.corpus.drawing import BLUE, GREEN, RED, SIDES, cutout, encoded, mirrored, photo, rubbish, samples_of
from tests.support.corpus.png_parts import quadrants
from tests.support.corpus.samples import (
    ANY_PICTURE,
    CUT_OFF,
    DAMAGED,
    TAKEN,
    Delivered,
    Either,
    Sample,
    Taken,
    refused,
    turned,
)
from tests.support.corpus.tiff_writer import Blobs, Directories, Directory, long, picture, short, text, tiff, undefined

_BINARY = ((0,) * 3, (255,) * 3, (0,) * 3, (255,) * 3)
_GREYS = ((87,) * 3, (124,) * 3, (51,) * 3, (238,) * 3)
_GREY = Taken(corners=_GREYS, tolerance=20)


def _binary() -> Image.Image:
    return photo(mode="L").point(lambda level: 255 * (level > 100)).convert("1", dither=0)


def _bmp(mode: str) -> bytes:
    return encoded(photo(mode=mode) if mode != "P" else photo().quantize(8), "BMP")


def _alpha_of_zero() -> np.ndarray:
    """The fourth byte means nothing in most BMPs."""
    levels = samples_of(photo(mode="RGBA")).copy()
    levels[..., 3] = 0
    return levels


BMPS = (
    Sample("24-bit.bmp", lambda: _bmp("RGB"), TAKEN),
    Sample("8-bit.bmp", lambda: _bmp("P"), TAKEN),
    Sample("grey.bmp", lambda: _bmp("L"), Taken(corners=None)),
    Sample("1-bit.bmp", lambda: encoded(_binary(), "BMP"), Taken(corners=_BINARY)),
    Sample("565.bmp", lambda: bmp.of_words(bmp.RGB565), TAKEN),
    Sample("555.bmp", lambda: bmp.of_words(bmp.RGB555), TAKEN),
    Sample("32-bit.bmp", lambda: bmp.of_four_bytes(samples_of(photo(mode="RGBA"))), TAKEN),
    Sample("32-bit-fourth-byte-0.bmp", lambda: bmp.of_four_bytes(_alpha_of_zero()), TAKEN),
    Sample("v4-alpha.bmp", lambda: bmp.of_four_bytes(samples_of(cutout()), version=4), Taken(alpha=True)),
    Sample("v5-alpha.bmp", lambda: bmp.of_four_bytes(samples_of(cutout()), version=5), Taken(alpha=True)),
    Sample("from-above.bmp", bmp.from_above, TAKEN),
    Sample("of-os2.bmp", bmp.of_os2, TAKEN),
    Sample("run-lengths.bmp", bmp.run_lengths, TAKEN),
    Sample(
        "run-lengths-of-a-gigapixel.bmp",
        lambda: bmp.run_length_bomb(32_000, 32_000),
        refused("32000x32000"),
        Delivered(),
    ),
    Sample("behind-rubbish.bmp", lambda: _bmp("RGB") + rubbish(5000), TAKEN),
    Sample("cut.bmp", lambda: _bmp("RGB")[:100_000], CUT_OFF, Delivered()),
    Sample("head-alone.bmp", lambda: _bmp("RGB")[:54], CUT_OFF, Delivered()),
    Sample("no-header.bmp", lambda: b"BM" + bytes(200), DAMAGED, Delivered()),
    Sample(
        "words-that-start-with-BM.txt",
        lambda: b"BMW sells cars, and this is a text about them.\n" * 9,
        refused(),
        Delivered(),
    ),
)


def _tiff(mode: str = "RGB", **options: object) -> bytes:
    return encoded(photo(mode=mode), "TIFF", **options)


def _levels(*, wide: bool = False, alpha: bool = False) -> np.ndarray:
    levels = samples_of(cutout() if alpha else photo())
    return levels.astype(np.uint16) * 257 if wide else levels


def _grey(bits: int) -> np.ndarray:
    levels = quadrants([[87], [124], [51], [238]])
    return levels / np.float32(255) if bits == 32 else levels * 257


def _tiled(side: int = 128) -> bytes:
    levels = np.pad(samples_of(photo()), ((0, -300 % side), (0, -400 % side), (0, 0)))
    tiles = [levels[y : y + side, x : x + side].tobytes() for y in range(0, 300, side) for x in range(0, 400, side)]
    fields = {322: short(side), 323: short(side), 324: Blobs(tiles), 325: long(*map(len, tiles))}
    directory = {tag: value for tag, value in picture(samples_of(photo())).items() if tag not in {273, 278, 279}}
    return tiff(directory | fields)


def _pages(*levels: np.ndarray) -> bytes:
    return tiff(*map(picture, levels))


def _pyramid() -> Directory:
    """A picture with smaller versions of itself below it, as scanners and Photoshop write it."""
    smaller = picture(samples_of(photo((200, 150))), t254=long(1))
    return picture(_levels(), t330=Directories([smaller]), t305=text("Adobe Photoshop 25.0"))


def _bomb() -> bytes:
    stream = zeros(40_000 * 30_000)
    return tiff(_flat(40_000, 30_000, stream, 8))


def _flat(width: int, height: int, stream: bytes, compression: int) -> Directory:
    return {
        256: long(width), 257: long(height), 258: short(8), 259: short(compression), 262: short(1),
        273: Blobs([stream]), 277: short(1), 278: long(height), 279: long(len(stream)),
    }  # fmt: skip


def _deep(**options: object) -> bytes:
    return tiff(picture(_levels(wide=True), 16, **options), order=str(options.get("order", "<")))


COLOURS_OF_TIFF = (
    Sample("plain.tif", _tiff, TAKEN),
    Sample("big-endian.tif", lambda: tiff(picture(_levels(), order=">"), order=">"), TAKEN),
    Sample("rgb-16.tif", _deep, TAKEN),
    Sample("rgb-16-big-endian.tif", lambda: _deep(order=">"), TAKEN),
    Sample("rgb-16-planar.tif", lambda: _deep(planar=True), Either(TAKEN)),
    Sample(
        "rgb-float.tif",
        lambda: tiff(picture(_levels() / np.float32(255), 32, t339=short(3, 3, 3))),
        Either(ANY_PICTURE),
    ),
    Sample("rgb-planar.tif", lambda: tiff(picture(_levels(), planar=True)), TAKEN),
    Sample("rgba.tif", lambda: tiff(picture(_levels(alpha=True), t338=short(2))), Taken(alpha=True)),
    Sample("rgba-premultiplied.tif", lambda: tiff(picture(_levels(alpha=True), t338=short(1))), Taken(alpha=True)),
    Sample("rgba-16.tif", lambda: tiff(picture(_levels(wide=True, alpha=True), 16, t338=short(2))), Taken(alpha=True)),
    Sample("rgb-and-something.tif", lambda: tiff(picture(samples_of(photo(mode="RGBA")), t338=short(0))), TAKEN),
    Sample("grey-16.tif", lambda: tiff(picture(_grey(16), 16)), _GREY),
    Sample("grey-float.tif", lambda: tiff(picture(_grey(32), 32, t339=short(3))), Taken(corners=None)),
    Sample(
        "white-is-zero.tif",
        lambda: tiff(picture(samples_of(photo(mode="L").point(lambda level: 255 - level)), t262=short(0))),
        Taken(corners=((87,) * 3, (124,) * 3, (52,) * 3, (239,) * 3), tolerance=20),
    ),
    Sample("palette.tif", lambda: encoded(photo().quantize(8), "TIFF"), TAKEN),
    Sample("1-bit-fax.tif", lambda: encoded(_binary(), "TIFF", compression="group4"), Taken(corners=_BINARY)),
    Sample("cmyk.tif", lambda: _tiff("CMYK"), Taken(tolerance=80)),
    Sample("lab.tif", lambda: encoded(Image.new("LAB", SIDES, (128, 128, 128)), "TIFF"), Either(Taken(corners=None))),
    Sample(
        "profile-swaps-red-and-blue.tif",
        lambda: _tiff(icc_profile=profiles.swapped()),
        Taken(corners=(BLUE, GREEN, RED, (200, 240, 245))),
    ),
)


def _circular() -> bytes:
    source = bytearray(tiff(picture(_levels())))
    source[-4:] = source[4:8]
    return bytes(source)


STRUCTURES = (
    *(
        Sample(f"{name}.tif", lambda name=name: _tiff(compression=f"tiff_{name}"), TAKEN)
        for name in ("lzw", "adobe_deflate")
    ),
    Sample("packbits.tif", lambda: _tiff(compression="packbits"), TAKEN),
    Sample("zstd.tif", lambda: _tiff(compression="zstd"), Either(TAKEN)),
    Sample("jpeg-inside.tif", lambda: _tiff(compression="jpeg", quality=95), TAKEN),
    Sample("big.tif", lambda: _tiff(big_tiff=True), TAKEN),
    Sample("tiled.tif", _tiled, TAKEN),
    Sample("pages.tif", lambda: _pages(_levels(), samples_of(mirrored())), TAKEN),
    Sample("pages-smaller-second.tif", lambda: _pages(_levels(), samples_of(photo((200, 150)))), TAKEN),
    Sample("pyramid.tif", lambda: tiff(_pyramid()), TAKEN),
    *(
        Sample(
            f"orientation-{value}.tif", lambda value=value: tiff(picture(_levels(), t274=short(value))), turned(value)
        )
        for value in range(2, 9)
    ),
    Sample("orientation-0.tif", lambda: tiff(picture(_levels(), t274=short(0))), TAKEN),
    Sample("orientation-as-text.tif", lambda: tiff(picture(_levels(), t274=text("Top"))), TAKEN),
    Sample("unknown-fields.tif", lambda: tiff(picture(_levels(), t65000=undefined(bytes(range(50))))), TAKEN),
    Sample(
        "position.tif", lambda: tiff(picture(_levels(), t34853=Directories([exif.gps()]))), TAKEN, secrets=exif.POSITION
    ),
    Sample(
        "position-in-xmp.tif",
        lambda: tiff(picture(_levels(), t700=undefined(exif.xmp_with_position()))),
        TAKEN,
        secrets=exif.POSITION,
    ),
    Sample(
        "owner.tif",
        lambda: tiff(picture(_levels(), t315=text("Ada Example"), t33723=undefined(b"Ada Example"))),
        TAKEN,
        secrets=exif.OWNER,
    ),
    Sample("behind-rubbish.tif", lambda: tiff(picture(_levels())) + rubbish(5000), TAKEN),
    Sample("cut.tif", lambda: _tiff()[:200_000], CUT_OFF, Delivered()),
    Sample("cut-before-the-directory.tif", lambda: tiff(picture(_levels()))[:200_000], DAMAGED, Delivered()),
    Sample("head-alone.tif", lambda: b"II*\0\x08\0\0\0", DAMAGED, Delivered()),
    Sample("directory-follows-itself.tif", _circular, TAKEN, Delivered()),
    Sample("bomb-of-1-GB.tif", _bomb, refused("40000x30000"), Delivered()),
)


SAMPLES = BMPS + COLOURS_OF_TIFF + STRUCTURES
