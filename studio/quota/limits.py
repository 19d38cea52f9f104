"""What holds for a member: admins' limits and the operator's ceilings, and which of them is theirs. Pure.

A limit is set for everyone, a role, a member or the server. Of those for people one holds: a member's own if there is
one, else the most generous of their roles', else everyone's; where none is set, nothing is limited. The server's holds
besides, for all of its members together, and so do the operator's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from studio.quota.ledger import PERSONAL, Measure, Meter, Scope
from studio.quota.prices import NO_PRICES, Prices
from studio.quota.windows import Window, window_bounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UTC = ZoneInfo("UTC")
MOST_AMOUNT = 1_000_000_000


class Kind(StrEnum):
    """What is limited: credits in a window, seconds from one request to the next, jobs at once, images a request."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    COOLDOWN = "cooldown"
    AT_ONCE = "at_once"
    IMAGES = "images"

    @property
    def window(self) -> Window | None:
        return Window(self.value) if self in {Kind.DAY, Kind.WEEK, Kind.MONTH} else None


class Who(StrEnum):
    """Whom a limit is for. The last two are the operator's: each member outside of servers, and the whole bot."""

    EVERYONE = "everyone"
    ROLE = "role"
    MEMBER = "member"
    SERVER = "server"
    PERSONAL = "personal"
    BOT = "bot"


class Target(NamedTuple):
    """`id`: a role's or a member's; 0 for the others."""

    who: Who
    id: int = 0

    @property
    def key(self) -> str:
        """As text, of 28 characters at most: "everyone", "role:21"."""
        return f"{self.who}:{self.id}" if self.id else str(self.who)


EVERYONE = Target(Who.EVERYONE)
SERVER = Target(Who.SERVER)
_FOR_PERSONS = {Who.EVERYONE, Who.ROLE, Who.MEMBER}


@dataclass(frozen=True, slots=True)
class Limit:
    """An admin's limit. `amount`: credits, seconds, jobs or images by its kind; None is unlimited (no cooldown).

    Raises: ValueError.
    """

    target: Target
    kind: Kind
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
        return -self.amount if self.kind is Kind.COOLDOWN else self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """The operator's, from the environment. Days are UTC's; None is unlimited.

    daily: credits of the whole bot. servers: those that are served; None is all. personal: whether the bot works in
    direct messages and by user install, where each member has `personal_daily` credits a day.
    """

    daily: int | None = None
    servers: frozenset[int] | None = None
    personal: bool = True
    personal_daily: int | None = None
    prices: Prices = field(default_factory=lambda: NO_PRICES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All that decides in one server, or outside of servers, where only the ceilings do.

    resets: when an admin gave a target its whole allowance again, seconds since the epoch.
    """

    limits: tuple[Limit, ...] = ()
    zone: ZoneInfo = UTC
    resets: Mapping[Target, float] = field(default_factory=lambda: MappingProxyType({}))
    ceilings: Ceilings = Ceilings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Who asks, and where: `server_id` is PERSONAL outside of servers."""

    user_id: int
    server_id: int = PERSONAL
    role_ids: frozenset[int] = frozenset()

    @property
    def scope(self) -> Scope:
        return Scope(self.server_id, self.user_id)

    @property
    def grants(self) -> Meter:
        """What has been taken of their grants."""
        return Meter(Measure.GRANTS, self.scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A limit as it holds for a member now. `by`: whose it is, which is why it holds. `amount`: None is unlimited.

    meter: what counts against it (IMAGES: nothing does). ends: when its window does. extended: grants count besides.
    """

    kind: Kind
    by: Target
    amount: int | None
    meter: Meter | None = None
    ends: float | None = None
    extended: bool = False


def rules(policy: Policy, member: Member, now: float) -> Iterator[Rule]:
    """Every limit that holds for the member, those of the whole bot first: whoever locks takes them in this order."""
    ceilings = policy.ceilings
    if ceilings.daily is not None:
        meter = Meter(Measure.CREDITS, Scope())
        yield _window(Kind.DAY, Target(Who.BOT), ceilings.daily, meter, now, UTC)
    if member.server_id == PERSONAL:
        if ceilings.personal_daily is not None:
            meter = Meter(Measure.CREDITS, member.scope)
            yield _window(Kind.DAY, Target(Who.PERSONAL), ceilings.personal_daily, meter, now, UTC)
        return
    for limit in policy.limits:
        if limit.target == SERVER:
            meter = Meter(Measure.CREDITS, Scope(member.server_id), policy.resets.get(SERVER, 0))
            yield _window(limit.kind, SERVER, limit.amount, meter, now, policy.zone)
    for kind in Kind:
        if own := own_limit(policy, member, kind):
            yield _personal(policy, member, own, now)


def own_limit(policy: Policy, member: Member, kind: Kind) -> Limit | None:
    """The one that holds of those for people; None where none is set."""
    ours = (Target(Who.MEMBER, member.user_id),)
    roles = tuple(Target(Who.ROLE, role_id) for role_id in sorted(member.role_ids))
    for targets in (ours, roles, (EVERYONE,)):
        found = [limit for limit in policy.limits if limit.kind is kind and limit.target in targets]
        if found:
            return max(found, key=lambda limit: (limit.generosity, -limit.target.id))
    return None


def _personal(policy: Policy, member: Member, limit: Limit, now: float) -> Rule:
    kind, by, amount = limit.kind, limit.target, limit.amount
    if kind is Kind.IMAGES:
        return Rule(kind=kind, by=by, amount=amount)
    if kind is Kind.AT_ONCE:
        return Rule(kind=kind, by=by, amount=amount, meter=Meter(Measure.RUNNING, member.scope))
    if kind is Kind.COOLDOWN:
        return Rule(kind=kind, by=by, amount=amount or None, meter=Meter(Measure.NEWEST, member.scope))
    targets = (EVERYONE, Target(Who.MEMBER, member.user_id), *(Target(Who.ROLE, one) for one in member.role_ids))
    reset = max(policy.resets.get(target, 0) for target in targets)
    meter = Meter(Measure.ALLOWANCE, member.scope, reset)
    return _window(kind, by, amount, meter, now, policy.zone, extended=True)


def _window(
    kind: Kind, by: Target, amount: int | None, meter: Meter, now: float, zone: ZoneInfo, *, extended: bool = False
) -> Rule:
    """`meter.since` as it comes: when it was last reset."""
    start, end = window_bounds(Window(kind.value), now, zone)
    since = max(start, meter.since)
    return Rule(kind=kind, by=by, amount=amount, meter=meter._replace(since=since), ends=end, extended=extended)
