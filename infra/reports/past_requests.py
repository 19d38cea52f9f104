"""Reads past requests for a replay: a page of the ledger at a time, each column as one text.

A million rows take too long as rows: the database joins the figures of a page to one text, and Python splits it, while
the database reads the next page. SQLite's only connection is free for others between two pages.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import BigInteger, Double, Text, bindparam, cast, func, select

from infra.db.access import connected
from infra.db.tables import CHARGES
from infra.stores.charges import AMOUNT
from studio.quota.limits import SERVER, LimitKind, Who
from studio.quota.what_if import Requests

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.ext.asyncio import AsyncEngine

    from studio.quota.limits import Limit
    from studio.quota.what_if import Span

PAGE = 20_000  # requests
DAY = 86400.0
MOMENT = 0.001  # seconds, of which at least a page is read, however many requests there are
# Seconds. SQLite's thread needs the interpreter to start a query, and would wait for it: whoever has it is asked for it
# only after 5 ms without a pause (`sys.getswitchinterval`), and short pauses are over before the thread is awake.
LET_GO = 0.001
_T = TypeVar("_T")
_CHARGES = CHARGES.c
_MEASURED: dict[LimitKind, ColumnElement[Any]] = {
    LimitKind.COOLDOWN: cast(_CHARGES.at * 1000, BigInteger),  # SQLite writes whole numbers much faster
    LimitKind.IMAGES: _CHARGES.images,
}
_ALLOWANCE = AMOUNT - _CHARGES.from_grants


async def past_requests(
    engine: AsyncEngine, server_id: int, limit: Limit, spans: Iterable[Span]
) -> AsyncGenerator[tuple[Span, Requests]]:
    """Yield the requests that a limit may concern, oldest first, as often as there is a page of them."""
    async with aclosing(_read_ahead(_pages(engine, server_id, limit, spans))) as pages:
        async for span, page in pages:
            measured = page.measured if limit.kind in _MEASURED else ""
            yield span, Requests(page.users.split(","), _numbers(page.credits), _numbers(measured))


def _numbers(text: str) -> list[int]:
    numbers: list[int] = json.loads(f"[{text}]")  # twice as fast as an int() for each
    return numbers


async def _pages(
    engine: AsyncEngine, server_id: int, limit: Limit, spans: Iterable[Span]
) -> AsyncGenerator[tuple[Span, Row[Any]]]:
    """Read the requests of a day at a time, or of less if they are more than a page."""
    query = _page(limit.kind, shared=limit.target == SERVER, own=limit.target.who is Who.MEMBER)
    length, most = DAY, PAGE
    for span in spans:
        start, last = span.bounds
        while start < last:
            end = min(start + length, last)
            values = {"server": server_id, "user": limit.target.id, "start": start, "end": end, "most": most + 1}
            async with connected(engine) as connection:
                page = (await connection.execute(query, values)).one()
            if page.number <= most:
                if page.number:
                    yield span, page
                start = end
                length *= 2 if page.number < most / 4 else 1
            elif end - start > MOMENT:
                length = (end - start) / 2  # not of `length`, which is many days after quiet ones
            else:
                most *= 2


async def _read_ahead(source: AsyncGenerator[_T]) -> AsyncGenerator[_T]:
    """Yield what a source yields, which goes on meanwhile."""
    async with aclosing(source):
        following = asyncio.create_task(anext(source, None))
        try:
            while (one := await following) is not None:
                following = asyncio.create_task(anext(source, None))
                await asyncio.sleep(LET_GO)
                yield one
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


@lru_cache(maxsize=16)
def _page(kind: LimitKind, *, shared: bool, own: bool) -> Select[Any]:
    """One row: how many requests there are, `most` at most, and their columns."""
    within = [
        _CHARGES.server_id == bindparam("server", type_=BigInteger()),
        _CHARGES.at >= bindparam("start", type_=Double()),
        _CHARGES.at < bindparam("end", type_=Double()),
        _CHARGES.images > 0,
    ]
    if own:
        within.append(_CHARGES.user_id == bindparam("user", type_=BigInteger()))
    measured = _MEASURED.get(kind)
    columns = {"users": _CHARGES.user_id, "credits": AMOUNT if shared else _ALLOWANCE}
    if measured is not None:
        columns["measured"] = measured
    # The index has all columns in this order, in which they are joined: nothing is sorted.
    page = (
        select(*(column.label(name) for name, column in columns.items()))
        .where(*within)
        .order_by(_CHARGES.at)
        .limit(bindparam("most"))
        .subquery()
    )
    joined: list[Any] = [func.aggregate_strings(cast(page.c[name], Text), ",").label(name) for name in columns]
    return select(func.count().label("number"), *joined).select_from(page)
