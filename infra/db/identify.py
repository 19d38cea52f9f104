"""Identify rate limits across processes: each bucket accepts one shard every five seconds.

A turn is the lease `identify:<bucket>`, taken before the connection is made. A single process needs none.
Source: Discord, "Gateway", "Rate Limiting" and "Sharding": `max_concurrency` buckets, `shard_id % max_concurrency`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from studio.errors import UnavailableError

if TYPE_CHECKING:
    from infra.db.leases import SqlLeases

log = logging.getLogger(__name__)

TURN_SECONDS = 5.5  # Discord's five, and what the latencies of two processes may differ by
LOG_SECONDS = 30.0
MAX_PAUSE, MIN_PAUSE = 0.5, 0.05  # seconds between two tries


class IdentifyTurns:
    """A turn is a lease that is never released: it expires when the bucket is free again."""

    def __init__(self, leases: SqlLeases) -> None:
        self._leases = leases

    async def __call__(self, bucket: int) -> None:
        """Wait for a turn, also while the database is unavailable.

        Tries become more frequent with the time waited, so that no process waits forever.
        """
        began, logged = time.monotonic(), 0.0
        while not await self._acquire(bucket):
            waited = time.monotonic() - began
            if waited - logged >= LOG_SECONDS:
                logged = waited
                log.warning("bucket %d: still waiting to identify after %.0f s", bucket, waited)
            await asyncio.sleep(max(MIN_PAUSE, MAX_PAUSE / (1 + waited / TURN_SECONDS)))

    async def _acquire(self, bucket: int) -> bool:
        acquiring = asyncio.ensure_future(self._leases.acquire(f"identify:{bucket}", TURN_SECONDS))
        try:
            return await asyncio.shield(acquiring)
        except asyncio.CancelledError:
            await asyncio.wait({acquiring})  # interrupting a statement can break the connection
            raise
        except (SQLAlchemyError, OSError, UnavailableError) as error:
            log.warning("can't identify: the database is unavailable: %s", str(error).partition("\n")[0])
            return False
