"""Boxes of the ISO base media file format: films, AVIF and HEIC."""

from __future__ import annotations

import struct


def box(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data) + 8) + kind + data


def file_type(brand: bytes, *others: bytes) -> bytes:
    return box(b"ftyp", brand + bytes(4) + b"".join(others or (brand,)))


def film(frames: bytes, brand: bytes = b"mp42") -> bytes:
    """Returns what looks like a film, with these bytes as its frames."""
    return file_type(brand, brand, b"isom") + box(b"moov", box(b"mvhd", bytes(100))) + box(b"mdat", frames)
