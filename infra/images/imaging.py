"""Inspects picture files and makes smaller or simpler versions of them. Pure; everything but `inspect` needs a thread.

A cut-out keeps its transparency: it is sent as PNG, and one that must shrink becomes WebP.
"""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

# Importing WebP and TIFF registers them. Otherwise the first such picture makes Pillow load all its formats.
from PIL import Image, ImageCms, ImageFile, ImageOps, TiffImagePlugin, WebPImagePlugin

from seedream.image_formats import format_of
from seedream.phrases import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_PIXELS = 8192 * 8192  # 256 MiB once decoded

# Pillow warns at one limit and raises at another. `_opened` checks the size before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

_OPENED = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "bmp": "BMP"} | {
    "webp": WebPImagePlugin.WebPImageFile.format,
    "tiff": TiffImagePlugin.TiffImageFile.format,
}
_TAIL_BYTES = 1 << 16  # where a picture's end mark must be; some cameras append data after it
_ENDS = {"jpeg": b"\xff\xd9", "png": b"IEND\xaeB`\x82"}

_SCAN, _MAX_SCANS = b"\xff\xda", 100

_OPAQUE = {"RGB", "L"}
_PLAIN = {*_OPAQUE, "RGBA"}
_WITH_ALPHA = {"RGBA", "LA", "PA", "La", "RGBa"}
_ROTATED = range(2, 9)  # EXIF orientations other than upright
_PROFILES = {"RGB": b"RGB ", "RGBA": b"RGB ", "L": b"GRAY"}

_QUALITIES = (95, 90, 82, 72)
_FULL_COLOUR = 90  # no chroma subsampling from this quality on
_SCALED_QUALITY = 82
_FAR = 3  # times the limit: beyond, only the lowest quality can help
_LONGEST_SIDE = 16_383  # WebP's limit
_SMALLEST_SIDE = 16  # a smaller picture is useless

_OTHERS = (
    (re.compile(rb".{4}ftyp(hei|hev|mif1|msf1)", re.DOTALL), Phrase("a HEIC photo")),
    (re.compile(rb".{4}ftypavi", re.DOTALL), Phrase("an AVIF picture")),
    (re.compile(rb".{4}ftyp", re.DOTALL), Phrase("a video")),
    (re.compile(rb"\xff\x0a|\0\0\0\x0cJXL "), Phrase("a JPEG XL picture")),
    (re.compile(rb"%PDF"), Phrase("a PDF")),
    (re.compile(rb"8BPS"), Phrase("a Photoshop file")),
    (re.compile(rb"\s*(<\?xml.*)?<svg", re.DOTALL), Phrase("an SVG drawing")),
    (re.compile(rb"\s*<(!doctype )?html", re.IGNORECASE), Phrase("a web page")),
    (re.compile(rb"[\t\n\r -~]{16}"), Phrase("a text file")),
)


class NotAPictureError(Exception):
    """A file that can't be used as a picture; the text says what it is."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Header(NamedTuple):
    """`format`: jpeg, png, webp, gif, bmp or tiff. Sides in pixels, as stored: before rotation."""

    format: str
    width: int
    height: int


def inspect(source: bytes | Path) -> Header:
    """Read format and size, and check that the file is complete, without decoding it. Raises: NotAPictureError."""
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        form, image = _opened(file)
        header = Header(form, *image.size)
        # A JPEG's thumbnail has an end mark too, in the part before the pixels, which Pillow has read.
        if (end := _ENDS.get(form)) is not None and end not in _tail(file, after=file.tell()):
            raise NotAPictureError(Phrase("a {format} picture that is incomplete", format=form.upper()))
    return header


def shrink(source: bytes, limit: int) -> tuple[bytes, str] | None:
    """Returns the picture in at most `limit` bytes, as large and as good as fits, and its format; None if nothing fits.

    Raises: NotAPictureError.
    """
    image = _plain(_decoded(source))
    return _fitted(image, "jpeg" if image.mode in _OPAQUE else "webp", limit)


def acceptable(
    source: bytes, *, formats: frozenset[str], max_bytes: int, max_pixels: int, alpha: bool = False
) -> tuple[bytes, str]:
    """Returns the picture as the service accepts it, and its format.

    That is unchanged if possible, otherwise upright, one frame, 8 bits per channel and small enough. `formats`: jpeg
    and png at least; png is enough with `alpha`, which adds an alpha channel, even if opaque. Raises: NotAPictureError.
    """
    header = inspect(source)
    fits = len(source) <= max_bytes and header.width * header.height <= max_pixels
    if fits and header.format in formats and _is_plain(source, alpha=alpha):
        if header.format not in _ENDS:
            _decoded(source)  # the only way to know that it is complete
        return source, header.format
    image = _plain(_decoded(source), alpha=alpha)
    if (pixels := image.width * image.height) > max_pixels:
        image = _scaled(image, (max_pixels / pixels) ** 0.5)
    for form in ("jpeg",) if image.mode in _OPAQUE else ("png", "webp"):
        if form in formats and (fitted := _fitted(image, form, max_bytes)):
            return fitted
    raise NotAPictureError(Phrase("a picture that can't be made small enough"))


def _opened(file: BinaryIO) -> tuple[str, ImageFile.ImageFile]:
    head = file.read(512)
    file.seek(0)
    form = format_of(head[:12])
    if form is None:
        raise NotAPictureError(_what_it_is(head))
    with _damage_as_not_a_picture(form):
        image = Image.open(file, formats=[_OPENED[form]])
    if image.width * image.height > MAX_PIXELS:
        sides = f"{image.width}x{image.height}"
        raise NotAPictureError(
            Phrase("a picture of {sides}, over the limit of {most} pixels", sides=sides, most=MAX_PIXELS)
        )
    return form, image


@contextmanager
def _damage_as_not_a_picture(form: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # crafted bytes make a decoder raise anything
        what = Phrase("a {format} picture that is damaged or incomplete", format=form.upper())
        raise NotAPictureError(what) from error


def _what_it_is(head: bytes) -> str:
    if not head:
        return Phrase("an empty file")
    return next((name for shape, name in _OTHERS if shape.match(head)), Phrase("not a picture"))


def _tail(file: BinaryIO, *, after: int) -> bytes:
    size = file.seek(0, io.SEEK_END)
    file.seek(min(size, max(after, size - _TAIL_BYTES)))
    return file.read()


def _is_plain(source: bytes, *, alpha: bool) -> bool:
    """Upright, 8 bits per channel, no palette, one frame; with an alpha channel if `alpha`."""
    form, image = _opened(io.BytesIO(source))
    # Pillow decodes a whole PNG to look for EXIF, and few have any.
    has_exif = form != "png" or b"eXIf" in source or "exif" in image.info or "Raw profile type exif" in image.info
    with _damage_as_not_a_picture(form):
        rotated = has_exif and image.getexif().get(0x0112) in _ROTATED
        # Further frames of a JPEG are previews and depth maps from phones, which decoders skip.
        animated = form != "jpeg" and getattr(image, "is_animated", False)
    deep = any("16" in str(tile.args) for tile in image.tile)
    return image.mode in (_WITH_ALPHA & _PLAIN if alpha else _PLAIN) and not (rotated or animated or deep)


def _decoded(source: bytes) -> Image.Image:
    """The first frame, upright."""
    form, image = _opened(io.BytesIO(source))
    # A scan of a hundred bytes makes the decoder go over all pixels; no camera writes more than two dozen.
    if form == "jpeg" and source.count(_SCAN) > _MAX_SCANS:
        raise NotAPictureError(Phrase("a JPEG picture with more than {most} scans", most=_MAX_SCANS))
    with _damage_as_not_a_picture(form):
        image.load()
        return ImageOps.exif_transpose(image)


def _plain(image: Image.Image, *, alpha: bool = False) -> Image.Image:
    """8 bits per channel, RGB or grey, with an alpha channel if something is transparent or `alpha` is set."""
    profile = image.info.get("icc_profile")
    plain = _without_palette(image)
    if alpha:
        plain = plain.convert("RGBA")
    elif plain.mode == "RGBA" and plain.getchannel("A").getextrema()[0] == 255:  # noqa: PLR2004 - fully opaque
        plain = plain.convert("RGB")
    # A CMYK profile describes the colours before the conversion.
    fits = isinstance(profile, bytes) and profile[16:20] == _PROFILES[plain.mode] and image.mode != "CMYK"
    plain.info = {"icc_profile": profile} if fits else {}
    return plain


def _without_palette(image: Image.Image) -> Image.Image:
    if image.mode in _WITH_ALPHA or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in _OPAQUE:
        return image
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image)
    if image.mode == "CMYK" and (profile := image.info.get("icc_profile")):
        return _by_profile(image, profile)
    return image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Convert grey of 16 bits or more; Pillow's conversion would clip it to white."""
    wide = image if image.mode == "F" else image.convert("I")
    _, high = cast("tuple[float, float]", wide.getextrema())
    top = 65535 if image.mode.startswith("I;16") else next((top for top in (1, 255, 65535) if high <= top), high)
    return wide.point(lambda level: level * (255 / top) + 0).convert("L")


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        target = ImageCms.createProfile("sRGB")
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        converted = None  # the profile doesn't fit: rough colours are better than none
    return converted or image.convert("RGB")


def _fitted(image: Image.Image, form: str, limit: int) -> tuple[bytes, str] | None:
    """Lower the quality first, then the size, until it fits."""
    if (longest := max(image.size)) > _LONGEST_SIDE:
        image = _scaled(image, _LONGEST_SIDE / longest)
    data = b""
    for quality in _QUALITIES if form != "png" else (_SCALED_QUALITY,):
        if len(data) > _FAR * limit and quality != _QUALITIES[-1]:
            continue
        data = _encoded(image, form, quality)
        if len(data) <= limit:
            return data, form
    scale = 1.0
    while min(image.size) * scale > _SMALLEST_SIDE:
        # Bytes are about proportional to the area. Shrinking by at least a tenth makes sure that this ends.
        scale *= min(0.9, (limit / len(data)) ** 0.5)
        data = _encoded(_scaled(image, scale), form, _SCALED_QUALITY)
        if len(data) <= limit:
            return data, form
    return None


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    width, height = (max(1, int(side * scale)) for side in image.size)
    smaller = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    smaller.info = image.info
    return smaller


def _encoded(image: Image.Image, form: str, quality: int) -> bytes:
    file = io.BytesIO()
    options: dict[str, object] = {"icc_profile": image.info.get("icc_profile")}
    match form:
        case "jpeg":
            options |= {"quality": quality, "subsampling": 0 if quality >= _FULL_COLOUR else 2}
        case "webp":
            options |= {"quality": quality, "method": 2}  # 4, the default, takes twice the time for 3 % less
        case "png":
            options |= {"compress_level": 3}  # 6, the default, takes three times the time for 13 % less
    image.save(file, form, **options)
    return file.getvalue()
