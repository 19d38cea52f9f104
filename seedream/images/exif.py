"""Reads from EXIF which way up a picture is, and whether it says where it was taken."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIENTATION_TAG = 0x0112
UPRIGHT = 1
_GPS_TAG = 0x8825
_HEAD = b"Exif\0\0"
_SHORT, _LONG = 3, 4
_MAX_ENTRIES = 1000
_ENTRY = 12


def orientation_of(exif: bytes) -> int:
    """Return the orientation, from 1 (upright) to 8. What can't be read counts as upright."""
    for tag, kind, count, value in _entries(exif):
        if tag == ORIENTATION_TAG and kind in {_SHORT, _LONG} and count == 1:
            return as_orientation(value[0] if kind == _SHORT else value[1])
    return UPRIGHT


def has_position(exif: bytes) -> bool:
    """Return whether it has a directory for the position."""
    return any(tag == _GPS_TAG for tag, *_ in _entries(exif))


def _entries(exif: bytes) -> Iterator[tuple[int, int, int, tuple[int, int]]]:
    """Yield tag, type, count and value (as a short and as a long) of the first directory, as far as it can be read."""
    tiff = exif.removeprefix(_HEAD)
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, start)
        for at in range(start + 2, start + 2 + min(entries, _MAX_ENTRIES) * _ENTRY, _ENTRY):
            tag, kind, count, value = struct.unpack_from(f"{order}HHII", tiff, at)
            (short,) = struct.unpack_from(f"{order}H", tiff, at + 8)
            yield tag, kind, count, (short, value)
    except struct.error:
        return


def exif_of(orientation: int) -> bytes:
    """Return EXIF that says which way up the picture is, and nothing else."""
    entry = struct.pack(">HHIHH", ORIENTATION_TAG, _SHORT, 1, orientation, 0)
    return b"MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)


def as_orientation(value: int) -> int:
    return value if UPRIGHT <= value <= 8 else UPRIGHT  # noqa: PLR2004 - EXIF has eight
