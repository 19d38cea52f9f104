"""Decodes pictures and makes upright, plain, smaller versions of them. Pure; it runs in `infra.images.worker` only.

A cut-out keeps its transparency: it is sent as PNG, and one that must shrink becomes WebP.
"""

from __future__ import annotations

import hashlib
import io
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pi_heif

# Importing these registers them. Otherwise the first such picture makes Pillow load all its formats.
from PIL import AvifImagePlugin, Image, ImageCms, ImageOps, TiffImagePlugin, WebPImagePlugin
from PIL.PngImagePlugin import PngInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The size is known, and was checked, before anything is decoded.
Image.MAX_IMAGE_PIXELS = None
AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # a thread's stack and heap count against the limit of memory
pi_heif.options.DECODE_THREADS = 1
pi_heif.options.THUMBNAILS = False
pi_heif.register_heif_opener()

_OPENED = {
    "jpeg": "JPEG",
    "png": "PNG",
    "gif": "GIF",
    "bmp": "BMP",
    "webp": WebPImagePlugin.WebPImageFile.format,
    "tiff": TiffImagePlugin.TiffImageFile.format,
    "avif": AvifImagePlugin.AvifImageFile.format,
    "heic": "HEIF",
}
_TURNS_ITSELF = {"avif", "heic"}  # the decoder knows which way up these are
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_OPAQUE = {"RGB", "L"}
_WITH_ALPHA = {"RGBA", "LA", "PA", "La", "RGBa"}
_PROFILES = {"RGB": b"RGB ", "RGBA": b"RGB ", "L": b"GRAY"}

_QUALITIES = (95, 90, 82, 72)
_FULL_COLOUR = 90  # no chroma subsampling from this quality on
_SCALED_QUALITY = 82
_FAR = 3  # times the limit: beyond, only the lowest quality can help
_LONGEST_SIDES = {"webp": 16_383, "jpeg": 65_500}  # pixels that the encoders can write
_SMALLEST_SIDE = 16  # a smaller picture is useless

_JPEG_END = b"\xff\xd9"
_STRIP = 256  # rows
_SEARCH_SECONDS = 5.0
_PADDINGS = (b"", b"\0" * 64, bytes(range(1, 65)), bytes((number * 167 + 13) % 255 for number in range(64)))


class DamagedError(Exception):
    """A picture that the decoder refuses."""


class CutOffError(DamagedError):
    """A picture whose data end too early."""


class TooLargeError(Exception):
    """A picture that can't be made small enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A picture to decode. `format`, `orientation`: see ImageStructure; `reduce`: decode every n-th pixel."""

    content: bytes
    format: str
    orientation: int = 1
    reduce: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a picture must become. `formats`: allowed ones; `alpha`: with an alpha channel, even if opaque.

    `max_ratio`: of the longer side to the shorter one, as the picture has it.
    `lossless`: as PNG if that fits, since JPEG would blur what has few colours.
    """

    formats: Sequence[str]
    max_bytes: int
    max_pixels: int
    max_ratio: int
    alpha: bool = False
    lossless: bool = False


def complete(source: Source) -> tuple[bytes, str]:
    """Return a JPEG that has no end mark with one, otherwise unchanged, and its format.

    It is whole if its pixels stay the same whatever comes behind its data. Raises: DamagedError, MemoryError.
    """
    data = source.content.removesuffix(_JPEG_END)
    for part in dict.fromkeys((data.rstrip(b"\0"), data)):
        one, *others = (_fingerprint(source, part + padding) for padding in _PADDINGS)
        if one is not None and all(one == other for other in others):
            return part[: _end_of_pixels(source, part, one)] + _JPEG_END, source.format
    raise CutOffError


def _end_of_pixels(source: Source, data: bytes, whole: bytes) -> int:
    """Return where the data may be cut without changing the pixels, whose fingerprint is `whole`."""
    until = time.monotonic() + _SEARCH_SECONDS
    too_short, enough, step = 0, len(data), 1
    while enough - too_short > 1 and time.monotonic() < until:
        middle = max(enough - step, (too_short + enough) // 2)
        if _fingerprint(source, data[:middle]) == whole:
            enough, step = middle, step * 2
        else:
            too_short = middle
    return enough


def convert(source: Source, target: Target) -> tuple[bytes, str]:
    """Return the picture as the target wants it, and its format: upright, one frame, 8 bits per channel.

    Raises: DamagedError, TooLargeError, MemoryError.
    """
    image = _plain(_decoded(source), alpha=target.alpha)
    if (pixels := image.width * image.height) > target.max_pixels:
        image = _scaled(image, (target.max_pixels / pixels) ** 0.5, max_ratio=target.max_ratio)
    if target.lossless and image.mode in _OPAQUE and len(exact := _encoded(image, "png", 0)) <= target.max_bytes:
        return exact, "png"
    for form in _forms(image, target):
        if fitted := _fitted(image, form, target.max_bytes, max_ratio=target.max_ratio):
            return fitted
    raise TooLargeError


def shrink(source: Source, limit: int, packet: str) -> tuple[bytes, str]:
    """Return the picture in at most `limit` bytes, as large and as good as fits, and its format.

    `packet`: XMP that is written into it.

    Raises: DamagedError, TooLargeError, MemoryError.
    """
    image = _plain(_decoded(source))
    fitted = _fitted(image, "jpeg" if image.mode in _OPAQUE else "webp", limit, packet)
    if fitted is None:
        raise TooLargeError
    return fitted


# --- decoding ---------------------------------------------------------------------------------------------------------


def _decoded(source: Source) -> Image.Image:
    """Return the first frame, upright. Raises: DamagedError."""
    with _damage_named():
        return _upright(_loaded(source, source.content), source)


@contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except (MemoryError, DamagedError):
        raise
    except Exception as error:  # crafted bytes make a decoder raise anything
        kind = CutOffError if "truncated" in str(error) else DamagedError
        raise kind(str(error)) from error


def _loaded(source: Source, content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content), formats=[_OPENED[source.format]])
    if source.reduce > 1:
        image.draft(None, (image.width // source.reduce, image.height // source.reduce))
    image.load()
    return image


def _fingerprint(source: Source, data: bytes) -> bytes | None:
    """Hash the pixels of a JPEG; None if it can't be decoded."""
    try:
        with _damage_named():
            image = _loaded(source, data + _JPEG_END)
    except DamagedError:
        return None
    pixels = hashlib.blake2b()
    for top in range(0, image.height, _STRIP):
        pixels.update(image.crop((0, top, image.width, min(top + _STRIP, image.height))).tobytes())
    return pixels.digest()


def _upright(image: Image.Image, source: Source) -> Image.Image:
    if source.format in _TURNS_ITSELF:
        with suppress(Exception):  # what can't be read says nothing
            ImageOps.exif_transpose(image, in_place=True)
            return image
    turn = _TURNS.get(source.orientation)
    return image.transpose(turn) if turn is not None else image


# --- colours ----------------------------------------------------------------------------------------------------------


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
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image)
    if image.mode in _WITH_ALPHA or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in _OPAQUE:
        return image
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


# --- sizes ------------------------------------------------------------------------------------------------------------


def _forms(image: Image.Image, target: Target) -> Iterator[str]:
    """Yield the formats to try, the best first."""
    if image.mode in _OPAQUE:
        yield "jpeg"
    else:
        yield from (form for form in ("png", "webp") if form in target.formats)


def _fitted(
    image: Image.Image, form: str, limit: int, packet: str = "", *, max_ratio: int = 0
) -> tuple[bytes, str] | None:
    """Lower the quality first, then the size, until it fits."""
    if (longest := max(image.size)) > (most := _LONGEST_SIDES.get(form, longest)):
        image = _scaled(image, most / longest, max_ratio=max_ratio)
    data = b""
    for quality in _QUALITIES if form != "png" else (_SCALED_QUALITY,):
        if len(data) > _FAR * limit and quality != _QUALITIES[-1]:
            continue
        data = _encoded(image, form, quality, packet)
        if len(data) <= limit:
            return data, form
    scale = 1.0
    while min(image.size) * scale > _SMALLEST_SIDE:
        # Bytes are about proportional to the area. Shrinking by at least a tenth makes sure that this ends.
        scale *= min(0.9, (limit / len(data)) ** 0.5)
        data = _encoded(_scaled(image, scale, max_ratio=max_ratio), form, _SCALED_QUALITY, packet)
        if len(data) <= limit:
            return data, form
    return None


def _scaled(image: Image.Image, scale: float, *, max_ratio: int = 0) -> Image.Image:
    """Scale down, rounded so that a ratio of the sides of at most `max_ratio` stays one."""
    short, long = (max(1, int(side * scale)) for side in sorted(image.size))
    if max(image.size) <= max_ratio * min(image.size):
        long = min(long, max_ratio * short)
    width, height = (long, short) if image.width >= image.height else (short, long)
    smaller = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    smaller.info = image.info
    return smaller


def packet_options(packet: str, form: str) -> dict[str, object]:
    """Return the arguments of Pillow's save that write an XMP packet into a jpeg, png or webp."""
    if form != "png":
        return {"xmp": packet.encode()}
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", packet)
    return {"pnginfo": info}


def _encoded(image: Image.Image, form: str, quality: int, packet: str = "") -> bytes:
    file = io.BytesIO()
    options: dict[str, object] = {"icc_profile": image.info.get("icc_profile")}
    match form:
        case "jpeg":
            options |= {"quality": quality, "subsampling": 0 if quality >= _FULL_COLOUR else 2}
        case "webp":
            options |= {"quality": quality, "method": 2}  # 4, the default, takes twice the time for 3 % less
        case "png":
            options |= {"compress_level": 3}  # 6, the default, takes three times the time for 13 % less
    if packet:
        options |= packet_options(packet, form)
    image.save(file, form, **options)
    return file.getvalue()
