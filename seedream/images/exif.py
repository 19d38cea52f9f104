"""Reads the one thing of EXIF that a picture needs: which way up it is."""

from __future__ import annotations

import struct

ORIENTATION_TAG = 0x0112
UPRIGHT = 1
_HEAD = b"Exif\0\0"
_SHORT, _LONG = 3, 4
_MAX_ENTRIES = 1000
_ENTRY = 12


def orientation_of(exif: bytes) -> int:
    """Return the orientation, from 1 (upright) to 8. What can't be read counts as upright."""
    tiff = exif.removeprefix(_HEAD)
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return UPRIGHT
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, start)
        for index in range(min(entries, _MAX_ENTRIES)):
            at = start + 2 + index * _ENTRY
            tag, kind, count = struct.unpack_from(f"{order}HHI", tiff, at)
            if tag == ORIENTATION_TAG and kind in {_SHORT, _LONG} and count == 1:
                (value,) = struct.unpack_from(f"{order}{'H' if kind == _SHORT else 'I'}", tiff, at + 8)
                return as_orientation(value)
    except struct.error:
        return UPRIGHT
    return UPRIGHT


def as_orientation(value: int) -> int:
    return value if UPRIGHT <= value <= 8 else UPRIGHT  # noqa: PLR2004 - EXIF has eight
