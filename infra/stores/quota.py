"""Quotas: limits, resets and grants as admins set them, and the usage that the ledger shows.

Charges themselves are written with their jobs, in `infra.stores.jobs`.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, insert, select

from infra.db.access import changing, connected
from infra.db.tables import GRANTS, LIMITS, RESETS
from infra.db.writes import take_locks
from infra.stores.audit import record
from infra.stores.ledger_sum_cache import SettledSums
from infra.stores.policies import Policies
from studio.guilds.audit import AuditEntry
from studio.quota.errors import LimitChangedError, TooManyLimitsError
from studio.quota.limits import Limit, LimitKind, Member, Target, Who

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sqlalchemy import Delete
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from studio.clock import Clock
    from studio.guilds.audit import Admin
    from studio.quota.decide import Check, QuotaUsage
    from studio.quota.ledger import UsageQuery
    from studio.quota.limits import Ceilings, Policy

MAX_LIMITS = 1_000  # per server


class CreditsChange(NamedTuple):
    """What a member has left of their grants, before and after a change."""

    before: int
    after: int


class SqlQuotaStore:
    """`ceilings`: the operator's limits, which apply everywhere.

    This process sees a change at once, others within `infra.stores.policies.CACHE_SECONDS`. Changes to a server's
    quotas are made one after another, and each is written to the audit log.
    """

    def __init__(self, engine: AsyncEngine, ceilings: Ceilings, clock: Clock) -> None:
        self._engine = engine
        self._ceilings = ceilings
        self._clock = clock
        self._policies = Policies(engine, clock)
        self._sums = SettledSums(clock)

    # --- for decisions --------------------------------------------------------------------------------------

    async def policy(self, member: Member) -> Policy:
        """The policy for a member. It may be a moment old."""
        return (await self._policies.of(member.server_id)).of(member, self._ceilings)

    async def usage(self, member: Member, queries: Sequence[UsageQuery]) -> QuotaUsage:
        """Answers the queries and reads the member's grants, in one round trip."""
        async with connected(self._engine) as connection:
            return await self._sums.usage(connection, member, queries)

    def shortened(self, checks: Sequence[Check]) -> tuple[Check, ...]:
        """Equivalent checks that read less of the ledger."""
        return tuple(map(self._sums.shortened, checks))

    def forget(self, server_id: int) -> None:
        """A server's settings were changed: read its policy again."""
        self._policies.forget(server_id)

    # --- for admins -----------------------------------------------------------------------------------------

    async def limits(self, server_id: int) -> tuple[Limit, ...]:
        """All limits of a server, grouped by target."""
        limits = (await self._policies.read(server_id)).limits
        order = list(Who)
        targets = sorted(limits, key=lambda target: (order.index(target.who), target.id))
        return tuple(limit for target in targets for limit in limits[target])

    async def set_limit(self, admin: Admin, limit: Limit, *, seen: Sequence[Limit] | None = None) -> Limit | None:
        """Set a limit. `seen`: the one that is to be replaced, if there is one; None for any. Returns the previous one.

        Raises: TooManyLimitsError; LimitChangedError if it isn't the one seen.
        """
        async with self._change(admin.server_id) as connection:
            before = await _remove(connection, admin.server_id, limit.target, limit.kind)
            if seen is not None and before != tuple(seen):
                raise LimitChangedError(before[0] if before else None)
            count = select(func.count()).select_from(LIMITS).where(LIMITS.c.server_id == admin.server_id)
            if (await connection.execute(count)).scalar_one() >= MAX_LIMITS:
                raise TooManyLimitsError
            row = {"server_id": admin.server_id, "who": limit.target.who, "target_id": limit.target.id}
            await connection.execute(insert(LIMITS).values(**row, kind=limit.kind, amount=limit.amount))
            previous = before[0] if before else None
            was = audit_text(previous) if previous else None
            await self._record(connection, admin, "limit", limit.target, was, audit_text(limit))
        return previous

    async def clear_limits(
        self, admin: Admin, target: Target | None, kind: LimitKind | None = None
    ) -> tuple[Limit, ...]:
        """Remove all limits, or those of one target or one kind. Returns the removed ones."""
        async with self._change(admin.server_id) as connection:
            removed = await _remove(connection, admin.server_id, target, kind)
            for limit in removed:
                await self._record(connection, admin, "limit", limit.target, audit_text(limit), None)
        return removed

    async def reset(self, admin: Admin, target: Target) -> None:
        """Reset usage in every window: of everyone, a role, a member or the server."""
        at = {"server_id": admin.server_id, "who": target.who, "target_id": target.id}
        async with self._change(admin.server_id) as connection:
            await connection.execute(_of_target(delete(RESETS), admin.server_id, target))
            await connection.execute(insert(RESETS).values(**at, at=self._clock()))
            await self._record(connection, admin, "reset", target, None, None)

    async def grant(self, admin: Admin, user_id: int, amount: int) -> CreditsChange:
        """Grant extra credits to a member."""
        return await self._change_grants(admin, user_id, amount)

    async def take(self, admin: Admin, user_id: int, amount: int) -> CreditsChange:
        """Take unused granted credits back from a member, at most what is left."""
        return await self._change_grants(admin, user_id, -amount)

    async def _change_grants(self, admin: Admin, user_id: int, amount: int) -> CreditsChange:
        member = Member(user_id=user_id, server_id=admin.server_id)
        async with self._change(admin.server_id) as connection:
            before = (await self._sums.usage(connection, member, [member.grants])).grants_left(member)
            change = max(amount, -before)
            if change:
                row = {"server_id": admin.server_id, "user_id": user_id, "amount": change}
                await connection.execute(insert(GRANTS).values(**row, by_user_id=admin.user_id, at=self._clock()))
                action, target = "grant" if amount > 0 else "take", Target(Who.MEMBER, user_id)
                await self._record(connection, admin, action, target, str(before), str(before + change))
        return CreditsChange(before, before + change)

    @asynccontextmanager
    async def _change(self, server_id: int) -> AsyncIterator[AsyncConnection]:
        """A transaction for one change of a server's quotas at a time, with no charge in between."""
        try:
            async with changing(self._engine) as connection:
                await take_locks(connection, [server_id])
                yield connection
        finally:
            self._policies.forget(server_id)

    async def _record(
        self,
        connection: AsyncConnection,
        admin: Admin,
        action: str,
        target: Target,
        before: str | None,
        after: str | None,
    ) -> None:
        entry = AuditEntry(
            server_id=admin.server_id,
            at=self._clock(),
            by_user_id=admin.user_id,
            action=action,
            target=target.key,
            before=before,
            after=after,
        )
        await record(connection, entry)


def audit_text(limit: Limit) -> str:
    """A limit in the audit log, such as "day 5" or "cooldown unlimited"."""
    return f"{limit.kind} {'unlimited' if limit.amount is None else limit.amount}"


async def _remove(
    connection: AsyncConnection, server_id: int, target: Target | None, kind: LimitKind | None
) -> tuple[Limit, ...]:
    statement = delete(LIMITS).where(LIMITS.c.server_id == server_id)
    if target is not None:
        statement = _of_target(delete(LIMITS), server_id, target)
    if kind is not None:
        statement = statement.where(LIMITS.c.kind == kind)
    columns = LIMITS.c
    rows = await connection.execute(statement.returning(columns.who, columns.target_id, columns.kind, columns.amount))
    return tuple(Limit(Target(Who(row.who), row.target_id), LimitKind(row.kind), row.amount) for row in rows)


def _of_target(statement: Delete, server_id: int, target: Target) -> Delete:
    columns = statement.table.c
    return statement.where(columns.server_id == server_id, columns.who == target.who, columns.target_id == target.id)
