"""What members chose last, which becomes their default."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from infra.db.access import connected
from infra.db.engine import insert_or_replace
from infra.db.tables import PREFERENCES
from infra.stores.read_cache import ReadCache
from studio.members.preferences import Preferences

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

CACHE_SECONDS = 30.0
CACHE_SIZE = 10_000  # members

_OF_MEMBER = PREFERENCES.c.user_id == bindparam("member")
_CHOICES = [PREFERENCES.c[name] for name in Preferences.__dataclass_fields__]
_SELECT = select(*_CHOICES).where(_OF_MEMBER)
_DELETE = delete(PREFERENCES).where(_OF_MEMBER)


class SqlPreferenceStore:
    """Another process's change may take CACHE_SECONDS to show up here."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._cache = ReadCache(self._read, seconds=CACHE_SECONDS, size=CACHE_SIZE)

    async def of(self, user_id: int) -> Preferences:
        return await self._cache.get(user_id)

    async def remember(self, user_id: int, preferences: Preferences) -> None:
        row = {"user_id": user_id, **asdict(preferences)}
        async with connected(self._engine) as connection:
            await connection.execute(insert_or_replace(self._engine, PREFERENCES), row)
        self._cache.put(user_id, preferences)

    async def forget(self, user_id: int) -> None:
        async with connected(self._engine) as connection:
            await connection.execute(_DELETE, {"member": user_id})
        self._cache.forget(user_id)

    async def _read(self, user_id: int) -> Preferences:
        async with connected(self._engine) as connection:
            row = (await connection.execute(_SELECT, {"member": user_id})).mappings().one_or_none()
        return Preferences(**row) if row else Preferences()
