"""Caches sums over the part of the ledger that doesn't change any more, so that a decision only reads the rest.

A settled charge never changes, and none is written for a time long past. So usage is a cached sum up to some time, at
least ten minutes ago and before the oldest running charge, plus what came since. However many charges a month has, a
decision reads those of the last minutes: 2 ms instead of about 100 ms with a million charges (BENCHMARKS.md).

Nothing has to be kept up to date: the cache ends with the process, and is then built anew.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from infra.stores.charges import GRANTED, SUMMED, reading, settled_total
from studio.quota.decide import QuotaUsage
from studio.quota.ledger import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from studio.clock import Clock
    from studio.quota.decide import Check
    from studio.quota.ledger import UsageQuery
    from studio.quota.limits import Member

MANY = 1_000  # charges; summing up fewer is too fast to be worth caching
LATE_SECONDS = 600.0  # how late a charge may be written, or how far the clocks of processes may differ
RETRY_SECONDS = 30.0  # until the cached part of a sum may grow
CACHE_SIZE = 5_000  # sums


class Settled(NamedTuple):
    """`total`: of the charges before `until`. `tried`: when it was last extended, by the monotonic clock."""

    total: int
    until: float
    tried: float


class SettledSums:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sums: dict[UsageQuery, Settled] = {}

    async def usage(self, connection: AsyncConnection, member: Member, queries: Sequence[UsageQuery]) -> QuotaUsage:
        """Answers the queries and reads the member's grants, in one round trip."""
        split = [self._split(usage_query) for usage_query in queries]
        query, values = reading([rest for rest, _ in split], member)
        rows = {row.number: row for row in await connection.execute(query, values)}
        counts: dict[UsageQuery, float] = {}
        for number, (usage_query, (_, total)) in enumerate(zip(queries, split, strict=True)):
            row = rows[number]
            counts[usage_query] = row.result if usage_query.measure is Measure.NEWEST else int(row.result) + total
            if row.charges > MANY:
                await self._sum_up(connection, usage_query)
        return QuotaUsage(counts=counts, granted=int(rows[GRANTED].result))

    def shortened(self, check: Check) -> Check:
        """The same check, over the part of the ledger that isn't cached."""
        rest, total = self._split(check.usage_query)
        return check._replace(usage_query=rest, most=check.most - total)

    def _split(self, usage_query: UsageQuery) -> tuple[UsageQuery, int]:
        """The rest of a query that must be read, and the cached total."""
        cached = self._sums.get(usage_query)
        return (usage_query._replace(since=cached.until), cached.total) if cached else (usage_query, 0)

    async def _sum_up(self, connection: AsyncConnection, usage_query: UsageQuery) -> None:
        if usage_query.measure not in SUMMED:
            return
        now, cached = time.monotonic(), self._sums.get(usage_query)
        if cached and now - cached.tried < RETRY_SECONDS:
            return
        rest, total = self._split(usage_query)
        row = (await connection.execute(*settled_total(rest, self._clock() - LATE_SECONDS))).one()
        if len(self._sums) >= CACHE_SIZE:
            self._sums.clear()
        self._sums[usage_query] = Settled(total + row.total, max(rest.since, row.until), now)
