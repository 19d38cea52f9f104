"""What is in a picture file, and smaller or plainer versions of it. Pure; Pillow's heavy work belongs in a thread."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError

if TYPE_CHECKING:
    from pathlib import Path

# Pillow's names for what we handle, and ours. MPO is what some cameras call a JPEG.
FORMATS = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "BMP": "bmp", "TIFF": "tiff"}
_OPENED = tuple(FORMATS)
_OPAQUE = {"RGB", "L"}
_OPAQUE_ALPHA = 255

# First the quality is lowered, then the sides; what is small enough first is taken.
_STEPS = ((1.0, 92), (1.0, 85), (1.0, 75), (0.75, 85), (0.5, 85), (0.35, 80), (0.25, 75), (0.12, 70), (0.05, 60))


class NotAPictureError(Exception):
    """The bytes are no picture of a kind that is handled; the text says what they are."""


class Header(NamedTuple):
    format: str
    width: int
    height: int


def read_header(file: Path | io.BytesIO) -> Header:
    """Kind and sides, by content, without decoding a pixel. Raises: NotAPictureError."""
    with _opened(file) as image:
        return Header(FORMATS[image.format or ""], *image.size)


def is_cut_off(tail: bytes, form: str) -> bool:
    """Whether a file that ends in these (at least 64) bytes lacks its end. Only JPEG and PNG say where they end."""
    match form:
        case "jpeg":
            return b"\xff\xd9" not in tail
        case "png":
            return b"IEND" not in tail
        case _:
            return False


def shrink(source: bytes, limit: int) -> tuple[bytes, str] | None:
    """The picture in at most `limit` bytes and its new format, as large and as good as fits; None if nothing does."""
    image = _plain(_decoded(source))
    form = "JPEG" if image.mode in _OPAQUE else "WEBP"
    for scale, quality in _STEPS:
        smaller = image if scale == 1 else image.resize(_scaled(image, scale), Image.Resampling.LANCZOS)
        data = _encoded(smaller, form, quality=quality)
        if len(data) <= limit:
            return data, FORMATS[form]
    return None


def acceptable(source: bytes, *, formats: frozenset[str], max_bytes: int, max_pixels: int) -> tuple[bytes, str]:
    """The picture as the service takes it, right way up: untouched where it already is, else turned, converted, shrunk.

    Raises: NotAPictureError.
    """
    header = read_header(io.BytesIO(source))
    with _opened(io.BytesIO(source)) as image:
        turned = image.getexif().get(0x0112, 1) != 1
        plain = image.mode in {*_OPAQUE, "RGBA"} and not getattr(image, "is_animated", False)
    fits = len(source) <= max_bytes and header.width * header.height <= max_pixels
    if fits and plain and not turned and header.format in formats:
        return source, header.format
    image = _plain(ImageOps.exif_transpose(_decoded(source)))
    if image.width * image.height > max_pixels:
        image = image.resize(_scaled(image, (max_pixels / (image.width * image.height)) ** 0.5 * 0.999))
    form = "JPEG" if image.mode in _OPAQUE else "PNG"
    data = _encoded(image, form, quality=95)
    if len(data) > max_bytes and (smaller := shrink(data, max_bytes)):
        data, kind = smaller
        if kind in formats:
            return data, kind
        data, form = _encoded(image.convert("RGB"), "JPEG", quality=85), "JPEG"
    return data, FORMATS[form]


def _opened(file: Path | io.BytesIO) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the caller judges the sides
            return Image.open(file, formats=_OPENED)
    except UnidentifiedImageError:
        raise NotAPictureError(_what_it_is(file)) from None
    except Image.DecompressionBombError:
        raise NotAPictureError("a picture of more pixels than anything here takes") from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise NotAPictureError(f"a damaged picture ({type(error).__name__})") from None


def _decoded(source: bytes) -> Image.Image:
    image = _opened(io.BytesIO(source))
    try:
        image.load()
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise NotAPictureError(f"a damaged or cut-off picture ({type(error).__name__})") from None
    return image


def _what_it_is(file: Path | io.BytesIO) -> str:
    head = file.getvalue()[:32] if isinstance(file, io.BytesIO) else file.read_bytes()[:32]
    if not head:
        return "an empty file"
    if head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"mif1", b"hevc", b"msf1"}:
        return "a HEIC photo"
    return "not a picture"


def _plain(image: Image.Image) -> Image.Image:
    """8 bits a channel, and an alpha channel only where something is seen through."""
    if image.mode in _OPAQUE:
        return image
    if image.mode.startswith("I"):  # 16 bits a pixel: what Pillow's own conversion would clip to white
        return image.point(lambda level: level / 256).convert("L")
    has_alpha = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    if not has_alpha:
        return image.convert("RGB")
    image = image.convert("RGBA")
    transparent = image.getchannel("A").getextrema()[0] != _OPAQUE_ALPHA
    return image if transparent else image.convert("RGB")


def _scaled(image: Image.Image, scale: float) -> tuple[int, int]:
    return max(1, int(image.width * scale)), max(1, int(image.height * scale))


def _encoded(image: Image.Image, form: str, *, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, form, quality=quality)
    return file.getvalue()
