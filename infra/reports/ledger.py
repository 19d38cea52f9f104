"""Reports from the ledger: usage by day and by member, and every charge. Reserved credits count as used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Double, Integer, and_, cast, func, literal, or_, select, union_all

from infra.db.access import connected
from infra.db.tables import CHARGES
from infra.reports.past_requests import past_requests
from infra.stores.charges import AMOUNT
from studio.quota.ledger import Charge
from studio.quota.reports import MemberUse, Totals, Use

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncEngine

    from studio.quota.limits import Limit
    from studio.quota.what_if import Requests, Span
    from studio.quota.windows import Bounds

MAX_PERIODS = 400  # per query; SQLite allows 500 parts
PAGE = 1_000  # charges per query
_CHARGES = CHARGES.c


class LedgerReports:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def use(self, server_id: int, periods: Sequence[Bounds]) -> list[Use]:
        """Returns usage per period and model, if there is any. Raises: ValueError for too many periods."""
        if len(periods) > MAX_PERIODS:
            raise ValueError(f"at most {MAX_PERIODS} periods, not {len(periods)}")
        if not periods:
            return []
        numbered = [
            select(
                cast(literal(number), Integer).label("number"),
                cast(literal(start), Double).label("start"),
                cast(literal(end), Double).label("end_"),
            )
            for number, (start, end) in enumerate(periods)
        ]
        period = union_all(*numbered).subquery()
        within = and_(_CHARGES.server_id == server_id, _CHARGES.at >= period.c.start, _CHARGES.at < period.c.end_)
        query = (
            select(period.c.number, _CHARGES.model, func.sum(_CHARGES.images), func.sum(AMOUNT))
            .select_from(period.join(CHARGES, within))
            .where(_CHARGES.images > 0)
            .group_by(period.c.number, _CHARGES.model)
            .order_by(period.c.number, _CHARGES.model)
        )
        async with connected(self._engine) as connection:
            return [Use(*row) for row in await connection.execute(query)]

    async def members(self, server_id: int, bounds: Bounds, *, most: int | None = None) -> list[MemberUse]:
        """Returns the members with usage, highest first."""
        query = (
            select(
                _CHARGES.user_id,
                func.sum(_CHARGES.images),
                func.sum(AMOUNT).label("credits"),
                func.sum(AMOUNT - _CHARGES.from_grants),
            )
            .where(*_within(server_id, bounds), _CHARGES.images > 0)
            .group_by(_CHARGES.user_id)
            .order_by(func.sum(AMOUNT).desc(), _CHARGES.user_id)
            .limit(most)
        )
        async with connected(self._engine) as connection:
            return [MemberUse(*row) for row in await connection.execute(query)]

    async def totals(self, server_id: int, bounds: Bounds) -> Totals:
        """Returns the totals of all members."""
        query = select(
            func.count(),
            func.coalesce(func.sum(_CHARGES.images), 0),
            func.coalesce(func.sum(AMOUNT), 0),
            func.coalesce(func.sum(_CHARGES.from_grants), 0),
            func.count(_CHARGES.user_id.distinct()),
        ).where(*_within(server_id, bounds), _CHARGES.images > 0)
        async with connected(self._engine) as connection:
            return Totals(*(await connection.execute(query)).one())

    def past_requests(
        self, server_id: int, limit: Limit, spans: Iterable[Span]
    ) -> AsyncGenerator[tuple[Span, Requests]]:
        """Yields the requests that a limit may concern, oldest first, a page at a time."""
        return past_requests(self._engine, server_id, limit, spans)

    async def charges(self, server_id: int, bounds: Bounds) -> AsyncIterator[Charge]:
        """Yields every charge of a server, oldest first, reading a page at a time."""
        after: tuple[float, str] | None = None
        while True:
            query = (
                select(CHARGES).where(*_within(server_id, bounds)).order_by(_CHARGES.at, _CHARGES.job_id).limit(PAGE)
            )
            if after:
                at, job_id = after
                query = query.where(or_(_CHARGES.at > at, and_(_CHARGES.at == at, _CHARGES.job_id > job_id)))
                query = query.where(_CHARGES.at >= at)  # so that the index scan starts there
            async with connected(self._engine) as connection:
                rows = (await connection.execute(query)).mappings().all()
            for row in rows:
                yield Charge(**row)
            if len(rows) < PAGE:
                return
            after = rows[-1]["at"], rows[-1]["job_id"]


def _within(server_id: int, bounds: Bounds) -> tuple[ColumnElement[Any], ...]:
    return _CHARGES.server_id == server_id, _CHARGES.at >= bounds.start, _CHARGES.at < bounds.end
