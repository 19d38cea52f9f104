"""AVIF and HEIC, which are taken and sent as JPEG or PNG."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from tests.support.corpus import exif, profiles
from tests.support.corpus.drawing import BLUE, GREEN, RED, cutout, encoded, mirrored, photo, rubbish
from tests.support.corpus.heif import EXIF_HEAD, Heif, Item, auxiliary, encoded_heic, of_tiles, rotated, tile
from tests.support.corpus.heif import mirrored as flipped
from tests.support.corpus.isobmff import box, file_type, film
from tests.support.corpus.samples import TAKEN, Delivered, Linked, Sample, Taken, refused, turned

if TYPE_CHECKING:
    from PIL import Image

_BLUE_FIRST = Taken(corners=(BLUE, GREEN, RED, (200, 240, 245)))
_TILED = (1024, 512)  # four tiles by two
_GREY = (128, 128, 128)
_CUT = refused("heic|heif|avif", "cut off|damaged")
_TIMES = re.compile(rb"((?:mvhd|tkhd|mdhd)\x01.{3}).{16}", re.DOTALL)  # when it was written, and changed
_DEPTH = b"urn:mpeg:hevc:2015:auxid:2"


def _avif(image: Image.Image | None = None, **options: object) -> bytes:
    return encoded(image or photo(), "AVIF", **{"quality": 90, "speed": 9, "max_threads": 1} | options)


def _turned_avif(orientation: int) -> bytes:
    """Pillow writes the turn as AVIF's own properties."""
    return _avif(exif=exif.HEAD + exif.orientation(orientation))


def _avif_exif_of_rubbish() -> bytes:
    block = exif.block(1)
    return _avif(exif=exif.HEAD + block).replace(block, b"rubbish!" * (len(block) // 8) + bytes(len(block) % 8))


def _brand(source: bytes, brand: bytes) -> bytes:
    return source[:8] + brand + source[12:]


def _animated_avif() -> bytes:
    animated = _avif(save_all=True, append_images=[mirrored()] * 2, duration=100)
    return _TIMES.sub(lambda found: found[1] + bytes(16), animated)


AVIFS = (
    Sample("still.avif", _avif, TAKEN),
    Sample("still-4-4-4.avif", lambda: _avif(subsampling="4:4:4"), TAKEN),
    Sample("lossless.avif", lambda: _avif(quality=100, subsampling="4:4:4"), TAKEN),
    Sample("grey.avif", lambda: _avif(photo(mode="L"), subsampling="4:0:0"), Taken(corners=None)),
    Sample("alpha.avif", lambda: _avif(cutout()), Taken(alpha=True)),
    Sample("animated.avif", _animated_avif, TAKEN),
    *(Sample(f"turned-{value}.avif", lambda value=value: _turned_avif(value), turned(value)) for value in range(2, 9)),
    Sample("profile.avif", lambda: _avif(icc_profile=profiles.srgb()), TAKEN),
    Sample("profile-swaps-red-and-blue.avif", lambda: _avif(icc_profile=profiles.swapped()), _BLUE_FIRST),
    Sample(
        "position.avif", lambda: _avif(exif=exif.HEAD + exif.block(1)), TAKEN, secrets=(*exif.POSITION, *exif.OWNER)
    ),
    Sample("position-in-xmp.avif", lambda: _avif(xmp=exif.xmp_with_position()), TAKEN, secrets=exif.POSITION),
    Sample("exif-of-rubbish.avif", _avif_exif_of_rubbish, TAKEN),
    Sample("brand-mif1.avif", lambda: _brand(_avif(), b"mif1"), TAKEN),
    Sample("behind-zeros.avif", lambda: _avif() + bytes(5000), TAKEN),
    Sample("behind-film.avif", lambda: _avif() + box(b"mpvd", film(bytes(5000))), TAKEN),
    Sample("avif-named.jpg", _avif, TAKEN),
    Sample("cut.avif", lambda: _avif()[:-100], _CUT, Delivered()),
    Sample("head-alone.avif", lambda: _avif()[:60], _CUT, Delivered()),
    Sample("rubbish.avif", lambda: file_type(b"avif", b"mif1") + rubbish(4000), _CUT, Delivered()),
)


def _heic(image: Image.Image | None = None, **options: object) -> bytes:
    return encoded_heic(image or photo(), **{"quality": 80} | options)


def _several_heic() -> bytes:
    """Returns a burst, the second of whose pictures is its primary one."""
    return encoded_heic(mirrored(), photo((600, 450)), quality=80, primary_index=1)


def _iphone(orientation: int = 6) -> Heif:
    """Returns what an iPhone writes: tiles, a turn both as property and in EXIF, depth, a thumbnail, EXIF and XMP."""
    heif = of_tiles(4, 2, rotated({6: 3, 3: 2, 8: 1, 1: 0}[orientation]))
    grey = tile(_GREY)
    heif.add(Item(b"hvc1", grey.data, (*grey.properties, auxiliary(_DEPTH)), (b"auxl", [1])))
    heif.add(Item(b"hvc1", grey.data, grey.properties, (b"thmb", [1])))
    heif.add(Item(b"Exif", EXIF_HEAD + exif.block(orientation, note=exif.maker_note(20_000)), (), (b"cdsc", [1])))
    heif.add(Item(b"mime", exif.xmp_with_position(), (), (b"cdsc", [1]), b"application/rdf+xml\0"))
    return heif


def _gigapixels() -> bytes:
    """Returns a picture that says it has four gigapixels."""
    heif = of_tiles(2, 2)
    source = heif.written()
    said, more = struct.pack(">II", 512, 512), struct.pack(">II", 65_535, 65_535)
    return source.replace(said, more)


def _sequence() -> bytes:
    """Returns a HEIC that is a film of several pictures and holds no still one."""
    return file_type(b"hevc", b"msf1", b"hevc") + box(b"moov", box(b"mvhd", bytes(100))) + box(b"mdat", bytes(3000))


def _exif_of_rubbish() -> bytes:
    heif = of_tiles(4, 2)
    heif.add(Item(b"Exif", b"\xff\xff\xff\xffrubbish" * 9, (), (b"cdsc", [1])))
    return heif.written()


def _exif_alone(orientation: int) -> bytes:
    heif = of_tiles(4, 2)
    heif.add(Item(b"Exif", EXIF_HEAD + exif.orientation(orientation), (), (b"cdsc", [1])))
    return heif.written()


def _with_profile() -> Image.Image:
    image = photo().copy()
    image.info["icc_profile"] = profiles.swapped()
    return image


HEICS = (
    Sample("still.heic", _heic, TAKEN),
    Sample("still.heif", lambda: _brand(_heic(), b"mif1"), TAKEN),
    Sample("grey.heic", lambda: _heic(photo(mode="L")), Taken(corners=None)),
    Sample("alpha.heic", lambda: _heic(cutout()), Taken(alpha=True)),
    Sample("odd-sides.heic", lambda: _heic(photo((401, 301))), Taken(sides=(401, 301))),
    Sample("several-second-is-primary.heic", _several_heic, Taken(sides=(600, 450))),
    Sample("tiles.heic", lambda: of_tiles(4, 2).written(), Taken(sides=_TILED)),
    Sample("tiles-mirrored.heic", lambda: of_tiles(4, 2, flipped()).written(), turned(2, sides=_TILED)),
    *(
        Sample(
            f"IMG_turned_{value}.HEIC",
            lambda value=value: _iphone(value).written(),
            turned(value, sides=_TILED),
            secrets=(*exif.POSITION, *exif.OWNER),
        )
        for value in (1, 3, 6, 8)
    ),
    Sample("brand-heix.heic", lambda: _iphone().written(b"heix"), turned(6, sides=_TILED)),
    Sample("brand-mif1.heic", lambda: _iphone().written(b"mif1"), turned(6, sides=_TILED)),
    Sample("brand-msf1.heic", lambda: _iphone().written(b"msf1"), turned(6, sides=_TILED)),
    Sample("turned-in-exif-alone.heic", lambda: _exif_alone(6), Taken(corners=None, sides=None)),  # viewers differ
    Sample("exif-of-rubbish.heic", _exif_of_rubbish, Taken(sides=_TILED)),
    Sample("profile-swaps-red-and-blue.heic", lambda: _heic(_with_profile()), _BLUE_FIRST),
    Sample(
        "position.heic", lambda: _heic(exif=exif.HEAD + exif.block(1)), TAKEN, secrets=(*exif.POSITION, *exif.OWNER)
    ),
    Sample(
        "motion-photo.heic", lambda: _iphone().written() + box(b"mpvd", film(rubbish(5000))), turned(6, sides=_TILED)
    ),
    Sample("behind-zeros.heic", lambda: _heic() + bytes(5000), TAKEN),
    Sample("heic-named.jpg", _heic, TAKEN),
    Sample("IMG_of_36_megapixels.HEIC", lambda: of_tiles(26, 20, rotated(3)).written(), turned(6, sides=(6656, 5120))),
    Sample("IMG_of_50_megapixels.HEIC", lambda: of_tiles(32, 24).written(), Taken(sides=None, least_pixels=12_000_000)),
    Sample("gigapixels.heic", _gigapixels, refused("65535x65535|damaged|cut off"), Delivered()),
    Sample("cut.heic", lambda: _heic()[:-100], _CUT, Delivered()),
    Sample("cut-tiles.heic", lambda: of_tiles(4, 2).written()[:-200], _CUT, Delivered()),
    Sample("head-alone.heic", lambda: _heic()[:60], _CUT, Delivered()),
    Sample("rubbish.heic", lambda: file_type(b"heic", b"mif1", b"heic") + rubbish(4000), _CUT, Delivered()),
    Sample("sequence.heics", _sequence, refused("heic|heif|video"), Linked()),
)


SAMPLES = AVIFS + HEICS
