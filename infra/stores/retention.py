"""What is stored about members, and its deletion after a time or on request.

Rows go in small batches, each in a short transaction, so that nothing has to wait; only settled jobs go. The process
with the lease `leader` calls `tidy` again and again. A request for erasure stays in `erasures` until nothing older
names the member.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, false, func, insert, select, update

from infra.db.access import changing, connected
from infra.db.engine import insert_or_replace
from infra.db.tables import CHARGES, ERASURES, GRANTS, JOBS, PREFERENCES
from studio.members.preferences import Preferences
from studio.members.privacy import DAY_SECONDS, NOBODY, REACH_SECONDS, REPORTED_SECONDS, Deletion, StoredData
from studio.quota.ledger import UsageTotals

if TYPE_CHECKING:
    from sqlalchemy import Delete, Row, Select
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from studio.clock import Clock

BATCH = 500  # rows
MAX_BATCHES = 20  # of a kind per call; the rest is left for the next one
MAX_ERASURES = 50  # members per call

_USER = bindparam("user", type_=JOBS.c.user_id.type)
_UNTIL = bindparam("until", type_=JOBS.c.created_at.type)


def _batch(old: Select[Any]) -> Delete:
    return delete(JOBS).where(JOBS.c.id.in_(old.limit(BATCH)))


_SETTLED = select(JOBS.c.id).where(JOBS.c.settled)
_OLD_JOBS = _batch(_SETTLED.where(JOBS.c.created_at < _UNTIL).order_by(JOBS.c.created_at))
_THEIR_JOBS = _batch(_SETTLED.where(JOBS.c.user_id == _USER, JOBS.c.created_at <= _UNTIL))
_LEFT = select(func.count()).select_from(JOBS).where(JOBS.c.user_id == _USER, JOBS.c.created_at <= _UNTIL)
# Charges that used grants stay: what is left of grants is computed from them, so used ones would come back.
_OLD_CHARGES = delete(CHARGES).where(
    CHARGES.c.job_id.in_(
        select(CHARGES.c.job_id)
        .where(CHARGES.c.at < _UNTIL, CHARGES.c.settled, CHARGES.c.from_grants == 0)
        .order_by(CHARGES.c.at)
        .limit(BATCH)
    )
)
_NAMED = select(CHARGES).where(CHARGES.c.user_id == _USER, CHARGES.c.at <= _UNTIL)
_GRANTS_USED = select(CHARGES.c.server_id, func.sum(CHARGES.c.from_grants)).where(CHARGES.c.user_id == _USER)


class SqlRetention:
    """`retention_days`: days until jobs are deleted; 0 for never."""

    def __init__(self, engine: AsyncEngine, clock: Clock, *, retention_days: int) -> None:
        self._engine = engine
        self._clock = clock
        self.retention_days = retention_days
        self._request_erasure = insert_or_replace(engine, ERASURES)

    async def stored(self, user_id: int) -> StoredData:
        """Summarize what is stored about a member."""
        jobs = select(func.count(), func.min(JOBS.c.created_at), func.count().filter(JOBS.c.settled == false())).where(
            JOBS.c.user_id == user_id
        )
        use = select(
            func.coalesce(func.sum(CHARGES.c.images), 0),
            func.coalesce(func.sum(CHARGES.c.images * CHARGES.c.price), 0),
        ).where(CHARGES.c.user_id == user_id)
        query = select(PREFERENCES).where(PREFERENCES.c.user_id == user_id)
        async with connected(self._engine) as connection:
            number, since, running = (await connection.execute(jobs)).one()
            pictures, spent = (await connection.execute(use)).one()
            row = (await connection.execute(query)).one_or_none()
        preferences = (
            Preferences(model=row.model, size=row.size, ratio=row.ratio, mention=row.mention) if row else Preferences()
        )
        return StoredData(
            preferences=preferences,
            jobs=number,
            since=since,
            running=running,
            use=UsageTotals(int(pictures), int(spent)),
        )

    async def erase(self, user_id: int) -> Deletion:
        """Delete all that is stored about a member until now. What can't be deleted yet is left to `tidy`."""
        now = self._clock()
        async with changing(self._engine) as connection:
            await connection.execute(self._request_erasure, {"user_id": user_id, "asked_at": now})
            await connection.execute(delete(PREFERENCES).where(PREFERENCES.c.user_id == user_id))
            await _forfeit_grants(connection, user_id, now)
        erased = await self._delete_batches(_THEIR_JOBS, {"user": user_id, "until": now})
        async with connected(self._engine) as connection:
            left = (await connection.execute(_LEFT, {"user": user_id, "until": now})).scalar_one()
        return Deletion(erased, left)

    async def tidy(self) -> None:
        """Delete some of what is due."""
        now = self._clock()
        if self.retention_days:
            await self._delete_batches(_OLD_JOBS, {"until": now - self.retention_days * DAY_SECONDS})
        await self._delete_batches(_OLD_CHARGES, {"until": now - REPORTED_SECONDS})
        async with connected(self._engine) as connection:
            requests = select(ERASURES).order_by(ERASURES.c.asked_at).limit(MAX_ERASURES)
            due = (await connection.execute(requests)).all()
        for row in due:
            await self._continue_erasure(row.user_id, row.asked_at, now)

    async def _continue_erasure(self, user_id: int, asked_at: float, now: float) -> None:
        """Delete more of a member, and end their request once nothing from before it names them."""
        before = {"user": user_id, "until": asked_at}
        await self._delete_batches(_THEIR_JOBS, before)
        out_of_reach = min(asked_at, now - REACH_SECONDS)
        for _ in range(MAX_BATCHES):
            async with changing(self._engine) as connection:
                if not await _unname_charges(connection, user_id, out_of_reach):
                    break
        async with changing(self._engine) as connection:
            jobs = (await connection.execute(_LEFT, before)).scalar_one()
            charges = (await connection.execute(_NAMED.limit(1), before)).first()
            if not jobs and charges is None:
                used_grants = GRANTS.c.user_id == user_id, GRANTS.c.by_user_id == NOBODY
                await connection.execute(delete(GRANTS).where(*used_grants))
                request = ERASURES.c.user_id == user_id, ERASURES.c.asked_at == asked_at
                await connection.execute(delete(ERASURES).where(*request))

    async def _delete_batches(self, batch: Delete, values: dict[str, Any]) -> int:
        """Returns how many rows were deleted."""
        total = 0
        for _ in range(MAX_BATCHES):
            async with connected(self._engine) as connection:
                total += (deleted := (await connection.execute(batch, values)).rowcount)
            if deleted < BATCH:
                break
        return total


async def _forfeit_grants(connection: AsyncConnection, user_id: int, now: float) -> None:
    """Reduce a member's grants to what was used of them: one row per server, granted by nobody."""
    used = (await connection.execute(_GRANTS_USED.group_by(CHARGES.c.server_id), {"user": user_id})).all()
    await connection.execute(delete(GRANTS).where(GRANTS.c.user_id == user_id))
    rows = [
        {"server_id": server, "user_id": user_id, "amount": int(amount), "by_user_id": NOBODY, "at": now}
        for server, amount in used
        if amount
    ]
    if rows:
        await connection.execute(insert(GRANTS), rows)


async def _unname_charges(connection: AsyncConnection, user_id: int, until: float) -> bool:
    """Remove the member from a batch of charges, and what these used from the grants. False if there are none."""
    named = _NAMED.where(CHARGES.c.settled).order_by(CHARGES.c.at).limit(BATCH)
    charges: list[Row[Any]] = list(await connection.execute(named, {"user": user_id, "until": until}))
    if not charges:
        return False
    ids = [charge.job_id for charge in charges]
    await connection.execute(update(CHARGES).where(CHARGES.c.job_id.in_(ids)).values(user_id=NOBODY))
    for server in {charge.server_id for charge in charges if charge.from_grants}:
        amount = sum(charge.from_grants for charge in charges if charge.server_id == server)
        used_grants = GRANTS.c.user_id == user_id, GRANTS.c.server_id == server, GRANTS.c.by_user_id == NOBODY
        await connection.execute(update(GRANTS).where(*used_grants).values(amount=GRANTS.c.amount - amount))
    return True
