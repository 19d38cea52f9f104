"""Connections through a pooler such as PgBouncer, whose every transaction may run on another connection of the server.

What asyncpg does in two steps (prepare, then execute) must therefore be in one transaction, statements have no name,
and time limits are set in each transaction: as startup parameters, poolers refuse or ignore them.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_UNNAMED = ""


class PooledConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that SQLAlchemy can use as it uses a direct one. `limits`: settings for every transaction."""

    limits: dict[str, str]

    @asynccontextmanager
    async def in_transaction(self) -> AsyncIterator[None]:
        """Stay in the present transaction, or have one of its own."""
        if self.is_in_transaction():
            yield
            return
        async with self.transaction():
            yield

    async def execute(self, query: str, *args: Any, **options: Any) -> str:
        """Execute a query. The limits of a transaction are set in the same round trip as its BEGIN."""
        if not args and query.startswith("BEGIN"):
            limits = "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in self.limits.items())
            query = f"{query.rstrip(';')}; {limits}"
        return str(await super().execute(query, *args, **options))

    async def prepare(self, query: str, **_options: Any) -> _Statement:
        async with self.in_transaction():
            return _Statement(self, await self.prepare_unnamed(query))

    async def prepare_unnamed(self, query: str) -> Any:
        return await super().prepare(query, name=_UNNAMED)

    async def executemany(self, command: str, args: Any, **options: Any) -> None:
        async with self.in_transaction():
            await super().executemany(command, args, **options)

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> Any:
        """Fetch one row. SQLAlchemy pings with an empty query."""
        async with self.in_transaction():
            return await super().fetchrow(query, *args, **options)

    async def set_type_codec(self, *_args: Any, **_options: Any) -> None:
        """Set nothing: SQLAlchemy asks for JSON's, which no table has, and asyncpg would look its types up."""


class _Statement:
    """A statement that is prepared again for each execution, in the same transaction."""

    def __init__(self, connection: PooledConnection, prepared: Any) -> None:
        self._connection = connection
        self._prepared = prepared

    async def fetch(self, *args: Any) -> list[Any]:
        async with self._connection.in_transaction():
            self._prepared = await self._connection.prepare_unnamed(self._prepared.get_query())
            return list(await self._prepared.fetch(*args))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._prepared, name)
