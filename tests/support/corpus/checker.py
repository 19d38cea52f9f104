"""Checks what became of a sample."""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import Image, ImageCms, ImageFile, ImageOps

from seedream.images import format_of
from seedream.limits import MAX_ASPECT_RATIO, MAX_REFERENCE_BYTES, MAX_REFERENCE_PIXELS, MIN_REFERENCE_SIDE
from tests.support.corpus import exif
from tests.support.corpus.samples import Either, Refused, Shown, Taken
from tests.support.corpus.structure import leftovers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.corpus.samples import Sample

_MODES = {"RGB", "RGBA", "L"}
_MAX_PROFILE = 1_000_000  # bytes; a larger one describes no colours
_READ_BY_PILLOW = {"jpeg", "png", "webp", "gif", "bmp", "tiff"}
_END_MARK = 2  # bytes that may be added
_OPAQUE = 255
_PLACES = ((1, 1), (7, 1), (1, 7), (7, 7))  # of the corners, in eighths of the sides


def problems(sample: Sample, sent: bytes, *, formats: frozenset[str]) -> list[str]:
    """Returns what is wrong with the reference that was sent for a sample; nothing if all is right."""
    expected = sample.reference.taken if isinstance(sample.reference, Either) else sample.reference
    if isinstance(expected, Refused):
        return ["it was taken"]
    wrong = [*leftovers(sent), *(f"its secret {secret!r}" for secret in sample.secrets if secret in sent)]
    try:
        image = Image.open(io.BytesIO(sent))
        wrong += [*_over_the_limits(image, sent, formats), *_unlike(expected, image)]
    except (OSError, ValueError, SyntaxError) as error:  # Pillow's, about damaged files
        return [*wrong, f"it can't be decoded: {error}"]
    return [*wrong, *(_changes(sample.content, sent, formats) if expected.unchanged else ())]


def problems_of_refusal(sample: Sample, sentence: str) -> list[str]:
    """Returns what is wrong with the sentence that refuses a sample."""
    expected = sample.reference.refused if isinstance(sample.reference, Either) else sample.reference
    if isinstance(expected, Taken):
        return [f"not taken: {sentence}"]
    begins = f"reference: “{sample.name}” "
    said = sentence.removeprefix(begins)
    wrong = [f"no word of {one!r}" for one in expected.patterns if not re.search(one, said, re.IGNORECASE)]
    if said == sentence:
        wrong.append("it doesn't begin with the file's name")
    return [f"{one}: {sentence}" for one in wrong]


def problems_of_result(sample: Sample, kept: bytes, form: str, sides: tuple[int, int]) -> list[str]:
    """Returns what is wrong with the file that was kept for a result; `form` and `sides` are as reported."""
    if isinstance(sample.result, Shown) and sample.result.unchanged and kept != sample.content:
        return ["it was changed"]
    wrong = [f"its position {secret!r}" for secret in exif.POSITION[:3] if secret in sample.secrets and secret in kept]
    if format_of(kept[:12]) not in _READ_BY_PILLOW or kept == sample.content:
        return wrong
    image = Image.open(io.BytesIO(kept))
    told = "jpeg" if image.format == "MPO" else image.format.lower()
    if (told, image.size) != (form, sides):
        wrong.append(f"{told} of {image.size} is called {form} of {sides}")
    if isinstance(sample.reference, Taken):
        wrong += _wrong_corners(sample.reference, ImageOps.exif_transpose(image))
    return wrong


def _over_the_limits(image: Image.Image, sent: bytes, formats: frozenset[str]) -> Iterator[str]:
    width, height = image.size
    short, long = sorted(image.size)
    if len(sent) > MAX_REFERENCE_BYTES:
        yield f"{len(sent)} bytes"
    if width * height > MAX_REFERENCE_PIXELS or long > MAX_ASPECT_RATIO * short or short < MIN_REFERENCE_SIDE:
        yield f"{width}x{height}, beyond the limits"
    if image.format.lower() not in formats:
        yield f"format {image.format}"
    if image.mode not in _MODES:
        yield f"mode {image.mode}"
    if getattr(image, "n_frames", 1) > 1:
        yield f"{image.n_frames} frames"
    if (turn := image.getexif().get(0x0112, 1)) != 1:
        yield f"orientation {turn}"
    if len(image.info.get("icc_profile") or b"") > _MAX_PROFILE:
        yield "a profile that is too large"


def _unlike(expected: Taken, image: Image.Image) -> Iterator[str]:
    if expected.sides and image.size != expected.sides:
        yield f"sides {image.size}, not {expected.sides}"
    if image.width * image.height < expected.least_pixels:
        yield f"{image.width}x{image.height}, smaller than it has to be"
    if expected.alpha:
        least, most = image.convert("RGBA").getchannel("A").getextrema()
        if least > _OPAQUE // 2 or most < _OPAQUE // 2:
            yield f"an alpha channel from {least} to {most}"
    yield from _wrong_corners(expected, image)


def _wrong_corners(expected: Taken, image: Image.Image) -> Iterator[str]:
    if expected.corners is None:
        return
    seen = [_seen(image, x, y) for x, y in _PLACES]
    for wanted, (*colour, alpha) in zip(expected.corners, seen, strict=True):
        if wanted is None:
            continue
        far = max(abs(level - other) for level, other in zip(colour, wanted, strict=True))
        if far > expected.tolerance or alpha != _OPAQUE:
            yield f"its corners are {seen}, not {expected.corners}"
            return


def _seen(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """Returns what a viewer shows there, by the picture's profile: red, green, blue and alpha."""
    at = (min(image.width - 1, image.width * x // 8), min(image.height - 1, image.height * y // 8))
    spot = image.crop((*at, at[0] + 1, at[1] + 1)).convert("RGBA")
    alpha = spot.getpixel((0, 0))[3]
    profile = image.info.get("icc_profile")
    if profile and image.mode in {"RGB", "RGBA"} and profile[16:20] == b"RGB ":
        return (*_managed(spot.convert("RGB"), profile).getpixel((0, 0)), alpha)
    return spot.getpixel((0, 0))


def _managed(spot: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(spot, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return spot  # as viewers do


def _changes(source: bytes, sent: bytes, formats: frozenset[str]) -> Iterator[str]:
    """Tells what was changed without need."""
    form = format_of(source[:12])
    if form not in formats or (len(source) > MAX_REFERENCE_BYTES and form != "jpeg"):
        return
    if form != format_of(sent[:12]):
        yield f"{form} was encoded again"
        return
    if len(sent) > len(source) + _END_MARK:
        yield f"{len(sent)} bytes, more than the {len(source)} of its source"
    before = _pixels(source)
    if before is not None and before != _pixels(sent):
        yield "its pixels were changed"


def _pixels(content: bytes) -> tuple[str, bytes] | None:
    """Returns None where Pillow takes what is behind the picture for a part of it."""
    image = Image.open(io.BytesIO(_bare(content)))
    try:
        with _patience():
            image.load()
    except OSError:
        return None
    return image.mode, image.tobytes()


@contextmanager
def _patience() -> Iterator[None]:
    """Read what has no end mark, as viewers do."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _bare(content: bytes) -> bytes:
    """A PNG without its ancillary chunks, which may be more than Pillow reads."""
    if format_of(content[:12]) != "png":
        return content
    at, parts = 8, [content[:8]]
    while at < len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        if content[at + 4 : at + 5].isupper() or content[at + 4 : at + 8] == b"tRNS":
            parts.append(content[at:end])
        at = end if content[at + 4 : at + 8] != b"IEND" else len(content)
    return b"".join(parts)
