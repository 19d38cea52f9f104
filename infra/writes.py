"""Writing rows: one small interface, and the way of each database behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Delete, Insert, Update

from infra.database import SQLITE
from infra.group_commit import GroupCommit
from infra.pooled_writes import PooledWrites

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

Change = tuple[Insert | Update | Delete, Mapping[str, Any]]
"""A statement, and the values for it."""


class Writes(Protocol):
    async def write(self, *changes: Change) -> bool:
        """All of them, in this order, in one transaction, again and again while the database is away for a moment.

        True once they are on disk. False, and nothing is written, if the first matches no row. Raises what the
        database raises: what it will never take, or what did not pass.
        """
        ...


def writes_to(engine: AsyncEngine) -> Writes:
    return GroupCommit(engine) if engine.dialect.name == SQLITE else PooledWrites(engine)
