"""What admins have set, and what the ledger tells of it. Charges themselves are written with their jobs, in `store`."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, insert, select

from infra.db.engine import transaction
from infra.db.tables import GRANTS, LIMITS, RESETS
from infra.db.writes import take_locks
from infra.stores.audit import record
from infra.stores.ledger_sum_cache import SettledSums
from infra.stores.policies import Policies
from studio.guilds.audit import AuditEntry
from studio.quota.errors import TooManyLimitsError
from studio.quota.limits import Kind, Limit, Member, Target, Who

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sqlalchemy import Delete
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from studio.clock import Clock
    from studio.guilds.audit import Admin
    from studio.quota.decide import Check, Usage
    from studio.quota.ledger import Meter
    from studio.quota.limits import Ceilings, Policy

MOST_LIMITS = 1_000  # of a server


class Left(NamedTuple):
    """What a member has left of their grants, before a change and after it."""

    before: int
    after: int


class QuotaStore:
    """`ceilings`: the operator's, which hold everywhere.

    This process sees a change at once, others within `infra.stores.policies.REMEMBERED_SECONDS`. Changes of a server
    are made one after another, and each is in the audit log.
    """

    def __init__(self, engine: AsyncEngine, ceilings: Ceilings, clock: Clock) -> None:
        self._engine = engine
        self._ceilings = ceilings
        self._clock = clock
        self._policies = Policies(engine)
        self._sums = SettledSums(clock)

    # --- what a decision needs --------------------------------------------------------------------------------------

    async def policy(self, member: Member) -> Policy:
        """All that holds for a member. It may be a moment old."""
        return (await self._policies.of(member.server_id)).of(member, self._ceilings)

    async def usage(self, member: Member, meters: Sequence[Meter]) -> Usage:
        """What the meters show and what the member was granted, in one round trip."""
        async with self._engine.connect() as connection:
            return await self._sums.usage(connection, member, meters)

    def shortened(self, checks: Sequence[Check]) -> tuple[Check, ...]:
        """Checks that hold where these do, and read less of the ledger."""
        return tuple(map(self._sums.shortened, checks))

    def forget(self, server_id: int) -> None:
        """A server's settings were changed: the next decision is by the new ones."""
        self._policies.forget(server_id)

    # --- what admins change -----------------------------------------------------------------------------------------

    async def limits(self, server_id: int) -> tuple[Limit, ...]:
        """All limits of a server, those of one target together."""
        limits = (await self._policies.read(server_id)).limits
        order = list(Who)
        targets = sorted(limits, key=lambda target: (order.index(target.who), target.id))
        return tuple(limit for target in targets for limit in limits[target])

    async def set_limit(self, admin: Admin, limit: Limit) -> Limit | None:
        """Set a limit, and tell the one that was there. Raises: TooManyLimitsError."""
        async with self._change(admin.server_id) as connection:
            before = await _take_out(connection, admin.server_id, limit.target, limit.kind)
            count = select(func.count()).select_from(LIMITS).where(LIMITS.c.server_id == admin.server_id)
            if (await connection.execute(count)).scalar_one() >= MOST_LIMITS:
                raise TooManyLimitsError
            row = {"server_id": admin.server_id, "who": limit.target.who, "target_id": limit.target.id}
            await connection.execute(insert(LIMITS).values(**row, kind=limit.kind, amount=limit.amount))
            found = before[0] if before else None
            was = told(found) if found else None
            await self._record(connection, admin, "limit", limit.target, was, told(limit))
        return found

    async def clear_limits(self, admin: Admin, target: Target | None, kind: Kind | None = None) -> tuple[Limit, ...]:
        """Take a target's limits away, or everybody's, or those of one kind; those that there were."""
        async with self._change(admin.server_id) as connection:
            found = await _take_out(connection, admin.server_id, target, kind)
            for limit in found:
                await self._record(connection, admin, "limit", limit.target, told(limit), None)
        return found

    async def reset(self, admin: Admin, target: Target) -> None:
        """Give a target its whole allowance again: for everyone, a role, a member or the server, in every window."""
        at = {"server_id": admin.server_id, "who": target.who, "target_id": target.id}
        async with self._change(admin.server_id) as connection:
            await connection.execute(_of_target(delete(RESETS), admin.server_id, target))
            await connection.execute(insert(RESETS).values(**at, at=self._clock()))
            await self._record(connection, admin, "reset", target, None, None)

    async def grant(self, admin: Admin, user_id: int, amount: int) -> Left:
        """Give a member extra credits."""
        return await self._granted(admin, user_id, amount)

    async def take(self, admin: Admin, user_id: int, amount: int) -> Left:
        """Take credits back that a member has not used: as many as there are, at most."""
        return await self._granted(admin, user_id, -amount)

    async def _granted(self, admin: Admin, user_id: int, amount: int) -> Left:
        member = Member(user_id=user_id, server_id=admin.server_id)
        async with self._change(admin.server_id) as connection:
            before = (await self._sums.usage(connection, member, [member.grants])).grants_left(member)
            change = max(amount, -before)
            if change:
                row = {"server_id": admin.server_id, "user_id": user_id, "amount": change}
                await connection.execute(insert(GRANTS).values(**row, by_user_id=admin.user_id, at=self._clock()))
                action, target = "grant" if amount > 0 else "take", Target(Who.MEMBER, user_id)
                await self._record(connection, admin, action, target, str(before), str(before + change))
        return Left(before, before + change)

    @asynccontextmanager
    async def _change(self, server_id: int) -> AsyncIterator[AsyncConnection]:
        """One change of a server at a time, and no charge of it meanwhile."""
        try:
            async with transaction(self._engine) as connection:
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


def told(limit: Limit) -> str:
    """A limit as the audit log has it: "day 5", "cooldown unlimited"."""
    return f"{limit.kind} {'unlimited' if limit.amount is None else limit.amount}"


async def _take_out(
    connection: AsyncConnection, server_id: int, target: Target | None, kind: Kind | None
) -> tuple[Limit, ...]:
    statement = delete(LIMITS).where(LIMITS.c.server_id == server_id)
    if target is not None:
        statement = _of_target(delete(LIMITS), server_id, target)
    if kind is not None:
        statement = statement.where(LIMITS.c.kind == kind)
    columns = LIMITS.c
    rows = await connection.execute(statement.returning(columns.who, columns.target_id, columns.kind, columns.amount))
    return tuple(Limit(Target(Who(row.who), row.target_id), Kind(row.kind), row.amount) for row in rows)


def _of_target(statement: Delete, server_id: int, target: Target) -> Delete:
    columns = statement.table.c
    return statement.where(columns.server_id == server_id, columns.who == target.who, columns.target_id == target.id)
