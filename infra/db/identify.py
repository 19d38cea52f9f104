"""Whose turn it is to identify: for the whole bot, each bucket takes one shard in five seconds.

Source: Discord, "Gateway", "Rate Limiting" and "Sharding": `max_concurrency` buckets, `shard_id % max_concurrency`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    from infra.db.leases import Leases

log = logging.getLogger(__name__)

TURN_SECONDS = 5.5  # what Discord asks for, and what two ways to it may differ by
LONG_WAIT_SECONDS = 30.0
SLOWEST, FASTEST = 0.5, 0.05  # seconds from one try to the next


class IdentifyTurns:
    """A turn is a lease that is never given back: it ends when the bucket is free again."""

    def __init__(self, leases: Leases) -> None:
        self._leases = leases

    async def __call__(self, bucket: int) -> None:
        """Wait for a turn. While the database can't be asked there is none, and nothing to be done without it.

        The longer one has waited the more often one tries, so that nobody waits for ever.
        """
        began, told = time.monotonic(), 0.0
        while not await self._taken(bucket):
            waited = time.monotonic() - began
            if waited - told >= LONG_WAIT_SECONDS:
                told = waited
                log.warning("bucket %d: still waiting for the turn to identify, after %.0f s", bucket, waited)
            await asyncio.sleep(max(FASTEST, SLOWEST / (1 + waited / TURN_SECONDS)))

    async def _taken(self, bucket: int) -> bool:
        asking = asyncio.ensure_future(self._leases.acquire(f"identify:{bucket}", TURN_SECONDS))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            await asyncio.wait({asking})  # a driver may not survive that its statement is broken off
            raise
        except (SQLAlchemyError, OSError) as error:
            log.warning("no turn to identify: the database can't be asked: %s", str(error).partition("\n")[0])
            return False
