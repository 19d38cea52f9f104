"""How the bot and its decoding processes talk: see `infra.images.worker`. Apart, so that the bot needs no decoders."""

from __future__ import annotations

import struct

LENGTHS = struct.Struct(">II")
"""What a frame starts with: the bytes of a JSON object, and those of a body."""
