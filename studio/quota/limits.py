"""Admins' limits and the operator's ceilings, and which of them apply to a member. Pure.

A limit is set for everyone, a role, a member or the server. Per kind, one of those for people applies: the member's
own, otherwise the most generous of their roles', otherwise everyone's. The server's limit, which all members share,
applies as well, and so do the operator's ceilings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from studio.quota.ledger import PERSONAL, Measure, Scope, UsageQuery
from studio.quota.prices import NO_PRICES, Prices
from studio.quota.windows import Window, window_bounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UTC = ZoneInfo("UTC")
MOST_AMOUNT = 1_000_000_000


class LimitKind(StrEnum):
    """What is limited: credits per window, seconds between requests, jobs at once, images per request."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    COOLDOWN = "cooldown"
    AT_ONCE = "at_once"
    IMAGES = "images"

    @property
    def window(self) -> Window | None:
        return Window(self.value) if self in {LimitKind.DAY, LimitKind.WEEK, LimitKind.MONTH} else None


class Who(StrEnum):
    """Whom a limit applies to. The last two are the operator's: each member outside servers, and the whole bot."""

    EVERYONE = "everyone"
    ROLE = "role"
    MEMBER = "member"
    SERVER = "server"
    PERSONAL = "personal"
    BOT = "bot"


class Target(NamedTuple):
    """Whose limit it is. id: of the role or member; 0 for the others."""

    who: Who
    id: int = 0

    @property
    def key(self) -> str:
        """Return it as text of at most 28 characters: "everyone", "role:21"."""
        return f"{self.who}:{self.id}" if self.id else str(self.who)


EVERYONE = Target(Who.EVERYONE)
SERVER = Target(Who.SERVER)
_FOR_PERSONS = {Who.EVERYONE, Who.ROLE, Who.MEMBER}


@dataclass(frozen=True, slots=True)
class Limit:
    """An admin's limit. amount: credits, seconds, jobs or images, depending on its kind; None is unlimited.

    Raises: ValueError.
    """

    target: Target
    kind: LimitKind
    amount: int | None

    def __post_init__(self) -> None:
        if self.amount is not None and not 0 <= self.amount <= MOST_AMOUNT:
            raise ValueError(f"a limit is from 0 to {MOST_AMOUNT}, not {self.amount}")
        if self.target.who not in _FOR_PERSONS and not (self.target == SERVER and self.kind.window):
            raise ValueError(f"no admin can set {self.kind} for {self.target.who}")
        if bool(self.target.id) != (self.target.who in {Who.ROLE, Who.MEMBER}):
            raise ValueError(f"{self.target.who} with the id {self.target.id}")

    @property
    def generosity(self) -> float:
        if self.amount is None:
            return float("inf")
        return -self.amount if self.kind is LimitKind.COOLDOWN else self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """The operator's limits, from the environment. Days are in UTC; None is unlimited.

    daily: credits of the whole bot. servers: those that may use it; None for all. personal: whether the bot works in
    direct messages and by user install, where each member has `personal_daily` credits a day.
    """

    daily: int | None = None
    servers: frozenset[int] | None = None
    personal: bool = True
    personal_daily: int | None = None
    prices: Prices = field(default_factory=lambda: NO_PRICES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All limits of a server. Outside servers, only the ceilings apply.

    resets: when an admin reset a target's usage, in seconds since the epoch.
    """

    limits: tuple[Limit, ...] = ()
    zone: ZoneInfo = UTC
    resets: Mapping[Target, float] = field(default_factory=lambda: MappingProxyType({}))
    ceilings: Ceilings = Ceilings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """The requester, and where they are. server_id: PERSONAL outside servers."""

    user_id: int
    server_id: int = PERSONAL
    role_ids: frozenset[int] = frozenset()

    @property
    def scope(self) -> Scope:
        return Scope(self.server_id, self.user_id)

    @property
    def grants(self) -> UsageQuery:
        """Return the query for what they have used of their grants."""
        return UsageQuery(Measure.GRANTS, self.scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRule:
    """A limit as it applies to a member now. by: whose limit it is. amount: None is unlimited.

    usage_query: what counts against it (IMAGES: nothing does). ends: when its window ends. extended: whether grants
    extend it.
    """

    kind: LimitKind
    by: Target
    amount: int | None
    usage_query: UsageQuery | None = None
    ends: float | None = None
    extended: bool = False


def rules(policy: Policy, member: Member, now: float) -> Iterator[LimitRule]:
    """Yield every limit that applies to a member. The bot's come first: locks are taken in this order."""
    ceilings = policy.ceilings
    if ceilings.daily is not None:
        usage_query = UsageQuery(Measure.CREDITS, Scope())
        yield _window(LimitKind.DAY, Target(Who.BOT), ceilings.daily, usage_query, now, UTC)
    if member.server_id == PERSONAL:
        if ceilings.personal_daily is not None:
            usage_query = UsageQuery(Measure.CREDITS, member.scope)
            yield _window(LimitKind.DAY, Target(Who.PERSONAL), ceilings.personal_daily, usage_query, now, UTC)
        return
    for limit in policy.limits:
        if limit.target == SERVER:
            usage_query = UsageQuery(Measure.CREDITS, Scope(member.server_id), policy.resets.get(SERVER, 0))
            yield _window(limit.kind, SERVER, limit.amount, usage_query, now, policy.zone)
    for kind in LimitKind:
        if own := own_limit(policy, member, kind):
            yield _personal(policy, member, own, now)


def own_limit(policy: Policy, member: Member, kind: LimitKind) -> Limit | None:
    """Return the limit for people that applies; None if none is set."""
    own = (Target(Who.MEMBER, member.user_id),)
    roles = tuple(Target(Who.ROLE, role_id) for role_id in sorted(member.role_ids))
    for targets in (own, roles, (EVERYONE,)):
        limits = [limit for limit in policy.limits if limit.kind is kind and limit.target in targets]
        if limits:
            return max(limits, key=lambda limit: (limit.generosity, -limit.target.id))
    return None


def _personal(policy: Policy, member: Member, limit: Limit, now: float) -> LimitRule:
    kind, by, amount = limit.kind, limit.target, limit.amount
    if kind is LimitKind.IMAGES:
        return LimitRule(kind=kind, by=by, amount=amount)
    if kind is LimitKind.AT_ONCE:
        return LimitRule(kind=kind, by=by, amount=amount, usage_query=UsageQuery(Measure.RUNNING, member.scope))
    if kind is LimitKind.COOLDOWN:
        return LimitRule(kind=kind, by=by, amount=amount or None, usage_query=UsageQuery(Measure.NEWEST, member.scope))
    targets = (
        EVERYONE,
        Target(Who.MEMBER, member.user_id),
        *(Target(Who.ROLE, role_id) for role_id in member.role_ids),
    )
    reset = max(policy.resets.get(target, 0) for target in targets)
    usage_query = UsageQuery(Measure.ALLOWANCE, member.scope, reset)
    return _window(kind, by, amount, usage_query, now, policy.zone, extended=True)


def _window(
    kind: LimitKind,
    by: Target,
    amount: int | None,
    usage_query: UsageQuery,
    now: float,
    zone: ZoneInfo,
    *,
    extended: bool = False,
) -> LimitRule:
    """Build the rule of a window. `usage_query.since` is when usage was last reset."""
    start, end = window_bounds(Window(kind.value), now, zone)
    since = max(start, usage_query.since)
    return LimitRule(
        kind=kind, by=by, amount=amount, usage_query=usage_query._replace(since=since), ends=end, extended=extended
    )
