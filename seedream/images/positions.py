"""Finds geographic positions in what surrounds the image in a file: in EXIF and XMP, and in what is behind its end."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from seedream.images.exif import has_position

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seedream.images.structure import Content, ImageStructure, Span

_NAMED = re.compile(rb"GPS(?:Latitude|Longitude|Position|Coordinates)")
_EXIF = re.compile(rb"II\*\0|MM\0\*")
_EXIF_BYTES = 1 << 16
_MOST_EXIF = 32


def holds_position(content: Content, structure: ImageStructure) -> bool:
    """Return whether the file says where it was taken, outside of what `structure.clean` keeps."""
    return any(
        _NAMED.search(content, start, end) is not None
        or any(
            has_position(content[match.start() : min(end, match.start() + _EXIF_BYTES)])
            for match in islice(_EXIF.finditer(content, start, end), _MOST_EXIF)
        )
        for start, end in _left_out(content, structure)
    )


def _left_out(content: Content, structure: ImageStructure) -> Iterator[Span]:
    at = 0
    for start, end in sorted(part for part in structure.parts if isinstance(part, tuple)):
        if at < start:
            yield at, start
        at = max(at, end)
    if at < len(content):
        yield at, len(content)
