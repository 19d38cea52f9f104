"""What is in a picture file, and smaller or plainer versions of it. Pure; all but `inspect` belongs in a thread."""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

# WebP and TIFF are imported to be registered: otherwise the first of them makes Pillow load every format there is.
from PIL import Image, ImageCms, ImageFile, ImageOps, TiffImagePlugin, WebPImagePlugin

from seedream.phrases import Phrase
from seedream.pictures import format_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_PIXELS = 8192 * 8192  # of what is decoded at all; decoded, it takes 256 MiB

# Pillow warns at one bound and raises at another. Sides are judged here, in `_opened`, before a pixel is decoded.
Image.MAX_IMAGE_PIXELS = None

_OPENED = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "bmp": "BMP"} | {
    "webp": WebPImagePlugin.WebPImageFile.format,
    "tiff": TiffImagePlugin.TiffImageFile.format,
}
_MOST_TAIL = 1 << 16  # bytes from the end in which a picture's end mark must be; some cameras write more after it
_ENDS = {"jpeg": b"\xff\xd9", "png": b"IEND\xaeB`\x82"}

_SCAN, _MOST_SCANS = b"\xff\xda", 100

_OPAQUE = {"RGB", "L"}
_PLAIN = {*_OPAQUE, "RGBA"}
_WITH_ALPHA = {"RGBA", "LA", "PA", "La", "RGBa"}
_TURNED = range(2, 9)  # EXIF's orientations but the upright one
_PROFILES = {"RGB": b"RGB ", "RGBA": b"RGB ", "L": b"GRAY"}

_QUALITIES = (95, 90, 82, 72)
_FULL_COLOUR = 90  # from this quality on, colours are kept as finely as light and dark
_SCALED_QUALITY = 82
_FAR = 3  # times the limit: from there only the lowest quality can lead to it
_LONGEST_SIDE = 16_383  # WebP holds no longer one
_SMALLEST_SIDE = 16  # nobody is served by less

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
    """Bytes that can't be used as a picture; the text says what they are."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Header(NamedTuple):
    """`format`: jpeg, png, webp, gif, bmp or tiff; sides in pixels, as they are stored."""

    format: str
    width: int
    height: int


def inspect(source: bytes | Path) -> Header:
    """Kind and sides by content, and whether it is whole, without decoding a pixel. Raises: NotAPictureError."""
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        form, image = _opened(file)
        header = Header(form, *image.size)
        # The end of a JPEG's thumbnail lies before what Pillow has read, which is all up to the pixels.
        if (end := _ENDS.get(form)) is not None and end not in _tail(file, after=file.tell()):
            raise NotAPictureError(Phrase("a {format} picture that is incomplete", format=form.upper()))
    return header


def shrink(source: bytes, limit: int) -> tuple[bytes, str] | None:
    """The picture in at most `limit` bytes and its new format, as large and as good as fits; None if nothing does.

    Raises: NotAPictureError.
    """
    image = _plain(_decoded(source))
    return _fitted(image, "jpeg" if image.mode in _OPAQUE else "webp", limit)


def acceptable(
    source: bytes, *, formats: frozenset[str], max_bytes: int, max_pixels: int, alpha: bool = False
) -> tuple[bytes, str]:
    """The picture as the service takes it, and its format: untouched where it is so already, else upright, 8 bits a
    channel, one frame, and small enough. `formats` holds jpeg and png at least; png is enough with `alpha`, which
    gives the picture an alpha channel, though nothing of it may be seen through. Raises: NotAPictureError.
    """
    header = inspect(source)
    fits = len(source) <= max_bytes and header.width * header.height <= max_pixels
    if fits and header.format in formats and _is_plain(source, alpha=alpha):
        if header.format not in _ENDS:
            _decoded(source)  # nothing else tells whether it is whole
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
    with _damage_told(form):
        image = Image.open(file, formats=[_OPENED[form]])
    if image.width * image.height > MOST_PIXELS:
        sides = f"{image.width}x{image.height}"
        raise NotAPictureError(
            Phrase("a picture of {sides}, over the limit of {most} pixels", sides=sides, most=MOST_PIXELS)
        )
    return form, image


@contextmanager
def _damage_told(form: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # on bytes that were made to, a decoder raises anything
        what = Phrase("a {format} picture that is damaged or incomplete", format=form.upper())
        raise NotAPictureError(what) from error


def _what_it_is(head: bytes) -> str:
    if not head:
        return Phrase("an empty file")
    return next((name for shape, name in _OTHERS if shape.match(head)), Phrase("not a picture"))


def _tail(file: BinaryIO, *, after: int) -> bytes:
    size = file.seek(0, io.SEEK_END)
    file.seek(min(size, max(after, size - _MOST_TAIL)))
    return file.read()


def _is_plain(source: bytes, *, alpha: bool) -> bool:
    """Upright, 8 bits a channel, no palette, one frame; with an alpha channel where there must be one."""
    form, image = _opened(io.BytesIO(source))
    # Asking a PNG for EXIF decodes it all; few have any.
    has_exif = form != "png" or b"eXIf" in source or "exif" in image.info or "Raw profile type exif" in image.info
    with _damage_told(form):
        turned = has_exif and image.getexif().get(0x0112) in _TURNED
        # A JPEG's further frames are previews and depth maps of phones, which readers skip.
        animated = form != "jpeg" and getattr(image, "is_animated", False)
    deep = any("16" in str(tile.args) for tile in image.tile)
    return image.mode in (_WITH_ALPHA & _PLAIN if alpha else _PLAIN) and not (turned or animated or deep)


def _decoded(source: bytes) -> Image.Image:
    """The first frame, upright."""
    form, image = _opened(io.BytesIO(source))
    # Each scan goes over all pixels again, and needs but a hundred bytes: no camera writes more than a dozen or two.
    if form == "jpeg" and source.count(_SCAN) > _MOST_SCANS:
        raise NotAPictureError(Phrase("a JPEG picture with more than {most} scans", most=_MOST_SCANS))
    with _damage_told(form):
        image.load()
        return ImageOps.exif_transpose(image)


def _plain(image: Image.Image, *, alpha: bool = False) -> Image.Image:
    """8 bits a channel, in RGB or grey, and an alpha channel where something is seen through or one must be there."""
    profile = image.info.get("icc_profile")
    plain = _without_palette(image)
    if alpha:
        plain = plain.convert("RGBA")
    elif plain.mode == "RGBA" and plain.getchannel("A").getextrema()[0] == 255:  # noqa: PLR2004 - opaque all over
        plain = plain.convert("RGB")
    # One for print described the colours before they were converted.
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
    """Grey of 16 bits or more: Pillow's own conversion would clip it to white."""
    wide = image if image.mode == "F" else image.convert("I")
    _, high = cast("tuple[float, float]", wide.getextrema())
    top = 65535 if image.mode.startswith("I;16") else next((top for top in (1, 255, 65535) if high <= top), high)
    return wide.point(lambda level: level * (255 / top) + 0).convert("L")


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        ours = ImageCms.createProfile("sRGB")
        theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, theirs, ours, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        converted = None  # a profile for something else: better rough colours than none
    return converted or image.convert("RGB")


def _fitted(image: Image.Image, form: str, limit: int) -> tuple[bytes, str] | None:
    """First the quality is lowered, then the sides: the first that fits is taken."""
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
        # Bytes go about with the area. The tenth less makes sure that it ends.
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
