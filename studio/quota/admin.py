"""What admins do with the quota of their server, and what comes of it: who is over a limit now, and reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from studio.quota.decide import meters, standings
from studio.quota.limits import EVERYONE, SERVER, Kind, Member, Who, rules
from studio.quota.reports import Report, dates_of, last_days
from studio.quota.windows import Bounds, window_bounds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from studio.clock import Clock
    from studio.guilds.audit import Admin
    from studio.quota.decide import Standing, Usage
    from studio.quota.ledger import Charge, Meter
    from studio.quota.limits import Limit, Policy, Rule, Target
    from studio.quota.reports import MemberUse, Totals, Use

    # Of those who are in the server: the roles. None where that could not be learnt.
    Roles = Callable[[Sequence[int]], Awaitable[Mapping[int, frozenset[int]] | None]]

MOST_COUNTED = 300  # members who are looked at for each window, those first who used most
MOST_NAMED = 10  # members in a report


class Left(Protocol):
    """What a member has left of their grants, before a change and after it."""

    @property
    def before(self) -> int: ...
    @property
    def after(self) -> int: ...


class Quotas(Protocol):
    """What admins have set. Every change is in the audit log, in the same transaction."""

    async def policy(self, member: Member) -> Policy: ...
    async def usage(self, member: Member, meters: Sequence[Meter]) -> Usage: ...
    async def limits(self, server_id: int) -> tuple[Limit, ...]: ...
    async def set_limit(self, admin: Admin, limit: Limit) -> Limit | None: ...
    async def clear_limits(
        self, admin: Admin, target: Target | None, kind: Kind | None = None
    ) -> tuple[Limit, ...]: ...
    async def reset(self, admin: Admin, target: Target) -> None: ...
    async def grant(self, admin: Admin, user_id: int, amount: int) -> Left: ...
    async def take(self, admin: Admin, user_id: int, amount: int) -> Left: ...


class Ledger(Protocol):
    """What was charged."""

    async def use(self, server_id: int, periods: Sequence[Bounds]) -> list[Use]: ...
    async def members(self, server_id: int, bounds: Bounds, *, most: int | None = None) -> list[MemberUse]: ...
    async def totals(self, server_id: int, bounds: Bounds) -> Totals: ...
    def charges(self, server_id: int, bounds: Bounds) -> AsyncIterator[Charge]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many members. `whole`: all were looked at; else there may be more."""

    number: int
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a member stands. `grants`: credits left of them."""

    standings: tuple[Standing, ...]
    grants: int


class QuotaAdmin:
    def __init__(self, quotas: Quotas, ledger: Ledger, clock: Clock) -> None:
        self.quotas = quotas
        self.ledger = ledger
        self.clock = clock

    async def zone(self, server_id: int) -> ZoneInfo:
        return (await self.quotas.policy(Member(user_id=0, server_id=server_id))).zone

    async def stand(self, member: Member) -> Stand:
        """Where a member stands with every limit that holds for them."""
        now, policy = self.clock(), await self.quotas.policy(member)
        usage = await self.quotas.usage(member, meters(policy, member, now))
        return Stand(standings=standings(policy, usage, member, now), grants=usage.grants_left(member))

    async def server(self, server_id: int) -> tuple[Standing, ...]:
        """Where the server stands with its own limits."""
        found = await self.stand(Member(user_id=0, server_id=server_id))
        return tuple(one for one in found.standings if one.rule.by == SERVER)

    async def window(self, server_id: int, kind: Kind) -> Bounds | None:
        """The one of a kind that it is now."""
        return window_bounds(kind.window, self.clock(), await self.zone(server_id)) if kind.window else None

    async def over(self, server_id: int, kinds: Iterable[Kind], target: Target, roles: Roles) -> Count | None:
        """How many have used up what a limit of the target allows them, in any of the windows.

        None where their roles could not be learnt. It is by limits for people, with no regard to grants.
        """
        return await self._used_up(server_id, kinds, roles, lambda _, rule: rule.by == target)

    async def stuck(self, server_id: int, target: Target, roles: Roles) -> Count | None:
        """How many of a target's members have used up what any limit allows them. None as above."""
        kinds = {limit.kind for limit in await self.quotas.limits(server_id) if limit.target != SERVER}
        return await self._used_up(server_id, kinds, roles, lambda member, _: _concerns(target, member))

    async def report(self, server_id: int, days: int) -> Report:
        """What was used in the last days; the one that it is now is the last of them."""
        zone = await self.zone(server_id)
        periods = last_days(days, self.clock(), zone)
        whole = Bounds(periods[0].start, periods[-1].end)
        return Report(
            days=dates_of(periods, zone),
            bounds=whole,
            use=tuple(await self.ledger.use(server_id, periods)),
            members=tuple(await self.ledger.members(server_id, whole, most=MOST_NAMED)),
            totals=await self.ledger.totals(server_id, whole),
        )

    async def _used_up(
        self, server_id: int, kinds: Iterable[Kind], roles: Roles, meant: Callable[[Member, Rule], bool]
    ) -> Count | None:
        now = self.clock()
        used = {kind: await self._used(server_id, kind, now) for kind in kinds if kind.window}
        users = list(dict.fromkeys(user_id for _, amounts in used.values() for user_id in amounts))
        known = await roles(users) if users else {}
        if known is None:
            return None
        number = 0
        for user_id, role_ids in known.items():
            member = Member(user_id=user_id, server_id=server_id, role_ids=role_ids)
            policy = await self.quotas.policy(member)
            counted = [one for one in rules(policy, member, now) if one.extended and one.kind in used]
            number += any(
                [await self._is_used_up(member, one, *used[one.kind]) for one in counted if meant(member, one)]
            )
        return Count(number=number, whole=all(len(amounts) < MOST_COUNTED for _, amounts in used.values()))

    async def _used(self, server_id: int, kind: Kind, now: float) -> tuple[float, dict[int, int]]:
        """Since when, and what each member has used since then of what counts against limits for people."""
        policy = await self.quotas.policy(Member(user_id=0, server_id=server_id))
        assert kind.window is not None  # noqa: S101 - the caller asks for windows alone
        start = max(window_bounds(kind.window, now, policy.zone).start, policy.resets.get(EVERYONE, 0))
        found = await self.ledger.members(server_id, Bounds(start, now + 1), most=MOST_COUNTED)
        return start, {one.user_id: one.allowance for one in found}

    async def _is_used_up(self, member: Member, rule: Rule, since: float, used: Mapping[int, int]) -> bool:
        if rule.amount is None or rule.meter is None:
            return False
        shown: float = used.get(member.user_id, 0)
        if rule.meter.since != since and shown >= rule.amount:  # it was reset by itself, so they have used less of it
            shown = (await self.quotas.usage(member, [rule.meter, member.grants])).meters[rule.meter]
        return shown >= rule.amount


def _concerns(target: Target, member: Member) -> bool:
    match target.who:
        case Who.MEMBER:
            return target.id == member.user_id
        case Who.ROLE:
            return target.id in member.role_ids
        case _:
            return True
