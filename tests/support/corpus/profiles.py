"""Colour profiles."""

from __future__ import annotations

import struct
from functools import cache

from PIL import ImageCms

from tests.support.corpus.drawing import rubbish

_TAGS = 132  # where the table of a profile's tags starts


@cache
def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def grown(size: int) -> bytes:
    """Returns a valid profile with rubbish behind, as large as that."""
    profile = srgb()
    return struct.pack(">I", size) + profile[4:] + rubbish(size - len(profile))


def of_space(space: bytes) -> bytes:
    """Returns an RGB profile that claims to be of other colours."""
    profile = srgb()
    return profile[:16] + space + profile[20:]


@cache
def swapped() -> bytes:
    """Returns a profile in which red and blue have changed places: whether it is applied can be seen."""
    profile = bytearray(srgb())
    count = struct.unpack_from(">I", profile, _TAGS - 4)[0]
    places = {bytes(profile[at : at + 4]): at + 4 for at in range(_TAGS, _TAGS + 12 * count, 12)}
    red, blue = places[b"rXYZ"], places[b"bXYZ"]
    profile[red : red + 8], profile[blue : blue + 8] = profile[blue : blue + 8], profile[red : red + 8]
    return bytes(profile)


@cache
def cmyk() -> bytes:
    """Returns a profile of print colours in which ink does not mix as usual: cyan looks red, and magenta green."""
    corners = [_lab(node) for node in range(16)]
    identity = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 if index % 4 == 0 else 0 for index in range(9)))
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + matrix + identity * 4 + b"".join(corners) + identity * 3
    tags = {
        b"desc": _description(),
        b"wtpt": b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061),
        b"A2B0": table,
    }
    return _profile(tags)


def _lab(node: int) -> bytes:
    """The colour of a corner of the cube of inks; cyan is its highest bit."""
    cyan, magenta, yellow, black = (node >> shift & 1 for shift in (3, 2, 1, 0))
    if black:
        return bytes((0, 128, 128))
    a, b = 60 * cyan - 60 * magenta, 50 * yellow
    return bytes((255 - 85 * cyan - 60 * magenta - 20 * yellow, 128 + a, 128 + b))


def _description() -> bytes:
    return b"desc" + bytes(4) + struct.pack(">I", 5) + b"inks\0" + bytes(78)


def _profile(tags: dict[bytes, bytes]) -> bytes:
    at, table, body = _TAGS + 12 * len(tags), b"", b""
    for name, data in tags.items():
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"none", 0x02400000, b"prtr", b"CMYK", b"Lab ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
