"""What the ledger tells a server's admins, from a real database."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from infra.db.engine import transaction
from infra.db.tables import CHARGES
from infra.reports import ledger
from infra.reports.ledger import MAX_PERIODS, LedgerReports
from studio.quota.reports import MemberUse, Totals, Use
from studio.quota.windows import Bounds, Window, window_bounds
from tests.support.quota import NOW, SERVER_ID, charge

HOUR = 3600.0
ZONE = ZoneInfo("America/New_York")
ALWAYS = Bounds(0, NOW * 2)


@pytest.fixture
def reports(engine):
    return LedgerReports(engine)


async def keep(engine, *charges):
    async with transaction(engine) as connection:
        await connection.execute(insert(CHARGES), [asdict(one) for one in charges])


async def test_use_is_told_by_day_and_model_also_over_a_change_of_clocks(reports, engine):
    noon = datetime(2026, 10, 31, 12, tzinfo=ZONE)
    days = [window_bounds(Window.DAY, (noon + timedelta(days=n)).timestamp(), ZONE) for n in range(3)]
    assert [round((end - start) / HOUR) for start, end in days] == [24, 25, 24]
    ats = [days[0].start, days[1].start - 1, days[1].start, days[1].end - 1, days[2].end - 1, days[2].end]
    charges = [charge(number, at=at, images=number + 1, price=2) for number, at in enumerate(ats)]
    others = [charge(10, at=ats[0], server_id=3), charge(11, at=ats[0], images=0), charge(12, at=ats[0], model="n")]
    await keep(engine, *charges, *others)
    assert await reports.use(SERVER_ID, days) == [
        Use(0, "m", 3, 6),
        Use(0, "n", 1, 1),
        Use(1, "m", 7, 14),
        Use(2, "m", 5, 10),
    ]
    assert await reports.use(SERVER_ID, []) == []


async def test_a_whole_year_is_told_at_once_and_more_is_refused(reports, engine):
    periods = [Bounds(*pair) for pair in pairwise(range(MAX_PERIODS + 1))]
    await keep(engine, charge(1, at=MAX_PERIODS - 0.5))
    assert await reports.use(SERVER_ID, periods) == [Use(MAX_PERIODS - 1, "m", 1, 1)]
    with pytest.raises(ValueError, match="400"):
        await reports.use(SERVER_ID, [*periods, Bounds(0, 1)])


async def test_who_uses_most_comes_first(reports, engine):
    await keep(
        engine,
        charge(1, user_id=11, images=2),
        charge(2, user_id=12, images=4, price=2, from_grants=3),
        charge(3, user_id=12, images=1),
        charge(4, user_id=13, images=0),
        charge(5, user_id=14, at=NOW + 1),
    )
    bounds = Bounds(NOW, NOW + 1)
    both = [MemberUse(12, 5, 9, 6), MemberUse(11, 2, 2, 2)]
    assert await reports.members(SERVER_ID, bounds) == both
    assert await reports.members(SERVER_ID, bounds, most=1) == both[:1]


async def test_every_charge_is_told_in_order_however_many_there_are(reports, engine, monkeypatch):
    monkeypatch.setattr(ledger, "PAGE", 3)
    charges = [charge(number, at=NOW + number // 4) for number in range(9)]
    await keep(engine, *reversed(charges), replace(charges[0], job_id="elsewhere", server_id=3))
    assert [one async for one in reports.charges(SERVER_ID, ALWAYS)] == charges
    assert [one async for one in reports.charges(SERVER_ID, Bounds(NOW + 1, NOW + 2))] == charges[4:8]
    assert [one async for one in reports.charges(4, ALWAYS)] == []


async def test_the_totals_are_what_all_charges_add_up_to(reports, engine):
    await keep(
        engine,
        charge(1, user_id=11, images=2, price=3, from_grants=1),
        charge(2, user_id=12, images=4, from_grants=4),
        charge(3, user_id=11),
        charge(4, user_id=13, images=0),
        charge(5, user_id=14, at=NOW + 1),
        charge(6, user_id=14, server_id=3),
    )
    assert await reports.totals(SERVER_ID, Bounds(NOW, NOW + 1)) == Totals(3, 7, 11, 5, 2)
    assert await reports.totals(SERVER_ID, Bounds(0, 1)) == Totals(0, 0, 0, 0, 0)
