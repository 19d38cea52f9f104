"""Decides whether the limits allow a request. Pure; the store enforces the decision in the job's transaction.

    usage_queries(policy, member, now)           what to read from the ledger
    decide(policy, usage, cost, member, now)     Allowed, Refused or Closed: values; cogs choose the sentences
    reserve(job_id, cost, member, allowed, now)  the charge to insert with the job

The store locks each `check.usage_query.scope.server_id` of `Allowed.checks`, always in the same order (on SQLite, its
single writer), and inserts the charge only if every check still holds: `coalesce(<measure> over <scope> since <since>,
0) + adds <= most`. If one doesn't, it reads the ledger and decides again, five times at most. The checks are all that a
limit says, so no limit can be exceeded.

Credits come from the allowance while every window of the member has room, and then from their grants. The server's and
the operator's limits apply to both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from studio.quota.ledger import PERSONAL, Charge, UsageQuery
from studio.quota.limits import LimitKind, LimitRule, rules
from studio.quota.prices import price_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from seedream import ImageRequest
    from studio.quota.limits import Member, Policy, Target
    from studio.quota.prices import Prices

MAX_SKEW_SECONDS = 60.0  # by which the clocks of two processes may differ


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCost:
    """What a request costs at most. price: credits per image. divisible: whether fewer images can be made.

    together: of several requests, each one's cost; then `price` is that of the dearest.
    """

    model: str
    images: int
    price: int
    divisible: bool
    together: tuple[RequestCost, ...] = ()

    @property
    def credits(self) -> int:
        return sum(one.credits for one in self.together) if self.together else self.images * self.price


def cost_of(request: ImageRequest, prices: Prices) -> RequestCost:
    return RequestCost(
        model=request.model,
        images=request.max_images,
        price=price_of(request, prices),
        divisible=request.group is not None and not request.layer_decomposition,
    )


def cost_together(costs: Sequence[RequestCost]) -> RequestCost:
    """Return the cost of requests that are decided about as one. Of one alone, its own."""
    if len(costs) == 1:
        return costs[0]
    dearest = max(costs, key=lambda cost: cost.price)
    images = sum(cost.images for cost in costs)
    return replace(dearest, images=images, divisible=False, together=tuple(costs))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaUsage:
    """The ledger's figures. counts: for each of `usage_queries()`. granted: to the member, used or not."""

    counts: Mapping[UsageQuery, float]
    granted: int = 0

    def grants_left(self, member: Member) -> int:
        return max(0, self.granted - int(self.counts[member.grants]))


class Check(NamedTuple):
    """Holds if the current usage plus `adds` is at most `most`."""

    usage_query: UsageQuery
    adds: float
    most: float

    def holds(self, usage: float) -> bool:
        return usage + self.adds <= self.most


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Allowed if every check holds when the charge is inserted. from_grants: how much of the cost grants pay."""

    from_grants: int
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitStatus:
    """The usage of a rule. used: of its amount, in its unit (COOLDOWN: the time of the newest request)."""

    rule: LimitRule
    used: float

    @property
    def left(self) -> float:
        """Return how much is left, never below zero even if an admin lowered the amount; inf if it is unlimited."""
        return inf if self.rule.amount is None else max(0, self.rule.amount - self.used)

    @property
    def resets_at(self) -> float | None:
        """Return when there is room again; None if waiting doesn't help."""
        if self.rule.kind is LimitKind.COOLDOWN and self.rule.amount is not None:
            return self.used + self.rule.amount
        return self.rule.ends if self.rule.amount else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Refused by this rule (`by`: whose it is: the member's, a role's, everyone's, the server's, the operator's).

    If several rules refuse, it is the one that allows the fewest images, and of those the one that does so for longest.

    used, amount, wanted, left: in the rule's unit: credits in a window, images or jobs; for a cooldown the seconds that
    have passed, are required, and are left. grants_left: extra credits that could be used, if grants extend the rule.
    resets_at: when there is room again; None if waiting doesn't help. fits: the most images of this request that every
    rule would allow now, at `price` credits each.
    """

    rule: LimitRule
    used: int
    amount: int
    wanted: int
    left: int
    grants_left: int
    resets_at: float | None
    fits: int
    price: int

    @property
    def kind(self) -> LimitKind:
        return self.rule.kind

    @property
    def by(self) -> Target:
        return self.rule.by


class Closed(StrEnum):
    """The operator has closed this place to everybody."""

    SERVER = "server"
    PERSONAL = "personal"


def usage_queries(policy: Policy, member: Member, now: float) -> tuple[UsageQuery, ...]:
    """Return what a decision needs to know, wide scopes first."""
    queries = [rule.usage_query for rule in rules(policy, member, now) if rule.usage_query]
    return tuple(dict.fromkeys([*queries, member.grants]))


def limit_statuses(policy: Policy, usage: QuotaUsage, member: Member, now: float) -> tuple[LimitStatus, ...]:
    """Return the status of every rule that applies. Raises: KeyError for a query that `usage` doesn't have.

    A cooldown since a time to come doesn't apply: a clock was wrong then, and it would last too long.
    """
    counted = ((rule, usage.counts[rule.usage_query] if rule.usage_query else 0) for rule in rules(policy, member, now))
    return tuple(
        LimitStatus(rule=rule, used=used if rule.kind is not LimitKind.COOLDOWN else min(used, now))
        for rule, used in counted
        if rule.kind is not LimitKind.COOLDOWN or used <= now + MAX_SKEW_SECONDS
    )


def decide(
    policy: Policy, usage: QuotaUsage, cost: RequestCost, member: Member, now: float
) -> Allowed | Refused | Closed:
    """Decide about a request. `now` is the time at which `usage` was read, and becomes the charge's `at`."""
    if closed := closed_to(policy, member):
        return closed
    grants = usage.grants_left(member)
    statuses = limit_statuses(policy, usage, member, now)
    passing = [(_passing(status, cost, grants, now), status) for status in statuses]
    fits = min((images for images, _ in passing), default=inf)
    if fits < cost.images:
        return _refusal(passing, cost, grants, now)
    allowance = min((status.left for status in statuses if status.rule.extended), default=inf)
    from_grants = int(max(0, cost.credits - allowance))
    checks = [check for status in statuses if (check := _check(status.rule, cost, from_grants, now))]
    if from_grants:
        checks.append(Check(member.grants, from_grants, usage.granted))
    return Allowed(from_grants=from_grants, checks=tuple(checks))


def reserve(job_id: str, cost: RequestCost, member: Member, allowed: Allowed, now: float) -> Charge:
    """Return the charge of an allowed request; `cost`, `member` and `now` as in its decision."""
    return Charge(
        job_id=job_id,
        server_id=member.server_id,
        user_id=member.user_id,
        at=now,
        model=cost.model,
        price=cost.price,
        images=cost.images,
        from_grants=allowed.from_grants,
    )


def reserve_together(
    job_ids: Sequence[str], cost: RequestCost, member: Member, allowed: Allowed, now: float
) -> list[Charge]:
    """Return the charges of requests that were decided about as one. The last ones use the grants."""
    left = cost.credits - allowed.from_grants  # of the allowance
    charges = []
    for job_id, one in zip(job_ids, cost.together or (cost,), strict=True):
        from_allowance = min(left, one.credits)
        left -= from_allowance
        share = Allowed(from_grants=one.credits - from_allowance, checks=())
        charges.append(reserve(job_id, one, member, share, now))
    return charges


def closed_to(policy: Policy, member: Member) -> Closed | None:
    """Return whether the operator has closed the place of a request; None if it is open."""
    ceilings = policy.ceilings
    if member.server_id == PERSONAL:
        return None if ceilings.personal else Closed.PERSONAL
    return None if ceilings.servers is None or member.server_id in ceilings.servers else Closed.SERVER


def _passing(status: LimitStatus, cost: RequestCost, grants: int, now: float) -> float:
    """Return how many images of the request a rule allows."""
    match status.rule.kind:
        case _ if status.rule.amount is None:
            return inf
        case LimitKind.IMAGES:
            return status.left
        case LimitKind.AT_ONCE:
            return inf if status.left else 0
        case LimitKind.COOLDOWN:
            return inf if (status.resets_at or 0) <= now else 0
        case _ if not cost.price:
            return inf
        case _:
            room = status.left + (grants if status.rule.extended else 0)
            return inf if cost.credits <= room else room // cost.price


def _check(rule: LimitRule, cost: RequestCost, from_grants: int, now: float) -> Check | None:
    """Return what must hold when the charge is inserted; None if the rule counts nothing of the request."""
    if rule.usage_query is None or rule.amount is None:
        return None
    match rule.kind:
        case LimitKind.COOLDOWN:
            return Check(rule.usage_query, rule.amount, now)
        case LimitKind.AT_ONCE:
            return Check(rule.usage_query, 1, rule.amount)
        case _:
            adds = cost.credits - (from_grants if rule.extended else 0)
            return Check(rule.usage_query, adds, rule.amount) if adds else None


def _refusal(passing: list[tuple[float, LimitStatus]], cost: RequestCost, grants: int, now: float) -> Refused:
    fits, status = min(passing, key=lambda item: (item[0], -_lasts(item[1])))
    rule = status.rule
    amount = rule.amount or 0
    used, wanted = int(status.used), {LimitKind.IMAGES: cost.images, LimitKind.AT_ONCE: 1}.get(rule.kind, cost.credits)
    if rule.kind is LimitKind.COOLDOWN:
        wanted = amount
        used = min(amount, max(0, int(now - status.used)))
    return Refused(
        rule=rule,
        used=used,
        amount=amount,
        wanted=wanted,
        left=max(0, amount - used),
        grants_left=grants if rule.extended else 0,
        resets_at=status.resets_at,
        fits=int(fits) if cost.divisible else 0,
        price=cost.price,
    )


def _lasts(status: LimitStatus) -> float:
    """Return until when a rule refuses. One of jobs at once does until a job ends, which is soon."""
    if status.rule.kind is LimitKind.AT_ONCE:
        return 0
    return inf if status.resets_at is None else status.resets_at
