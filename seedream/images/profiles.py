"""Decides which ICC profiles are worth keeping."""

from __future__ import annotations

MAX_PROFILE_BYTES = 128 * 2**10
"""A display's profile has 500 to 10,000 bytes; a larger one is for printing, or not a profile."""

MAX_PRINT_PROFILE_BYTES = 4 * 2**20

_SIZE, _SPACE, _SIGNATURE = slice(0, 4), slice(16, 20), slice(36, 40)
_SPACES = {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}


def is_profile(profile: bytes, channels: int, *, most: int = MAX_PROFILE_BYTES) -> bool:
    """Return whether it is an ICC profile for an image with so many colour channels, of at most `most` bytes."""
    return (
        128 < len(profile) <= most  # noqa: PLR2004 - its header
        and int.from_bytes(profile[_SIZE], "big") == len(profile)
        and profile[_SPACE] == _SPACES.get(channels)
        and profile[_SIGNATURE] == b"acsp"
    )
