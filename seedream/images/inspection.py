"""Looks at an image file, of whichever format."""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING

from seedream.images.bmp import inspect_bmp
from seedream.images.gif import inspect_gif
from seedream.images.heif import inspect_heif
from seedream.images.jpeg import inspect_jpeg
from seedream.images.kinds import HEAD_BYTES, format_of, other_kind
from seedream.images.png import inspect_png
from seedream.images.structure import LABELS, damaged
from seedream.images.tiff import inspect_tiff
from seedream.images.webp import inspect_webp

if TYPE_CHECKING:
    from collections.abc import Callable

    from seedream.images.structure import Content, ImageStructure

_READERS: dict[str, Callable[[Content], ImageStructure]] = {
    "jpeg": inspect_jpeg,
    "png": inspect_png,
    "webp": inspect_webp,
    "gif": inspect_gif,
    "bmp": inspect_bmp,
    "tiff": inspect_tiff,
    "avif": partial(inspect_heif, form="avif"),
    "heic": partial(inspect_heif, form="heic"),
}


def inspect(content: Content) -> ImageStructure:
    """Read what kind of image it is and what it consists of, in milliseconds, without decoding it.

    Raises: NotAnImageError, which says what it is instead.
    """
    head = content[:HEAD_BYTES]
    form = format_of(head)
    if form is None:
        raise other_kind(head)
    try:
        return _READERS[form](content)
    except (ValueError, IndexError, struct.error) as error:  # crafted bytes, in a way that nobody thought of
        raise damaged(LABELS[form]) from error
