"""Zlib streams of data that repeats, written without holding that data: a gigabyte takes a millisecond."""

from __future__ import annotations

import zlib

_BASE = 65521
_BLOCK = 1 << 20


def zeros(size: int) -> bytes:
    """Returns `size` zero bytes, compressed about a thousand times."""
    blocks, rest = divmod(size, _BLOCK)
    return repeated((bytes(_BLOCK), blocks), (bytes(rest), 1))


def repeated(*parts: tuple[bytes, int]) -> bytes:
    """Returns each part as often as it says, one after the other, compressed."""
    body, check = [], 1
    for data, times in parts:
        body.append(_flushed(data) * times)
        check = _extended(check, data, times)
    return b"\x78\xda" + b"".join(body) + b"\x03\x00" + check.to_bytes(4, "big")


def _flushed(data: bytes) -> bytes:
    """Compress into whole bytes that refer to nothing before them, so that they can be repeated."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush(zlib.Z_FULL_FLUSH)


def _extended(check: int, data: bytes, times: int) -> int:
    """The Adler-32 sum after some more data, from the sums of the data themselves."""
    low, high = check & 0xFFFF, check >> 16
    part = zlib.adler32(data, 0)
    part_low, part_high = part & 0xFFFF, part >> 16
    for _ in range(times):
        high = (high + len(data) * low + part_high) % _BASE
        low = (low + part_low) % _BASE
    return high << 16 | low
