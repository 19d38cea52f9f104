"""Who is over a limit now, by a real ledger."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from sqlalchemy import insert

from infra.db.engine import transaction
from infra.db.tables import CHARGES
from infra.reports.ledger import LedgerReports
from studio.quota import admin as quota_admin
from studio.quota.admin import MemberCount, QuotaAdministration
from studio.quota.errors import LimitChangedError
from studio.quota.limits import EVERYONE, SERVER, Limit, LimitKind, Target, Who
from tests.support.quota import ADMIN, NOW, SERVER_ID, Till, charge

PATRON = Target(Who.ROLE, 21)
USERS = range(101, 131)  # each has used one credit more than the one before, from 1 to 30
DAY = 86_400


@pytest.fixture
async def till(engine):
    charges = [charge(number, user_id=user, images=number, at=NOW - 1) for number, user in enumerate(USERS, 1)]
    long_ago = charge(99, user_id=999, images=99, at=NOW - 40 * DAY)
    async with transaction(engine) as connection:
        await connection.execute(insert(CHARGES), [asdict(one) for one in (*charges, long_ago)])
    return Till(engine)


@pytest.fixture
def admin(till, engine):
    return QuotaAdministration(till.quotas, LedgerReports(engine), lambda: till.now)


def roles(*patrons, away=()):
    async def of(user_ids):
        return {user: frozenset({21} if user in patrons else ()) for user in user_ids if user not in away}

    return of


async def test_those_are_counted_for_whom_the_limit_holds(till, admin):
    await till.limit(17)
    assert await admin.count_at_limit(SERVER_ID, [LimitKind.DAY], EVERYONE, roles()) == MemberCount(
        number=14, whole=True
    )
    assert await admin.count_at_limit(SERVER_ID, [LimitKind.DAY], EVERYONE, roles(away=USERS[-4:])) == MemberCount(
        number=10, whole=True
    )
    await till.limit(29, PATRON)
    assert await admin.count_at_limit(SERVER_ID, [LimitKind.DAY], EVERYONE, roles(*USERS[-3:])) == MemberCount(
        number=11, whole=True
    )
    assert await admin.count_at_limit(SERVER_ID, [LimitKind.DAY], PATRON, roles(*USERS[-3:])) == MemberCount(
        number=2, whole=True
    )
    await till.limit(None, Target(Who.MEMBER, USERS[-1]))
    assert await admin.count_at_limit(SERVER_ID, [LimitKind.DAY], PATRON, roles(*USERS[-3:])) == MemberCount(
        number=1, whole=True
    )
    assert await admin.count_at_limit(
        SERVER_ID, [LimitKind.WEEK, LimitKind.COOLDOWN], EVERYONE, roles()
    ) == MemberCount(number=0, whole=True)


async def test_what_was_used_before_a_reset_counts_for_nobody(till, admin):
    await till.limit(17)
    await till.quotas.reset(ADMIN, Target(Who.MEMBER, USERS[-1]))
    assert await admin.count_at_limit(SERVER_ID, [LimitKind.DAY], EVERYONE, roles()) == MemberCount(
        number=13, whole=True
    )
    await till.quotas.reset(ADMIN, PATRON)
    assert await admin.count_at_limit(SERVER_ID, [LimitKind.DAY], EVERYONE, roles(*USERS[-5:])) == MemberCount(
        number=9, whole=True
    )
    await till.quotas.reset(ADMIN, EVERYONE)
    assert await admin.count_at_limit(SERVER_ID, [LimitKind.DAY], EVERYONE, roles()) == MemberCount(
        number=0, whole=True
    )


async def test_those_who_are_stopped_by_any_limit_are_counted_once(till, admin):
    await till.limit(17)
    await till.limit(20, kind=LimitKind.MONTH)
    assert await admin.count_blocked(SERVER_ID, EVERYONE, roles()) == MemberCount(number=14, whole=True)
    assert await admin.count_blocked(SERVER_ID, PATRON, roles(*USERS[10:20])) == MemberCount(number=4, whole=True)
    assert await admin.count_blocked(SERVER_ID, Target(Who.MEMBER, USERS[16]), roles()) == MemberCount(
        number=1, whole=True
    )


async def test_no_more_than_so_many_are_looked_at(till, admin, monkeypatch):
    monkeypatch.setattr(quota_admin, "MOST_COUNTED", 10)
    await till.limit(1)
    assert await admin.count_at_limit(SERVER_ID, LimitKind, EVERYONE, roles()) == MemberCount(number=10, whole=False)


async def test_where_roles_can_not_be_learnt_nothing_is_counted(till, admin):
    async def nobody_tells(_user_ids):
        return None

    await till.limit(1)
    assert await admin.count_at_limit(SERVER_ID, [LimitKind.DAY], EVERYONE, nobody_tells) is None


async def test_every_limit_of_a_server_is_cleared_at_once(till):
    limits = (
        Limit(EVERYONE, LimitKind.DAY, 5),
        Limit(PATRON, LimitKind.IMAGES, None),
        Limit(SERVER, LimitKind.MONTH, 9),
    )
    for limit in limits:
        await till.quotas.set_limit(ADMIN, limit)
    assert await till.quotas.clear_limits(ADMIN, None, LimitKind.DAY) == limits[:1]
    assert set(await till.quotas.clear_limits(ADMIN, None)) == set(limits[1:])
    assert await till.quotas.limits(SERVER_ID) == ()


async def test_a_limit_is_replaced_only_if_it_is_the_one_that_was_seen(till):
    first, second = (Limit(EVERYONE, LimitKind.DAY, amount) for amount in (5, 6))
    assert await till.quotas.set_limit(ADMIN, first, seen=()) is None
    for seen in ((), (second,)):
        with pytest.raises(LimitChangedError) as refused:
            await till.quotas.set_limit(ADMIN, second, seen=seen)
        assert refused.value.now == first
    assert await till.quotas.limits(SERVER_ID) == (first,)
    assert await till.quotas.set_limit(ADMIN, second, seen=(first,)) == first
