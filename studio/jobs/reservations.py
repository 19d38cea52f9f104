"""Requests against the quota: decided, and written where they are allowed; and where a member stands with it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from studio.jobs.job import accepted
from studio.jobs.sets import with_children
from studio.quota.decide import (
    Allowed,
    Check,
    Closed,
    QuotaUsage,
    Refused,
    closed_to,
    cost_of,
    cost_together,
    decide,
    limit_statuses,
    reserve_together,
    usage_queries,
)
from studio.quota.errors import ClosedError, CrowdedError, QuotaExceededError, TooManyUnderWayError
from studio.quota.ledger import Measure, Scope, UsageQuery
from studio.quota.limits import Who

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from studio.clock import Clock
    from studio.jobs.active_jobs import ActiveJobs
    from studio.jobs.ceiling_watch import CeilingWatch
    from studio.jobs.job import Job
    from studio.jobs.metrics import Limit, MetricsSink
    from studio.quota.decide import LimitStatus, RequestCost
    from studio.quota.limits import Member, Policy
    from studio.quota.ports import QuotaStore
    from studio.quota.prices import Prices

MOST_UNDER_WAY = 50  # requests of one member that wait or run, whatever limits admins set
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
class QuotaStatus:
    """Where a member stands at `now`. `grants`: credits left of them. `closed`: nothing may be made here at all."""

    now: float
    limit_statuses: tuple[LimitStatus, ...]
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

    def _windows(self) -> Iterator[tuple[LimitStatus, float]]:
        """What is left in each, with the grants that count beside it."""
        for one in self.limit_statuses:
            if one.rule.kind.window:
                yield one, one.left + (self.grants if one.rule.extended else 0)


class Reservations:
    def __init__(
        self,
        quotas: QuotaStore,
        rows: ActiveJobs,
        metrics: MetricsSink,
        ceiling: CeilingWatch,
        clock: Clock,
        *,
        place: Callable[[int], int],
    ) -> None:
        """`place`: how many jobs are before a new one of this member."""
        self._place = place
        self._quotas = quotas
        self._rows = rows
        self._metrics = metrics
        self._ceiling = ceiling
        self._clock = clock

    async def accept(self, member: Member, job: Job, others: Sequence[Job] = ()) -> Job:
        """Accept and write a job, and its children with it, if the member may have them all.

        Raises: QuotaExceededError, ClosedError, CrowdedError, TooManyUnderWayError.
        """
        count, under_way = 1 + len(others), UsageQuery(Measure.RUNNING, Scope(user_id=member.user_id))
        if self._rows.under_way(member.user_id) + count > MOST_UNDER_WAY:
            raise TooManyUnderWayError(MOST_UNDER_WAY)
        for _ in range(MOST_TRIES):
            now = self._clock()
            policy = await self._quotas.policy(member)
            cost = cost_together([cost_of(one.request, policy.ceilings.prices) for one in (job, *others)])
            usage = await self._usage(policy, member, now)
            match decide(policy, usage, cost, member, now):
                case Closed() as closed:
                    raise ClosedError(closed)
                case Refused() as refused:
                    self._refused(refused)
                    raise QuotaExceededError(refused)
                case Allowed() as allowed:
                    if inserted := await self._inserted(member, [job, *others], cost, allowed, now):
                        if policy.ceilings.daily is not None:
                            self._ceiling.look()
                        return inserted
                    usage = await self._quotas.usage(member, (under_way,))
                    if usage.counts[under_way] + count > MOST_UNDER_WAY:  # in other processes
                        raise TooManyUnderWayError(MOST_UNDER_WAY)
        raise CrowdedError

    async def _inserted(
        self, member: Member, jobs: Sequence[Job], cost: RequestCost, allowed: Allowed, now: float
    ) -> Job | None:
        """Write accepted jobs and their charges. Returns the first as it was written; None if a check failed."""
        place, prices = self._place(member.user_id), [one.price for one in cost.together or (cost,)]
        first, *others = (
            accepted(job, price=price, place=place, now=now) for job, price in zip(jobs, prices, strict=True)
        )
        first = with_children(first, others)
        charge, *charges = reserve_together([job.id for job in jobs], cost, member, allowed, now)
        under_way = Check(UsageQuery(Measure.RUNNING, Scope(user_id=member.user_id)), len(jobs), MOST_UNDER_WAY)
        checks = (*self._quotas.shortened(allowed.checks), under_way)
        is_in = await self._rows.insert(first, charge, checks, list(zip(others, charges, strict=True)))
        return first if is_in else None

    def _refused(self, refused: Refused) -> None:
        self._metrics.quota_refused(_COUNTED[refused.by.who])
        if refused.by.who is Who.BOT and refused.left < refused.price:
            self._ceiling.look(needs=refused.price)

    async def overview(self, member: Member) -> QuotaStatus:
        now = self._clock()
        policy = await self._quotas.policy(member)
        usage = await self._quotas.usage(member, usage_queries(policy, member, now))
        return QuotaStatus(
            now=now,
            limit_statuses=limit_statuses(policy, usage, member, now),
            grants=usage.grants_left(member),
            prices=policy.ceilings.prices,
            closed=closed_to(policy, member),
        )

    async def _usage(self, policy: Policy, member: Member, now: float) -> QuotaUsage:
        """Where nothing is counted there is nothing to read: grants matter only besides a limit."""
        wanted = usage_queries(policy, member, now)
        if wanted == (member.grants,):
            return QuotaUsage(counts={member.grants: 0})
        return await self._quotas.usage(member, wanted)
