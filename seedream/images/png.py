"""Reads PNG files by their chunks. Source: PNG (Third Edition), W3C.

An image ends with its IEND chunk. Of an animation, the image that viewers without animations show is used.
"""

from __future__ import annotations

import binascii
import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seedream.images.exif import UPRIGHT, orientation_of
from seedream.images.profiles import MAX_PROFILE_BYTES, is_profile
from seedream.images.structure import MAX_PARTS, ImageStructure, NotAnImageError, cut_off, damaged, upright
from seedream.phrases import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seedream.images.structure import Content, Sides, Span

_SIGNATURE_BYTES = 8
_HEADER_BYTES = 13
_AROUND = 12  # bytes of a chunk besides its data: length, type, checksum
_NAME = re.compile(rb"[A-Za-z]{4}")
_CRITICAL = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGBA = 0, 2, 3, 4, 6
_CHANNELS = {_GREY: 1, _RGB: 3, _PALETTE: 1, _GREY_ALPHA: 2, _RGBA: 4}
_DEPTHS = {_GREY: {1, 2, 4, 8, 16}, _PALETTE: {1, 2, 4, 8}}
_WIDE_DEPTHS = {8, 16}
_EIGHT_BITS = 8
_LAST_FILTER = 4
_STEP = 1 << 20  # bytes that are looked at at once
_MAX_TEXT_BYTES = 256 * 2**10  # of a text that may say which way up the picture is
_RAW_EXIF = re.compile(rb"Raw profile type (?:exif|APP1)\0")
_RAW_EXIF_BODY = re.compile(rb"\s*\w+\s+\d+\s+((?:[0-9a-fA-F]{2}\s*)+)")
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


@dataclass(slots=True)
class _Chunks:
    """What was found on the way through a file."""

    header: bytes = b""
    orientation: int | None = None
    has_transparency: bool = False
    data: list[Span] = field(default_factory=list)
    before: list[Span] = field(default_factory=list)


def inspect_png(content: Content) -> ImageStructure:
    """Raises: NotAnImageError."""
    found = _Chunks()
    profile: Span | None = None
    for name, span in _chunks(content):
        body = (span[0] + 8, span[1] - 4)
        if name in _CRITICAL and not _is_intact(content, span):
            raise damaged("PNG")
        match name:
            case b"IHDR":
                found.header = content[slice(*body)]
            case b"IDAT":
                found.data.append(span)
            case b"PLTE":
                found.before.append(span)
            case b"tRNS" if not found.data and _is_intact(content, span):
                found.has_transparency = True
                found.before.append(span)
            case b"iCCP" if _is_intact(content, span):
                profile = span
            case _:
                found.orientation = found.orientation or _orientation(name, content, body)
    return _structure(content, found, profile)


def glance_png(head: bytes) -> Sides | None:
    """Return the sides, if all that stands before the pixels is among a file's first bytes.

    An orientation behind the pixels, where few programs write it, counts if it is among them, too.
    """
    header, orientation, has_pixels = b"", None, False
    for name, (start, end) in _chunks(head, is_head=True):
        if name == b"IHDR":
            header = head[start + 8 : end - 4]
        has_pixels = has_pixels or name == b"IDAT"
        orientation = orientation or (_orientation(name, head, (start + 8, end - 4)) if end <= len(head) else None)
    width, height, *_ = _header(header)
    return upright(width, height, orientation or UPRIGHT) if has_pixels else None


def _chunks(content: Content, *, is_head: bool = False) -> Iterator[tuple[bytes, Span]]:
    """Yield each chunk's name and place, up to the image's end. Raises: NotAnImageError.

    `is_head`: these are a file's first bytes; the last chunk may be cut off.
    """
    at = _SIGNATURE_BYTES
    for number in range(MAX_PARTS):
        length, name = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        end = at + _AROUND + length
        if len(name) == len(b"IHDR") and not _NAME.fullmatch(name):
            raise damaged("PNG")
        if end > len(content) and not is_head:
            raise cut_off("PNG")
        if name == b"CgBI":
            what = Phrase("a PNG picture in the form of iPhone apps")
            raise NotAnImageError(what, Phrase("Open it in an image editor, save it again, and use that."))
        if (name == b"IHDR") is not (number == 0):
            raise damaged("PNG")
        yield name, (at, end)
        if name == b"IEND" or end > len(content):
            return
        at = end
    raise damaged("PNG")


def _is_intact(content: Content, span: Span) -> bool:
    start, end = span[0] + 4, span[1] - 4
    checksum = 0
    for at in range(start, end, _STEP):
        checksum = zlib.crc32(content[at : min(at + _STEP, end)], checksum)
    return checksum == int.from_bytes(content[end : end + 4], "big")


def _structure(content: Content, found: _Chunks, profile: Span | None) -> ImageStructure:
    width, height, depth, colour, interlaced = _header(found.header)
    if not found.data:
        raise damaged("PNG")
    alpha = found.has_transparency or colour in {_GREY_ALPHA, _RGBA}
    orientation = found.orientation or UPRIGHT
    is_plain_colour = depth == _EIGHT_BITS and colour in {_GREY, _RGB, _RGBA} and not found.has_transparency
    kept_profile = [profile] if profile and _fits(content, profile, 1 if colour in {_GREY, _GREY_ALPHA} else 3) else []
    return ImageStructure(
        format="png",
        width=width,
        height=height,
        orientation=orientation,
        channels=_decoded_channels(colour, depth, alpha=found.has_transparency),
        plain=is_plain_colour and orientation == UPRIGHT,
        alpha=alpha,
        palette=colour == _PALETTE or depth < _EIGHT_BITS,
        buffered=2 * width * height * _CHANNELS[colour] if interlaced else 0,
        parts=((0, _SIGNATURE_BYTES + _AROUND + _HEADER_BYTES), *kept_profile, *found.before, *found.data, _END),
    )


_END = b"\0\0\0\0IEND\xaeB`\x82"


def _header(header: bytes) -> tuple[int, int, int, int, bool]:
    if len(header) != _HEADER_BYTES:
        raise damaged("PNG")
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", header)
    fits = colour in _CHANNELS and depth in _DEPTHS.get(colour, _WIDE_DEPTHS)
    if not width or not height or not fits or compression or filtering or interlace > 1:
        raise damaged("PNG")
    return width, height, depth, colour, bool(interlace)


def _decoded_channels(colour: int, depth: int, *, alpha: bool) -> int:
    """Return the bytes of a decoded pixel, before anything is converted."""
    if colour == _GREY and depth > _EIGHT_BITS:
        return 4
    return 4 if alpha else max(_CHANNELS[colour], 3 if colour == _PALETTE else 1)


def _fits(content: Content, span: Span, channels: int) -> bool:
    """Whether an iCCP chunk holds a profile for so many colour channels."""
    _, _, packed = content[span[0] + 8 : min(span[1] - 4, span[0] + 2 * MAX_PROFILE_BYTES)].partition(b"\0")
    return is_profile(_inflated(packed[1:], MAX_PROFILE_BYTES + 1), channels)


def _inflated(packed: bytes, most: int) -> bytes:
    """Return at most so many decompressed bytes, none if they are damaged."""
    try:
        return zlib.decompressobj().decompress(packed, most)
    except zlib.error:
        return b""


def _orientation(name: bytes, content: Content, body: Span) -> int | None:
    """Return the orientation that a chunk states; None if it states none."""
    data = content[body[0] : min(body[1], body[0] + _MAX_TEXT_BYTES)]
    if name == b"eXIf":
        return orientation_of(data)
    if name not in {b"tEXt", b"zTXt"} or not (head := _RAW_EXIF.match(data)):
        return None
    text = data[head.end() :] if name == b"tEXt" else _inflated(data[head.end() + 1 :], _MAX_TEXT_BYTES)
    if not (match := _RAW_EXIF_BODY.match(text)):
        return UPRIGHT  # another such text isn't looked for: each may take a quarter of a megabyte, once unpacked
    return orientation_of(binascii.unhexlify(b"".join(match[1].split())))


def is_whole_png(content: bytes) -> bool:
    """Return whether the compressed data of a PNG hold all its rows, in little memory. The file must be inspected."""
    rows = _Rows(_row_sizes(content[16:29]))
    decompressor = zlib.decompressobj()
    try:
        for name, (start, end) in _chunks(content):
            packed = content[start + 8 : end - 4] if name == b"IDAT" else b""
            while packed and not rows.complete:
                if not rows.take(decompressor.decompress(packed, _STEP)):
                    return False
                packed = decompressor.unconsumed_tail
    except zlib.error:
        return False
    return rows.complete


def _row_sizes(header: bytes) -> list[tuple[int, int]]:
    """Return how many rows there are, and the bytes of each with its filter, for each pass over the image."""
    width, height, depth, colour, interlaced = _header(header)
    bits = depth * _CHANNELS[colour]
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    sides = [(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in passes]
    return [(rows, 1 + (columns * bits + 7) // 8) for columns, rows in sides if columns > 0 and rows > 0]


class _Rows:
    """Follows decompressed rows as they come in pieces."""

    def __init__(self, sizes: list[tuple[int, int]]) -> None:
        self._passes = [(rows * size, size) for rows, size in sizes]
        self._at = 0  # in the first of the passes

    @property
    def complete(self) -> bool:
        return not self._passes

    def take(self, piece: bytes) -> bool:
        """Take the next bytes. Returns whether each row in them starts with a filter that exists."""
        view = memoryview(piece)
        while view and self._passes:
            total, size = self._passes[0]
            part = view[: total - self._at]
            if any(kind > _LAST_FILTER for kind in bytes(part[-self._at % size :: size])):
                return False
            self._at += len(part)
            view = view[len(part) :]
            if self._at == total:
                self._at = 0
                del self._passes[0]
        return True
