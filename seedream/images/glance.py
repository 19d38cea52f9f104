"""Looks at a file's first bytes: whether it is an image, and how large."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from seedream.images.bmp import glance_bmp
from seedream.images.gif import glance_gif
from seedream.images.heif import glance_heif
from seedream.images.jpeg import glance_jpeg
from seedream.images.kinds import HEAD_BYTES, format_of, other_kind
from seedream.images.png import glance_png
from seedream.images.structure import BrokenImageError
from seedream.images.tiff import Pieces, directory_start, glance_tiff
from seedream.images.webp import glance_webp

if TYPE_CHECKING:
    from collections.abc import Callable

    from seedream.images.structure import Sides

GLANCE_BYTES = 256 * 2**10
"""Enough for the sides of nearly all files. A JPEG's stand behind EXIF, profiles and previews of 64 KB each."""

_READERS: dict[str, Callable[[bytes], Sides | None]] = {
    "jpeg": glance_jpeg,
    "png": glance_png,
    "webp": glance_webp,
    "gif": glance_gif,
    "bmp": glance_bmp,
    "tiff": glance_tiff,
    "avif": partial(glance_heif, form="avif"),
    "heic": partial(glance_heif, form="heic"),
}


@dataclass(frozen=True, slots=True)
class Glance:
    """An image's format, and its sides as it is seen; None if they can't be told yet.

    `missing`: where the part of the file starts that says them, if that is known and isn't there.
    """

    format: str
    sides: Sides | None
    missing: int | None = None


def glance_on(seen: Glance, head: bytes, part: bytes) -> Glance:
    """Look at the missing part as well. Raises: as `glance`."""
    assert seen.missing is not None  # noqa: S101 - only such a file is looked at twice
    try:
        return Glance(seen.format, glance_tiff(Pieces(head, seen.missing, part)))
    except (BrokenImageError, ValueError, IndexError, struct.error):
        return Glance(seen.format, None)


def glance(head: bytes) -> Glance:
    """Tell what image a file is by its first bytes, wherever they are cut.

    Raises: NotAnImageError, for what certainly isn't an image that can be used. Whether a file is whole is left to
    `inspect`.
    """
    form = format_of(head[:HEAD_BYTES])
    if form is None:
        raise other_kind(head[:HEAD_BYTES])
    try:
        if form == "tiff" and (missing := directory_start(head)) is not None:
            return Glance(form, None, missing)
        return Glance(form, _READERS[form](head))
    except (BrokenImageError, ValueError, IndexError, struct.error):
        return Glance(form, None)
