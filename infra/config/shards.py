"""SHARD_IDS: the shards that a process serves, as operators write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_SHARDS = 10_000
_MAX_QUOTED = 20  # characters of a wrong part


def parse_shard_ids(text: str) -> tuple[int, ...]:
    """Parse `0,2`, `0-3`, or a mix of both. Raises: ValueError with the rest of a sentence about “it”."""
    ids: dict[int, None] = {}
    for shard_id in _expand(text):
        if shard_id in ids:
            raise ValueError(f"it names shard {shard_id} twice")
        ids[shard_id] = None
    return tuple(ids)


def _expand(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        ends = (first, last) if dash else (first, first)
        if not all(end.isascii() and end.isdecimal() and len(end) <= len(str(MAX_SHARDS)) for end in ends):
            raise ValueError(f"“{part.strip()[:_MAX_QUOTED]}” is neither a shard id nor a range such as 0-3")
        if int(ends[0]) > int(ends[1]):
            raise ValueError(f"the range {first}-{last} goes down")
        yield from range(int(ends[0]), int(ends[1]) + 1)
