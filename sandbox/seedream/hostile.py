"""Answers that a healthy service never sends: broken, swollen, nested without end, or exploding when unpacked. Pure."""

import zlib
from collections.abc import Callable, Mapping
from functools import cache

from aiohttp import web

from sandbox.seedream.faults import Fault

VALUES = 1_000_000
LEVELS = 20_000
UNPACKED_MIB = 256

HOSTILE = ("bad_json", "swollen", "deep", "bomb")  # the kinds of fault that replace an answer


def spoilt(faults: Mapping[str, Fault]) -> web.Response | None:
    """Return the answer that a fault puts in place of the right one."""
    kind = next((kind for kind in HOSTILE if kind in faults), None)
    if kind is None:
        return None
    headers = {"content-encoding": "gzip"} if kind == "bomb" else {}
    return web.Response(body=_BODIES[kind](), content_type="application/json", headers=headers)


def _broken() -> bytes:
    return b'{"success": true, "data": [{"image_'


@cache
def _swollen() -> bytes:
    return b'{"success": true, "data": [' + b"0," * VALUES + b"0]}"


@cache
def _deep() -> bytes:
    return b'{"success": true, "data": ' + b"[" * LEVELS + b"]" * LEVELS + b"}"


@cache
def _bomb() -> bytes:
    """Return gzip of so many blanks. Only its checksum is wrong, and nobody should get as far as that."""
    packer = zlib.compressobj(wbits=31)
    head = packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * UNPACKED_MIB + packer.flush()


_BODIES: dict[str, Callable[[], bytes]] = {"bad_json": _broken, "swollen": _swollen, "deep": _deep, "bomb": _bomb}
