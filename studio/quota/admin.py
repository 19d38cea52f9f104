"""What admins do with their server's quota, how many members it affects, and reports.

To count members at a limit, the ledger names those with the highest usage in the window (MOST_COUNTED of them), Discord
tells their roles, and those whose rule is the changed one are counted.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from studio.quota.decide import limit_statuses, usage_queries
from studio.quota.limits import EVERYONE, SERVER, LimitKind, Member, Who, rules
from studio.quota.reports import Report, dates_of, last_days
from studio.quota.what_if import Replay, forecast, most_refused, needs_roles, replaced, spans
from studio.quota.windows import Bounds, window_bounds

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from studio.clock import Clock
    from studio.guilds.audit import Admin
    from studio.quota.decide import LimitStatus, QuotaUsage
    from studio.quota.ledger import Charge, UsageQuery
    from studio.quota.limits import Limit, LimitRule, Policy, Target
    from studio.quota.reports import MemberUse, Totals, Use
    from studio.quota.what_if import Forecast, Requests, Span

    # Returns the role ids of those who are members of the server; None if Discord doesn't answer.
    Roles = Callable[[Sequence[int]], Awaitable[Mapping[int, frozenset[int]] | None]]

MOST_COUNTED = 300  # members looked at for each window, those with the highest usage first
MOST_NAMED = 10  # members in a report
AT_ONCE = 1_000  # requests replayed before others have their turn
MOST_FORECAST = 1_000  # members whose roles are looked up, those with the most refused credits first


class CreditsLeft(Protocol):
    """A member's extra credits left, before and after a change."""

    @property
    def before(self) -> int: ...
    @property
    def after(self) -> int: ...


class Quotas(Protocol):
    """Stores limits, grants and resets. Every change is in the audit log, in the same transaction."""

    async def policy(self, member: Member) -> Policy: ...
    async def usage(self, member: Member, queries: Sequence[UsageQuery]) -> QuotaUsage: ...
    async def limits(self, server_id: int) -> tuple[Limit, ...]: ...
    async def set_limit(self, admin: Admin, limit: Limit, *, seen: Sequence[Limit] | None = None) -> Limit | None: ...
    async def clear_limits(
        self, admin: Admin, target: Target | None, kind: LimitKind | None = None
    ) -> tuple[Limit, ...]: ...
    async def reset(self, admin: Admin, target: Target) -> None: ...
    async def grant(self, admin: Admin, user_id: int, amount: int) -> CreditsLeft: ...
    async def take(self, admin: Admin, user_id: int, amount: int) -> CreditsLeft: ...


class Ledger(Protocol):
    """Sums over charges."""

    async def use(self, server_id: int, periods: Sequence[Bounds]) -> list[Use]: ...
    async def members(self, server_id: int, bounds: Bounds, *, most: int | None = None) -> list[MemberUse]: ...
    async def totals(self, server_id: int, bounds: Bounds) -> Totals: ...
    def charges(self, server_id: int, bounds: Bounds) -> AsyncIterator[Charge]: ...
    def past_requests(
        self, server_id: int, limit: Limit, spans: Iterable[Span]
    ) -> AsyncGenerator[tuple[Span, Requests]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberCount:
    """How many members. whole: whether all were looked at; otherwise there may be more."""

    number: int
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStatus:
    """The status of all limits of a member. grants: extra credits left."""

    limit_statuses: tuple[LimitStatus, ...]
    grants: int


class QuotaAdministration:
    def __init__(self, quotas: Quotas, ledger: Ledger, clock: Clock) -> None:
        self.quotas = quotas
        self.ledger = ledger
        self.clock = clock

    async def zone(self, server_id: int) -> ZoneInfo:
        return (await self.quotas.policy(Member(user_id=0, server_id=server_id))).zone

    async def status(self, member: Member) -> MemberStatus:
        """Return the status of every limit that applies to a member."""
        now, policy = self.clock(), await self.quotas.policy(member)
        usage = await self.quotas.usage(member, usage_queries(policy, member, now))
        return MemberStatus(limit_statuses=limit_statuses(policy, usage, member, now), grants=usage.grants_left(member))

    async def server(self, server_id: int) -> tuple[LimitStatus, ...]:
        """Return the status of the server's own limits."""
        found = await self.status(Member(user_id=0, server_id=server_id))
        return tuple(status for status in found.limit_statuses if status.rule.by == SERVER)

    async def window(self, server_id: int, kind: LimitKind) -> Bounds | None:
        """Return the current window of a kind of limit; None if it has no windows."""
        return window_bounds(kind.window, self.clock(), await self.zone(server_id)) if kind.window else None

    async def count_at_limit(
        self, server_id: int, kinds: Iterable[LimitKind], target: Target, roles: Roles
    ) -> MemberCount | None:
        """Count the members who have reached a limit of a target, in any of the windows, whatever their grants.

        None if their roles are unknown.
        """
        return await self._used_up(server_id, kinds, roles, lambda _, rule: rule.by == target)

    async def count_blocked(self, server_id: int, target: Target, roles: Roles) -> MemberCount | None:
        """Count the members of a target who have reached any limit. None if their roles are unknown."""
        kinds = {limit.kind for limit in await self.quotas.limits(server_id) if limit.target != SERVER}
        return await self._used_up(server_id, kinds, roles, lambda member, _: _concerns(target, member))

    async def what_if(self, server_id: int, limit: Limit, roles: Roles) -> Forecast | None:
        """Return what the last days would have been under a limit. None if the members' roles are unknown."""
        replay = Replay(limit)
        parts = spans(limit, self.clock(), await self.zone(server_id))
        async with aclosing(self.ledger.past_requests(server_id, limit, parts)) as pages:
            async for span, requests in pages:
                for some in requests.parts(AT_ONCE):
                    replay.take(some, span)
                    await asyncio.sleep(0)  # others have their turn
        limits = replaced(await self.quotas.limits(server_id), limit)
        if not needs_roles(limits, limit):
            return forecast(replay, limit, limits, most_refused(replay, limit))
        refused = most_refused(replay, limit, MOST_FORECAST)
        known = await roles(list(refused)) if refused else {}
        return None if known is None else forecast(replay, limit, limits, refused, known)

    async def report(self, server_id: int, days: int) -> Report:
        """Return a report of the last days, of which today is the last."""
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
        self, server_id: int, kinds: Iterable[LimitKind], roles: Roles, counts: Callable[[Member, LimitRule], bool]
    ) -> MemberCount | None:
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
            own = [rule for rule in rules(policy, member, now) if rule.extended and rule.kind in used]
            number += any(
                [await self._is_used_up(member, rule, *used[rule.kind]) for rule in own if counts(member, rule)]
            )
        return MemberCount(number=number, whole=all(len(amounts) < MOST_COUNTED for _, amounts in used.values()))

    async def _used(self, server_id: int, kind: LimitKind, now: float) -> tuple[float, dict[int, int]]:
        """Return when the current window began, and each member's usage of the allowance since then."""
        policy = await self.quotas.policy(Member(user_id=0, server_id=server_id))
        assert kind.window is not None  # noqa: S101 - the caller passes kinds with windows
        start = max(window_bounds(kind.window, now, policy.zone).start, policy.resets.get(EVERYONE, 0))
        members = await self.ledger.members(server_id, Bounds(start, now + 1), most=MOST_COUNTED)
        return start, {member.user_id: member.allowance for member in members}

    async def _is_used_up(self, member: Member, rule: LimitRule, since: float, used: Mapping[int, int]) -> bool:
        if rule.amount is None or rule.usage_query is None:
            return False
        usage: float = used.get(member.user_id, 0)
        if rule.usage_query.since != since and usage >= rule.amount:  # their usage was reset within the window
            usage = (await self.quotas.usage(member, [rule.usage_query, member.grants])).counts[rule.usage_query]
        return usage >= rule.amount


def _concerns(target: Target, member: Member) -> bool:
    match target.who:
        case Who.MEMBER:
            return target.id == member.user_id
        case Who.ROLE:
            return target.id in member.role_ids
        case _:
            return True
