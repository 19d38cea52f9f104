"""Past requests from both databases: what the limit's kind counts of them, oldest first, a page at a time."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import aclosing
from dataclasses import asdict

import pytest
from sqlalchemy import event, insert

from infra.db.engine import transaction
from infra.db.tables import CHARGES
from infra.reports import past_requests
from infra.reports.ledger import LedgerReports
from studio.quota.admin import QuotaAdministration
from studio.quota.limits import EVERYONE, SERVER, Limit, LimitKind, Target, Who
from studio.quota.what_if import Forecast, Requests, Span
from studio.quota.windows import Bounds
from tests.support.quota import NOW, SERVER_ID, Till, charge

SPAN = Span(Bounds(NOW - 100, NOW), begins=True, counts=True)
CHARGED = (
    charge(1, user_id=11, at=NOW - 100, images=4, price=2, from_grants=3),
    charge(2, user_id=12, at=NOW - 50.25, images=1, settled=True),
    charge(3, user_id=11, at=NOW - 50, images=0, settled=True),  # made nothing
    charge(4, user_id=11, at=NOW - 10, images=2),
    charge(5, user_id=12, at=NOW - 10, images=3),
    charge(6, user_id=11, at=NOW),
    charge(7, user_id=11, at=NOW - 20, server_id=3),
)


@pytest.fixture
async def ledger(engine):
    async with transaction(engine) as connection:
        await connection.execute(insert(CHARGES), [asdict(one) for one in CHARGED])
    return LedgerReports(engine)


async def pages(ledger, limit, *spans):
    return [page async for page in ledger.past_requests(SERVER_ID, limit, spans or [SPAN])]


@pytest.mark.parametrize(
    ("limit", "requests"),
    [
        (Limit(EVERYONE, LimitKind.DAY, 1), Requests(["11", "12", "11", "12"], [5, 1, 2, 3])),
        (Limit(Target(Who.ROLE, 21), LimitKind.WEEK, 1), Requests(["11", "12", "11", "12"], [5, 1, 2, 3])),
        (Limit(SERVER, LimitKind.MONTH, 1), Requests(["11", "12", "11", "12"], [8, 1, 2, 3])),
        (Limit(Target(Who.MEMBER, 12), LimitKind.DAY, 1), Requests(["12", "12"], [1, 3])),
        (Limit(EVERYONE, LimitKind.IMAGES, 1), Requests(["11", "12", "11", "12"], [5, 1, 2, 3], [4, 1, 2, 3])),
        (
            Limit(EVERYONE, LimitKind.COOLDOWN, 1),
            Requests(
                ["11", "12", "11", "12"], [5, 1, 2, 3], [round((NOW + at) * 1000) for at in (-100, -50.25, -10, -10)]
            ),
        ),
    ],
)
async def test_requests_are_read_as_the_kind_of_limit_counts_them(ledger, limit, requests):
    ((span, page),) = await pages(ledger, limit)
    assert span is SPAN
    assert Requests(page.users, page.credits, list(page.measured)) == requests._replace(
        measured=list(requests.measured)
    )


async def test_a_page_ends_between_two_moments_however_many_requests_there_are_at_one(ledger, monkeypatch):
    monkeypatch.setattr(past_requests, "PAGE", 1)
    limit = Limit(EVERYONE, LimitKind.DAY, 1)
    assert [page.credits for _, page in await pages(ledger, limit)] == [[5], [1], [2, 3]]


@pytest.mark.parametrize("most", [1, 2, 3, 7, 50])
async def test_pages_are_all_requests_of_each_span_in_order(engine, monkeypatch, most):
    monkeypatch.setattr(past_requests, "PAGE", most)
    week = 7 * 86400.0
    moments = [
        *(at * 3600.0 for at in range(0, 150, 17)),
        *[5 * 3600.0] * 4,
        80_000.25,
        *(400_000.0 + at for at in range(9)),
    ]
    async with transaction(engine) as connection:
        charges_ = [charge(number, at=NOW - week + at, images=1 + number) for number, at in enumerate(moments)]
        await connection.execute(insert(CHARGES), [asdict(one) for one in charges_])
    middle = NOW - week + 400_004.0
    spans = [
        Span(Bounds(NOW - week, middle), begins=True, counts=False),
        Span(Bounds(middle, NOW), begins=True, counts=True),
    ]
    read = [
        (span, images)
        for span, page in await pages(LedgerReports(engine), Limit(EVERYONE, LimitKind.IMAGES, 1), *spans)
        for images in page.measured
    ]
    charged = sorted(charges_, key=lambda one: (one.at, one.images))
    assert read == [(spans[one.at >= middle], one.images) for one in charged]


async def test_a_busy_day_after_quiet_ones_is_cut_at_once(engine, monkeypatch):
    monkeypatch.setattr(past_requests, "PAGE", 1)
    days = [NOW - 86400.0 * day for day in range(30, -1, -1)]
    spans = [Span(Bounds(start, end), begins=True, counts=True) for start, end in itertools.pairwise(days)]
    async with transaction(engine) as connection:
        charges_ = [charge(number, at=days[-2] + number * 50_000.0) for number in range(2)]
        await connection.execute(insert(CHARGES), [asdict(one) for one in charges_])
    read: list[object] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *given: read.append(given))
    assert len(await pages(LedgerReports(engine), Limit(EVERYONE, LimitKind.DAY, 1), *spans)) == 2
    assert len(read) == len(spans) + 2  # the last day, and its two halves


async def test_nothing_is_read_on_once_nobody_listens(ledger, monkeypatch):
    monkeypatch.setattr(past_requests, "PAGE", 1)
    monkeypatch.setattr(past_requests, "LET_GO", 0)
    before = asyncio.all_tasks()
    async with aclosing(ledger.past_requests(SERVER_ID, Limit(EVERYONE, LimitKind.DAY, 1), [SPAN])) as read:
        assert (await anext(read))[1].credits == [5]
        assert asyncio.all_tasks() != before  # the next page is being read
    assert asyncio.all_tasks() == before
    assert len(await pages(ledger, Limit(EVERYONE, LimitKind.DAY, 1))) == 3  # the connection is free


async def test_the_forecast_adds_up_the_ledger(engine, ledger):
    till = Till(engine)
    admin = QuotaAdministration(till.quotas, ledger, lambda: till.now + 1)

    async def nobody(_user_ids):
        raise AssertionError("no role has a limit")

    told = await admin.what_if(SERVER_ID, Limit(EVERYONE, LimitKind.DAY, 5), nobody)
    assert told == Forecast(members=1, used=12, under=9)
    told = await admin.what_if(SERVER_ID, Limit(SERVER, LimitKind.DAY, 9), nobody)
    assert told == Forecast(members=2, used=15, under=9)
    assert await admin.what_if(9, Limit(SERVER, LimitKind.DAY, 9), nobody) == Forecast(0, 0, 0)


async def test_without_the_members_roles_there_is_no_forecast(engine, ledger):
    till = Till(engine)
    admin = QuotaAdministration(till.quotas, ledger, lambda: till.now + 1)

    async def silence(_user_ids):
        return None

    assert await admin.what_if(SERVER_ID, Limit(Target(Who.ROLE, 21), LimitKind.DAY, 1), silence) is None
