"""What is known of an image file without decoding it."""

from __future__ import annotations

import mmap
from dataclasses import dataclass

from seedream.phrases import Phrase

Content = bytes | mmap.mmap
"""A file's content, in memory or mapped: slices of it are bytes."""

Span = tuple[int, int]
"""Where a part of a file starts and ends."""

Sides = tuple[int, int]
"""Width and height in pixels, as the image is seen."""

_LAST_NOT_TURNED = 4  # orientations 5 to 8 are on their side

MAX_PARTS = 150_000
"""Segments, chunks or blocks of a file. A PNG of 64 MB in pieces of 8 KB has 8,000."""


ANOTHER_IMAGE = Phrase("Use a JPEG, PNG, WebP, HEIC, AVIF, BMP, TIFF or GIF picture.")


class NotAnImageError(Exception):
    """A file that can't be used as an image.

    `what`: what it is, as in "a web page". `remedy`: a sentence.
    """

    def __init__(self, what: str, remedy: str = ANOTHER_IMAGE) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class BrokenImageError(NotAnImageError):
    """An image file that is damaged or cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageStructure:
    """An image file's kind and parts.

    `format`: jpeg, png, webp, gif, bmp, tiff, avif or heic. `width`, `height`: in pixels as stored, before the
    `orientation` (as in EXIF, 1 is upright). `channels`: bytes of a pixel once it is decoded. `plain`: nothing has to
    be converted, as it is one upright image of 8 bits per channel in grey, RGB or RGBA. `alpha`: it has transparency.
    `palette`: it is drawn with few colours. `ended`: it has its end mark; if not, only decoding shows whether it is
    complete. `buffered`: bytes that a decoder needs besides the pixels. `parts`: what a copy without metadata consists
    of; empty if there is no way to make one without decoding.
    """

    format: str
    width: int
    height: int
    orientation: int = 1
    channels: int = 3
    plain: bool = False
    alpha: bool = False
    palette: bool = False
    ended: bool = True
    buffered: int = 0
    parts: tuple[Span | bytes, ...] = ()

    @property
    def sides(self) -> Sides:
        return upright(self.width, self.height, self.orientation)

    @property
    def pixels(self) -> int:
        return self.width * self.height

    def clean(self, content: Content) -> bytes:
        """Return the image alone: without metadata, and without anything behind its end."""
        if not self.parts:
            return content[:]
        return b"".join(part if isinstance(part, bytes) else content[slice(*part)] for part in self.parts)


def upright(width: int, height: int, orientation: int) -> Sides:
    """Return the sides as the image is seen."""
    return (height, width) if orientation > _LAST_NOT_TURNED else (width, height)


LABELS = {name: name.upper() for name in ("jpeg", "png", "gif", "bmp", "tiff", "avif", "heic")} | {"webp": "WebP"}
"""The names of formats as people write them."""


def damaged(form: str) -> BrokenImageError:
    what = Phrase("a {format} picture that is damaged", format=form)
    return BrokenImageError(what, Phrase("Open it in an image editor, save it again, and use that."))


def cut_off(form: str) -> BrokenImageError:
    what = Phrase("a {format} picture that is cut off", format=form)
    return BrokenImageError(what, Phrase("Use the whole file: it was probably not downloaded to its end."))
