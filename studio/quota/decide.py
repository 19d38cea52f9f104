"""Whether a member may make what they ask for: one pure decision, which the store enforces in the job's transaction.

    meters(policy, member, now)                  what has to be read from the ledger
    decide(policy, usage, ask, member, now)      Allowed, Refused or Closed: values, the sentences are made elsewhere
    reserve(job_id, ask, member, allowed, now)   the charge to insert beside the job

It is atomic like this. In one transaction: take a lock for each `check.meter.scope.server_id` of `Allowed.checks`, in
their order, which is the same for everybody (SQLite: BEGIN IMMEDIATE is all of them at once); read the meters again;
decide again; insert. Or, where the decision is older than the lock, insert the charge only where every check still
holds, `coalesce(<measure> over <scope> since <since>, 0) + adds <= most`; if one does not, read and decide anew. Both
never pass a limit by one, because a check is all that a limit says.

Credits come from the allowance as far as every window of the member has room, and the rest from their grants. The
server's and the operator's limits hold for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from studio.quota.ledger import PERSONAL, Charge, Meter
from studio.quota.limits import Kind, Rule, rules
from studio.quota.prices import price_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from seedream import ImageRequest
    from studio.quota.limits import Member, Policy, Target
    from studio.quota.prices import Prices


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a request would cost at most. `price`: credits an image. `divisible`: fewer images of it can be made."""

    model: str
    images: int
    price: int
    divisible: bool

    @property
    def cost(self) -> int:
        return self.images * self.price


def ask_for(request: ImageRequest, prices: Prices) -> Ask:
    return Ask(
        model=request.model,
        images=request.max_images,
        price=price_of(request, prices),
        divisible=request.group is not None and not request.layer_decomposition,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the ledger tells. `meters`: of all that `meters()` names. `granted`: to the member, used up or not."""

    meters: Mapping[Meter, float]
    granted: int = 0

    def grants_left(self, member: Member) -> int:
        return max(0, self.granted - int(self.meters[member.grants]))


class Check(NamedTuple):
    """It holds if what the meter shows, and `adds` to it, is at most `most`."""

    meter: Meter
    adds: float
    most: float

    def holds(self, shown: float) -> bool:
        return shown + self.adds <= self.most


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """It may be made, if every check holds when its charge is inserted. `from_grants`: credits of its cost."""

    from_grants: int
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a member stands with a rule: `used` of its amount, in its unit (COOLDOWN: when the newest request was)."""

    rule: Rule
    used: float

    @property
    def left(self) -> float:
        """Never below zero, though an admin may have lowered the amount; inf if it is unlimited."""
        return inf if self.rule.amount is None else max(0, self.rule.amount - self.used)

    @property
    def resets_at(self) -> float | None:
        """When there is room again; None if no time brings it."""
        if self.rule.kind is Kind.COOLDOWN and self.rule.amount is not None:
            return self.used + self.rule.amount
        return self.rule.ends if self.rule.amount else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It may not, by this rule (`by` says whose: own, a role's, everyone's, the server's, the operator's).

    used, amount, wanted, left: in the rule's unit: credits in a window, images, or jobs; of a cooldown the seconds that
    have passed, that it takes, and that are left to wait. Where several rules refuse, it is the one that lets the least
    through, and of those the one that does for longest. grants_left: credits that could be used besides, where grants
    extend the rule. resets_at: when there is room again; None if no time brings it. fits: the most images of this
    request that would be allowed now, by every rule, at `price` credits each.
    """

    rule: Rule
    used: int
    amount: int
    wanted: int
    left: int
    grants_left: int
    resets_at: float | None
    fits: int
    price: int

    @property
    def kind(self) -> Kind:
        return self.rule.kind

    @property
    def by(self) -> Target:
        return self.rule.by


class Closed(StrEnum):
    """The operator lets nobody make anything here."""

    SERVER = "server"
    PERSONAL = "personal"


def meters(policy: Policy, member: Member, now: float) -> tuple[Meter, ...]:
    """What a decision needs to know, wide scopes first."""
    found = [rule.meter for rule in rules(policy, member, now) if rule.meter]
    return tuple(dict.fromkeys([*found, member.grants]))


def standings(policy: Policy, usage: Usage, member: Member, now: float) -> tuple[Standing, ...]:
    """Where a member stands with everything that holds for them. Raises: KeyError for a meter that was not read."""
    return tuple(
        Standing(rule=rule, used=usage.meters[rule.meter] if rule.meter else 0) for rule in rules(policy, member, now)
    )


def decide(policy: Policy, usage: Usage, ask: Ask, member: Member, now: float) -> Allowed | Refused | Closed:
    """Whether it may be made. `now` is that of the meters in `usage`, and will be the charge's `at`."""
    if closed := closed_to(policy, member):
        return closed
    grants = usage.grants_left(member)
    stands = standings(policy, usage, member, now)
    passing = [(_passing(stand, ask, grants, now), stand) for stand in stands]
    fits = min((images for images, _ in passing), default=inf)
    if fits < ask.images:
        return _refusal(passing, ask, grants, now)
    allowance = min((stand.left for stand in stands if stand.rule.extended), default=inf)
    from_grants = int(max(0, ask.cost - allowance))
    checks = [check for stand in stands if (check := _check(stand.rule, ask, from_grants, now))]
    if from_grants:
        checks.append(Check(member.grants, from_grants, usage.granted))
    return Allowed(from_grants=from_grants, checks=tuple(checks))


def reserve(job_id: str, ask: Ask, member: Member, allowed: Allowed, now: float) -> Charge:
    """The charge of an allowed request, of the same `ask`, `member` and `now`."""
    return Charge(
        job_id=job_id,
        server_id=member.server_id,
        user_id=member.user_id,
        at=now,
        model=ask.model,
        price=ask.price,
        images=ask.images,
        from_grants=allowed.from_grants,
    )


def closed_to(policy: Policy, member: Member) -> Closed | None:
    """Whether the operator lets nobody make anything where the member asks."""
    ceilings = policy.ceilings
    if member.server_id == PERSONAL:
        return None if ceilings.personal else Closed.PERSONAL
    return None if ceilings.servers is None or member.server_id in ceilings.servers else Closed.SERVER


def _passing(stand: Standing, ask: Ask, grants: int, now: float) -> float:
    """How many images of the request a rule lets through."""
    match stand.rule.kind:
        case _ if stand.rule.amount is None:
            return inf
        case Kind.IMAGES:
            return stand.left
        case Kind.AT_ONCE:
            return inf if stand.left else 0
        case Kind.COOLDOWN:
            return inf if (stand.resets_at or 0) <= now else 0
        case _ if not ask.price:
            return inf
        case _:
            return (stand.left + (grants if stand.rule.extended else 0)) // ask.price


def _check(rule: Rule, ask: Ask, from_grants: int, now: float) -> Check | None:
    """What must hold of a rule when the charge is inserted; None if the request adds nothing that it counts."""
    if rule.meter is None or rule.amount is None:
        return None
    match rule.kind:
        case Kind.COOLDOWN:
            return Check(rule.meter, rule.amount, now)
        case Kind.AT_ONCE:
            return Check(rule.meter, 1, rule.amount)
        case _:
            adds = ask.cost - (from_grants if rule.extended else 0)
            return Check(rule.meter, adds, rule.amount) if adds else None


def _refusal(passing: list[tuple[float, Standing]], ask: Ask, grants: int, now: float) -> Refused:
    fits, stand = min(passing, key=lambda one: (one[0], -_lasts(one[1])))
    rule = stand.rule
    amount = rule.amount or 0
    used, wanted = int(stand.used), {Kind.IMAGES: ask.images, Kind.AT_ONCE: 1}.get(rule.kind, ask.cost)
    if rule.kind is Kind.COOLDOWN:
        wanted = amount
        used = min(amount, max(0, int(now - stand.used)))
    return Refused(
        rule=rule,
        used=used,
        amount=amount,
        wanted=wanted,
        left=max(0, amount - used),
        grants_left=grants if rule.extended else 0,
        resets_at=stand.resets_at,
        fits=int(fits) if ask.divisible else 0,
        price=ask.price,
    )


def _lasts(stand: Standing) -> float:
    """How long a rule that refuses will: one of jobs at once until one of them ends, which is soon."""
    if stand.rule.kind is Kind.AT_ONCE:
        return 0
    return inf if stand.resets_at is None else stand.resets_at
