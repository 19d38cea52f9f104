"""Bounds what this process remembers for members, so that one member's entries can't push out those of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections import OrderedDict


class Remembered(Protocol):
    """`member`: for whom it is remembered; 0 for nobody."""

    @property
    def member(self) -> int: ...


V = TypeVar("V", bound=Remembered)


def make_room(entries: OrderedDict[str, V], member: int, *, each: int, most: int) -> list[V]:
    """Drop the oldest entries until there is room for one more of this member's, and return them.

    `each`: entries of one member; `most`: all entries.
    """
    own = [key for key, entry in entries.items() if member and entry.member == member]
    surplus = own[: len(own) - each + 1] if len(own) >= each else []
    left = (key for key in entries if key not in surplus)
    surplus += [next(left) for _ in range(len(entries) - len(surplus) - most + 1)]
    return [entries.pop(key) for key in surplus]
