"""Reads WebP files by their chunks. Source: RFC 9649."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from seedream.images.exif import UPRIGHT, orientation_of
from seedream.images.profiles import is_profile
from seedream.images.structure import MAX_PARTS, ImageStructure, cut_off, damaged, upright

if TYPE_CHECKING:
    from seedream.images.structure import Content, Sides, Span

_HEAD_BYTES = 12
_PROFILE, _ALPHA, _EXIF = 0x20, 0x10, 0x08
_IMAGES = (b"VP8 ", b"VP8L", b"ANMF")
_LOSSY_START = b"\x9d\x01\x2a"
_LOSSLESS_START = 0x2F
_MAX_EXIF_BYTES = 256 * 2**10


def glance_webp(head: bytes) -> Sides | None:
    """Return the sides from a file's first bytes; None if an orientation may follow, which stands behind the pixels."""
    chunks = _chunks(head, is_head=True)
    image = next((name for name in _IMAGES if name in chunks), None)
    extended = _body(head, chunks[b"VP8X"]) if b"VP8X" in chunks else b""
    has_exif = b"EXIF" in chunks
    if image is None or (extended and extended[0] & _EXIF and not has_exif):
        return None
    width, height, _ = _sides(image, extended, _body(head, chunks[image]))
    orientation = orientation_of(_body(head, chunks[b"EXIF"])[:_MAX_EXIF_BYTES]) if has_exif else UPRIGHT
    return upright(width, height, orientation)


def inspect_webp(content: Content) -> ImageStructure:
    """Raises: NotAnImageError."""
    chunks = _chunks(content)
    image = next((name for name in _IMAGES if name in chunks), None)
    if image is None:
        raise cut_off("WebP") if _declared_end(content) > len(content) else damaged("WebP")
    extended = _body(content, chunks[b"VP8X"]) if b"VP8X" in chunks else b""
    if image == b"ANMF" and len(extended) < 10:  # noqa: PLR2004 - its fixed size
        raise damaged("WebP")
    width, height, alpha = _sides(image, extended, _body(content, chunks[image]))
    exif = chunks.get(b"EXIF")
    orientation = orientation_of(_body(content, exif)[:_MAX_EXIF_BYTES]) if exif else UPRIGHT
    return ImageStructure(
        format="webp",
        width=width,
        height=height,
        orientation=orientation,
        channels=4,
        plain=image != b"ANMF" and orientation == UPRIGHT,
        alpha=alpha or b"ALPH" in chunks,
        parts=() if image == b"ANMF" else _parts(content, chunks, image, (width, height)),
    )


def _declared_end(content: Content) -> int:
    return int.from_bytes(content[4:8], "little") + 8


def _chunks(content: Content, *, is_head: bool = False) -> dict[bytes, Span]:
    """Return where each kind of chunk is first found. Raises: NotAnImageError, if the image itself is cut off.

    `is_head`: these are a file's first bytes; of the image there may be only the beginning.
    """
    chunks: dict[bytes, Span] = {}
    at, declared = _HEAD_BYTES, _declared_end(content)
    for _ in range(MAX_PARTS):
        if at + 8 > min(declared, len(content)):
            return chunks
        name, length = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        end = at + 8 + length
        if end > len(content):
            if name in {b"EXIF", b"XMP "}:
                return chunks
            if is_head:
                return chunks | ({name: (at, len(content))} if name in _IMAGES and name not in chunks else {})
            raise cut_off("WebP")
        chunks.setdefault(name, (at, end))
        at = end + length % 2
    raise damaged("WebP")


def _body(content: Content, span: Span) -> bytes:
    return content[span[0] + 8 : span[1]]


def _sides(image: bytes, extended: bytes, data: bytes) -> tuple[int, int, bool]:
    """Return width, height and whether there is an alpha channel. Raises: NotAnImageError."""
    if image == b"ANMF":
        width, height = (int.from_bytes(extended[at : at + 3], "little") + 1 for at in (4, 7))
        return width, height, bool(extended[0] & _ALPHA)
    if image == b"VP8 " and len(data) >= 10 and data[3:6] == _LOSSY_START:  # noqa: PLR2004 - its header
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 6))
        if width and height:
            return width, height, False
    if image == b"VP8L" and len(data) >= 5 and data[0] == _LOSSLESS_START:  # noqa: PLR2004 - its header
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    raise damaged("WebP")


def _parts(
    content: Content, chunks: dict[bytes, Span], image: bytes, sides: tuple[int, int]
) -> tuple[Span | bytes, ...]:
    """A file with nothing but the image, its alpha channel and its colour profile, in the simplest form."""
    profile = chunks.get(b"ICCP")
    has_profile = profile is not None and is_profile(_body(content, profile), 3)
    has_alpha = b"ALPH" in chunks and image == b"VP8 "
    names = (b"ICCP",) * has_profile + (b"ALPH",) * has_alpha + (image,)
    parts: list[Span | bytes] = []
    if len(names) > 1:
        flags = _PROFILE * has_profile | _ALPHA * (has_alpha or image == b"VP8L")
        width, height = ((side - 1).to_bytes(3, "little") for side in sides)
        parts.append(b"VP8X\x0a\0\0\0" + bytes((flags, 0, 0, 0)) + width + height)
    for start, end in (chunks[name] for name in names):
        parts += [(start, end), b"\0" * ((end - start) % 2)]
    size = 4 + sum(len(part) if isinstance(part, bytes) else part[1] - part[0] for part in parts)
    return (b"RIFF" + size.to_bytes(4, "little") + b"WEBP", *parts)
