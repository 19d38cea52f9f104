"""Sums over the part of the ledger that changes no more, remembered, so that a decision reads the rest alone.

A charge that is settled is never changed again, and none is written for a time that is long past. So what a meter shows
is what was summed up to some moment before all that still runs, and what came from that moment on. However many charges
a month has, a decision reads those of the last minutes.

Nothing is counted twice or kept up to date: it is forgotten with the process, and then read once more.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from infra.stores.charges import GRANTED, SUMMED, reading, summing_up
from studio.quota.decide import Usage
from studio.quota.ledger import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from studio.clock import Clock
    from studio.quota.decide import Check
    from studio.quota.ledger import Meter
    from studio.quota.limits import Member

MANY = 1_000  # charges; the sum over fewer is read faster than it is worth to remember
LATE_SECONDS = 600.0  # so late may a charge be written, and so far apart may the clocks of processes be
AGAIN_SECONDS = 30.0  # after which it is tried again whether more has come to rest
MOST_REMEMBERED = 5_000  # sums


class Settled(NamedTuple):
    """`total`: of the charges before `until`. `tried`: when it was looked last whether there are more, monotonic."""

    total: int
    until: float
    tried: float


class SettledSums:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[Meter, Settled] = {}

    async def usage(self, connection: AsyncConnection, member: Member, meters: Sequence[Meter]) -> Usage:
        """What the meters show and what the member was granted, in one round trip."""
        split = [self._split(meter) for meter in meters]
        query, values = reading([rest for rest, _ in split], member)
        rows = {row.number: row for row in await connection.execute(query, values)}
        shown: dict[Meter, float] = {}
        for number, (meter, (_, total)) in enumerate(zip(meters, split, strict=True)):
            row = rows[number]
            shown[meter] = row.shown if meter.measure is Measure.NEWEST else int(row.shown) + total
            if row.charges > MANY:
                await self._sum_up(connection, meter)
        return Usage(meters=shown, granted=int(rows[GRANTED].shown))

    def shortened(self, check: Check) -> Check:
        """The same check over the rest of the ledger."""
        rest, total = self._split(check.meter)
        return check._replace(meter=rest, most=check.most - total)

    def _split(self, meter: Meter) -> tuple[Meter, int]:
        """What of the meter is still to be read, and what of it is known."""
        known = self._known.get(meter)
        return (meter._replace(since=known.until), known.total) if known else (meter, 0)

    async def _sum_up(self, connection: AsyncConnection, meter: Meter) -> None:
        if meter.measure not in SUMMED:
            return
        now, known = time.monotonic(), self._known.get(meter)
        if known and now - known.tried < AGAIN_SECONDS:
            return
        rest, total = self._split(meter)
        row = (await connection.execute(*summing_up(rest, self._clock() - LATE_SECONDS))).one()
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[meter] = Settled(total + row.total, max(rest.since, row.until), now)
