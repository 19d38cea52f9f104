"""Requests against the quota: decided, and written where they are allowed; and where a member stands with it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from studio.quota.decide import Allowed, Closed, Refused, Usage, ask_for, closed_to, decide, meters, reserve, standings
from studio.quota.errors import ClosedError, CrowdedError, QuotaExceededError
from studio.quota.limits import Who

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from seedream import ImageRequest
    from studio.clock import Clock
    from studio.jobs.active_jobs import JobRows
    from studio.jobs.job import Job
    from studio.jobs.metrics import Limit, Meter
    from studio.quota.decide import Ask, Standing
    from studio.quota.limits import Member, Policy
    from studio.quota.ports import QuotaStore
    from studio.quota.prices import Prices

MOST_TRIES = 5  # each of them fails only where another request was written meanwhile

_COUNTED: dict[Who, Limit] = {
    Who.EVERYONE: "everyone",
    Who.ROLE: "role",
    Who.MEMBER: "member",
    Who.SERVER: "server",
    Who.PERSONAL: "operator",
    Who.BOT: "operator",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Where a member stands at `now`. `grants`: credits left of them. `closed`: nothing may be made here at all."""

    now: float
    standings: tuple[Standing, ...]
    grants: int
    prices: Prices
    closed: Closed | None

    @property
    def left(self) -> float:
        """Credits that can be used now, by every window; inf where none limits them."""
        return min((left for _, left in self._windows()), default=inf)

    @property
    def more_at(self) -> float | None:
        """When there are more, where none are left; None if no time brings them."""
        ends = [one.resets_at for one, left in self._windows() if not left]
        return None if None in ends else max(filter(None, ends), default=None)

    def _windows(self) -> Iterator[tuple[Standing, float]]:
        """What is left in each, with the grants that count beside it."""
        for one in self.standings:
            if one.rule.kind.window:
                yield one, one.left + (self.grants if one.rule.extended else 0)


class Reservations:
    def __init__(self, quotas: QuotaStore, rows: JobRows, meter: Meter, clock: Clock) -> None:
        self._quotas = quotas
        self._rows = rows
        self._meter = meter
        self._clock = clock

    async def accept(self, member: Member, request: ImageRequest, make: Callable[[Ask, float], Job]) -> Job:
        """Write the job that `make` makes, of what is asked for and of the time, if the member may have it.

        Raises: QuotaExceededError, ClosedError, CrowdedError.
        """
        for _ in range(MOST_TRIES):
            now = self._clock()
            policy = await self._quotas.policy(member)
            asked = ask_for(request, policy.ceilings.prices)
            usage = await self._usage(policy, member, now)
            match decide(policy, usage, asked, member, now):
                case Closed() as closed:
                    raise ClosedError(closed)
                case Refused() as refused:
                    self._meter.quota_refused(_COUNTED[refused.by.who])
                    raise QuotaExceededError(refused)
                case Allowed() as allowed:
                    job, checks = make(asked, now), self._quotas.shortened(allowed.checks)
                    if await self._rows.insert(job, reserve(job.id, asked, member, allowed, now), checks):
                        return job
        raise CrowdedError

    async def overview(self, member: Member) -> Overview:
        now = self._clock()
        policy = await self._quotas.policy(member)
        usage = await self._quotas.usage(member, meters(policy, member, now))
        return Overview(
            now=now,
            standings=standings(policy, usage, member, now),
            grants=usage.grants_left(member),
            prices=policy.ceilings.prices,
            closed=closed_to(policy, member),
        )

    async def _usage(self, policy: Policy, member: Member, now: float) -> Usage:
        """Where nothing is counted there is nothing to read: grants matter only besides a limit."""
        wanted = meters(policy, member, now)
        if wanted == (member.grants,):
            return Usage(meters={member.grants: 0})
        return await self._quotas.usage(member, wanted)
