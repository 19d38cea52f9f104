"""Which shards a process serves, as operators write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_SHARDS = 10_000
_SHOWN = 20  # characters of what is no number


def parse_shard_ids(text: str) -> tuple[int, ...]:
    """`0,2`, `0-3`, or both. Raises: ValueError, with a part of a sentence."""
    ids: dict[int, None] = {}
    for one in _numbers(text):
        if one in ids:
            raise ValueError(f"it names shard {one} twice")
        ids[one] = None
    return tuple(ids)


def _numbers(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        ends = (first, last) if dash else (first, first)
        if not all(end.isascii() and end.isdecimal() and len(end) <= len(str(MOST_SHARDS)) for end in ends):
            raise ValueError(f"{part.strip()[:_SHOWN]!r} is neither a shard's number nor a range such as 0-3")
        if int(ends[0]) > int(ends[1]):
            raise ValueError(f"the range {first}-{last} goes down")
        yield from range(int(ends[0]), int(ends[1]) + 1)
