"""Whose turn it is to identify: for the whole bot, each bucket takes one shard in five seconds.

Source: Discord, "Gateway", "Rate Limiting" and "Sharding": `max_concurrency` buckets, `shard_id % max_concurrency`.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    from infra.leases import Leases

log = logging.getLogger(__name__)

TURN_SECONDS = 5.5  # what Discord asks for, and what two ways to it may differ by
TRY_AGAIN_SECONDS = 1.0


class IdentifyTurns:
    """A turn is a lease that is never given back: it ends when the bucket is free again."""

    def __init__(self, leases: Leases) -> None:
        self._leases = leases

    async def __call__(self, bucket: int) -> None:
        """Wait for a turn. While the database can't be asked there is none, and nothing to be done without it."""
        while True:
            try:
                return await self._leases.wait_for(f"identify:{bucket}", TURN_SECONDS)
            except (SQLAlchemyError, OSError) as error:
                log.warning("no turn to identify: the database can't be asked: %s", str(error).splitlines()[0])
                await asyncio.sleep(TRY_AGAIN_SECONDS)
