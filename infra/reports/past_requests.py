"""Reads past requests for a replay: a page of the ledger at a time, each column as one text.

A million rows take too long as rows: the database joins the figures of a page to one text, and Python splits it.
SQLite's only connection is free for others between two pages.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Double, Text, bindparam, cast, func, select

from infra.db.access import connected
from infra.db.tables import CHARGES
from infra.stores.charges import AMOUNT
from studio.quota.limits import SERVER, LimitKind, Who
from studio.quota.what_if import Requests

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncEngine

    from studio.quota.limits import Limit
    from studio.quota.windows import Bounds

PAGE = 10_000  # requests, between which others have their turn: after 6 ms at most, see BENCHMARKS.md
_CHARGES = CHARGES.c
_MEASURED: dict[LimitKind, ColumnElement[Any]] = {
    LimitKind.COOLDOWN: cast(_CHARGES.at * 1000, BigInteger),  # SQLite writes whole numbers much faster
    LimitKind.IMAGES: _CHARGES.images,
}
_ALLOWANCE = AMOUNT - _CHARGES.from_grants


async def past_requests(engine: AsyncEngine, server_id: int, limit: Limit, bounds: Bounds) -> AsyncIterator[Requests]:
    """Yield the requests that a limit may concern, oldest first, as often as there is a page of them."""
    query = _page(limit.kind, shared=limit.target == SERVER, own=limit.target.who is Who.MEMBER)
    values = {"server": server_id, "user": limit.target.id, "end": bounds.end, "page": PAGE}
    start = bounds.start
    while start < bounds.end:
        async with connected(engine) as connection:
            row = (await connection.execute(query, values | {"start": start})).one()
        if row.users:
            yield _requests(row, 1000 if limit.kind is LimitKind.COOLDOWN else 1)
        start = row.until


def _requests(row: Any, parts: int) -> Requests:
    """Split the columns of a page. parts: how many of what is measured make one."""
    measured = [number / parts for number in _numbers(row.measured)] if row.measured else []
    return Requests(row.users.split(","), _numbers(row.credits), measured)


def _numbers(text: str) -> list[int]:
    numbers: list[int] = json.loads(f"[{text}]")  # twice as fast as an int() for each
    return numbers


@lru_cache(maxsize=16)
def _page(kind: LimitKind, *, shared: bool, own: bool) -> Select[Any]:
    """One row: the columns of a page, and where the next page starts. Requests of the same moment are on one page."""
    start: Any = bindparam("start", type_=Double())
    end: Any = bindparam("end", type_=Double())
    theirs = [_CHARGES.server_id == bindparam("server", type_=BigInteger())]
    if own:
        theirs.append(_CHARGES.user_id == bindparam("user", type_=BigInteger()))
    within = [*theirs, _CHARGES.at > start, _CHARGES.at < end]
    full = select(_CHARGES.at).where(*within).order_by(_CHARGES.at).limit(1).offset(bindparam("page"))
    until = select(func.coalesce(full.scalar_subquery(), end).label("at")).cte("until")
    measured = _MEASURED.get(kind)
    columns = {"user": _CHARGES.user_id, "credits": AMOUNT if shared else _ALLOWANCE}
    if measured is not None:
        columns["measured"] = measured
    # The index has all columns in this order, in which they are joined: nothing is sorted.
    page = (
        select(*(column.label(name) for name, column in columns.items()))
        .where(*theirs, _CHARGES.at >= start, _CHARGES.at < select(until.c.at).scalar_subquery(), _CHARGES.images > 0)
        .order_by(_CHARGES.at)
        .subquery()
    )
    joined = {name: func.aggregate_strings(cast(page.c[name], Text), ",") for name in columns}
    return select(
        joined["user"].label("users"),
        joined["credits"].label("credits"),
        (joined["measured"] if measured is not None else cast(None, Text)).label("measured"),
        select(until.c.at).scalar_subquery().label("until"),
    )
