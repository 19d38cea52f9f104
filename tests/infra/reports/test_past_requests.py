"""Past requests from both databases: what the limit's kind counts of them, oldest first, a page at a time."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from sqlalchemy import insert

from infra.db.engine import transaction
from infra.db.tables import CHARGES
from infra.reports import past_requests
from infra.reports.ledger import LedgerReports
from studio.quota.admin import QuotaAdministration
from studio.quota.limits import EVERYONE, SERVER, Limit, LimitKind, Target, Who
from studio.quota.what_if import Forecast, Requests
from studio.quota.windows import Bounds
from tests.support.quota import NOW, SERVER_ID, Till, charge

BOUNDS = Bounds(NOW - 100, NOW)
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


async def pages(ledger, limit):
    return [page async for page in ledger.past_requests(SERVER_ID, limit, BOUNDS)]


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
            Requests(["11", "12", "11", "12"], [5, 1, 2, 3], [NOW - 100, NOW - 50.25, NOW - 10, NOW - 10]),
        ),
    ],
)
async def test_requests_are_read_as_the_kind_of_limit_counts_them(ledger, limit, requests):
    (page,) = await pages(ledger, limit)
    assert Requests(page.users, page.credits, list(page.measured)) == requests._replace(
        measured=list(requests.measured)
    )


async def test_a_page_ends_between_two_moments(ledger, monkeypatch):
    monkeypatch.setattr(past_requests, "PAGE", 1)
    limit = Limit(EVERYONE, LimitKind.DAY, 1)
    assert [page.credits for page in await pages(ledger, limit)] == [[5, 1], [2, 3]]


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
