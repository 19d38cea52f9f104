"""How the bot and its decoding processes talk: see `infra.images.worker`. Apart, so that the bot needs no decoders."""

from __future__ import annotations

import importlib.util
import struct
from pathlib import Path

LENGTHS = struct.Struct(">II")
"""What a frame starts with: the bytes of a JSON object, and those of a body."""

MAPPED = Path("/proc/self/statm")
"""Where Linux says how much memory a process has mapped."""


def limits_memory() -> bool:
    """Tell whether a worker can limit its own memory: Windows and macOS lack what it takes."""
    return importlib.util.find_spec("resource") is not None and MAPPED.exists()
