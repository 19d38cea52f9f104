"""What admins set, and what the ledger tells of it, in a real database."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import asdict, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, insert, select

from infra.db.engine import open_engine, transaction
from infra.db.tables import CHARGES, GUILD_SETTINGS, JOBS
from infra.stores import ledger_sum_cache, policies, quota
from infra.stores.audit import entries
from infra.stores.guilds import SqlGuildStore
from studio.guilds.audit import Admin
from studio.jobs.advance import advance
from studio.jobs.events import Abandoned, Finished, Started
from studio.jobs.job import Job
from studio.jobs.states import Path
from studio.quota.decide import Allowed, Refused, usage_queries
from studio.quota.errors import TooManyLimitsError
from studio.quota.ledger import PERSONAL, Charge, Measure, Scope, UsageQuery
from studio.quota.limits import EVERYONE, SERVER, UTC, Ceilings, Limit, LimitKind, Member, Target, Who
from tests.support.jobs import arrived
from tests.support.ledger_model import usage_of
from tests.support.quota import ADA, ADMIN, ADMIN_ID, BEN, NOW, SERVER_ID, Till, charge

ROLE, OWN = Target(Who.ROLE, 21), Target(Who.MEMBER, ADA.user_id)


@pytest.fixture
def till(engine):
    return Till(engine)


@pytest.fixture
async def another(migrated_url):
    """A second process on the same database."""
    engine = open_engine(migrated_url)
    yield Till(engine)
    await engine.dispose()


async def count(engine, table):
    async with engine.connect() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


# --- the ledger in SQL ------------------------------------------------------------------------------------------------


async def test_every_meter_shows_what_the_model_of_the_ledger_does(till, engine):
    chance = random.Random(7)
    charges = [
        charge(
            number,
            server_id=chance.choice([PERSONAL, SERVER_ID, 3]),
            user_id=chance.choice([11, 12]),
            at=float(chance.randrange(20)),
            price=chance.choice([0, 1, 5]),
            images=chance.choice([0, 1, 4]),
            from_grants=chance.choice([0, 0, 1]),
            settled=chance.choice([True, False]),
        )
        for number in range(300)
    ]
    async with transaction(engine) as connection:
        await connection.execute(insert(CHARGES), [asdict(one) for one in charges])
    scopes = [Scope(), Scope(SERVER_ID), Scope(SERVER_ID, 11), Scope(PERSONAL, 12), Scope(3, 99)]
    wanted = [
        UsageQuery(measure, scope, since) for measure in Measure for scope in scopes for since in (0.0, 7.0, 99.0)
    ]
    usage = await till.quotas.usage(ADA, wanted)
    assert usage.counts == usage_of(charges, wanted)
    assert usage.granted == 0


async def test_a_request_is_allowed_until_the_limit_and_refused_from_there_on(till, engine):
    await till.limit(3)
    assert [type(await till.ask(images=n)) for n in (2, 2, 1, 1)] == [Job, Refused, Job, Refused]
    assert await count(engine, CHARGES) == await count(engine, JOBS) == 2


async def test_of_a_decision_that_is_too_old_nothing_is_written(till, engine):
    await till.limit(3)
    asked, allowed = await till.decide(images=2)
    assert await till.write(asked, allowed)
    assert await till.write(asked, allowed) is None
    assert await count(engine, CHARGES) == await count(engine, JOBS) == 1


KINDS = [
    (Limit(EVERYONE, LimitKind.DAY, 3), Ceilings()),
    (Limit(SERVER, LimitKind.MONTH, 3), Ceilings()),
    (Limit(EVERYONE, LimitKind.AT_ONCE, 3), Ceilings()),
    (Limit(EVERYONE, LimitKind.WEEK, None), Ceilings(daily=3)),
]


@pytest.mark.parametrize(("limit", "ceilings"), KINDS, ids=["allowance", "server", "at once", "operator"])
async def test_of_many_at_once_as_many_pass_as_a_limit_says(engine, limit, ceilings):
    till = Till(engine, ceilings)
    await till.quotas.set_limit(ADMIN, limit)
    outcomes = await asyncio.gather(*(till.ask() for _ in range(20)))
    assert sum(isinstance(one, Job) for one in outcomes) == 3
    assert await count(engine, CHARGES) == await count(engine, JOBS) == 3


async def test_of_many_at_once_one_passes_a_cooldown(till):
    await till.limit(60, kind=LimitKind.COOLDOWN)
    outcomes = await asyncio.gather(*(till.ask() for _ in range(20)))
    assert sum(isinstance(one, Job) for one in outcomes) == 1


async def test_outside_of_servers_each_member_has_the_operators_limit(engine):
    till = Till(engine, Ceilings(personal_daily=2))
    alone = [Member(user_id=user_id) for user_id in (11, 12)]
    outcomes = await asyncio.gather(*(till.ask(alone[number % 2]) for number in range(20)))
    assert sorted(one.origin.user_id for one in outcomes if isinstance(one, Job)) == [11, 11, 12, 12]


async def test_two_processes_share_a_limit_of_a_hundred(till, another, engine):
    await till.limit(100, SERVER)
    outcomes = await asyncio.gather(*((till, another)[number % 2].ask() for number in range(300)))
    assert sum(isinstance(one, Job) for one in outcomes) == 100
    assert await count(engine, CHARGES) == 100


async def test_those_who_are_refused_take_nobody_else_with_them(till, engine):
    """Writes that come together are committed together: one that does not pass must not cost another its own."""
    await till.limit(1, OWN)
    asked, allowed = await till.decide()
    _, free = await till.decide(BEN)
    outcomes = await asyncio.gather(
        *(till.write(asked, allowed, ADA) for _ in range(5)), *(till.write(asked, free, BEN) for _ in range(5))
    )
    assert [job is not None for job in outcomes] == [True] + [False] * 4 + [True] * 5


async def test_what_was_not_made_can_be_asked_for_again(till):
    await till.limit(4)
    job = await till.ask(images=4)
    started = advance(job, Started(Path.PLAIN, NOW))
    done = advance(advance(started, arrived()), Finished(NOW))
    assert await till.jobs.save(done, previous=job)
    assert isinstance(await till.ask(images=4), Refused)
    assert isinstance(await till.ask(images=3), Job)


# --- policies ---------------------------------------------------------------------------------------------------------


async def test_a_policy_is_what_admins_have_set_for_a_member(till):
    for target, kind, amount in [
        (EVERYONE, LimitKind.MONTH, 9),
        (EVERYONE, LimitKind.DAY, 5),
        (ROLE, LimitKind.DAY, None),
        (OWN, LimitKind.IMAGES, 2),
        (SERVER, LimitKind.DAY, 100),
    ]:
        await till.limit(amount, target, kind)
    await till.limit(7, Target(Who.MEMBER, BEN.user_id))
    policy = await till.quotas.policy(ADA)
    assert [(one.target, one.kind, one.amount) for one in policy.limits] == [
        (SERVER, LimitKind.DAY, 100),
        (EVERYONE, LimitKind.DAY, 5),
        (EVERYONE, LimitKind.MONTH, 9),
        (ROLE, LimitKind.DAY, None),
        (OWN, LimitKind.IMAGES, 2),
    ]
    assert (policy.zone, dict(policy.resets)) == (UTC, {})
    assert (await till.quotas.policy(Member(user_id=ADA.user_id))).limits == ()
    assert (await till.quotas.policy(replace(ADA, server_id=3))).limits == ()


@pytest.mark.parametrize(
    ("settings", "zone"),
    [
        ('{"time_zone": "Asia/Tokyo"}', "Asia/Tokyo"),
        ("{}", "UTC"),
        ('{"time_zone": 5}', "UTC"),
        ("[]", "UTC"),
        ("no", "UTC"),
        ('{"time_zone": "Mars"}', "UTC"),
    ],
)
async def test_windows_are_in_the_time_zone_of_the_servers_settings(till, engine, settings, zone):
    async with transaction(engine) as connection:
        await connection.execute(insert(GUILD_SETTINGS).values(server_id=SERVER_ID, settings=settings))
    assert (await till.quotas.policy(ADA)).zone == ZoneInfo(zone)


async def test_a_change_is_seen_at_once_here_and_soon_by_other_processes(till, another, monkeypatch):
    for amount in (5, 1):
        await till.limit(amount)
        assert (await till.quotas.policy(ADA)).limits[0].amount == amount
        await another.quotas.policy(ADA)
    assert (await another.quotas.policy(ADA)).limits[0].amount == 5
    later = time.monotonic() + policies.CACHE_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert (await another.quotas.policy(ADA)).limits[0].amount == 1


async def test_a_time_zone_that_is_set_on_the_settings_screen_is_seen_at_once(till, engine):
    guilds = SqlGuildStore(engine, lambda: NOW, till.quotas.forget)
    assert (await till.quotas.policy(ADA)).zone == UTC
    await guilds.change(ADMIN, lambda settings: settings.changed(time_zone="Asia/Tokyo"))
    assert (await till.quotas.policy(ADA)).zone == ZoneInfo("Asia/Tokyo")


# --- what admins do ---------------------------------------------------------------------------------------------------


async def test_a_limit_is_set_over_another_and_cleared(till):
    assert await till.limit(5) is None
    assert await till.limit(None) == Limit(EVERYONE, LimitKind.DAY, 5)
    await till.limit(20, kind=LimitKind.WEEK)
    await till.limit(50, ROLE)
    assert await till.quotas.limits(SERVER_ID) == (
        Limit(EVERYONE, LimitKind.DAY, None),
        Limit(EVERYONE, LimitKind.WEEK, 20),
        Limit(ROLE, LimitKind.DAY, 50),
    )
    assert await till.quotas.clear_limits(ADMIN, EVERYONE, LimitKind.DAY) == (Limit(EVERYONE, LimitKind.DAY, None),)
    assert await till.quotas.clear_limits(ADMIN, EVERYONE) == (Limit(EVERYONE, LimitKind.WEEK, 20),)
    assert await till.quotas.clear_limits(ADMIN, EVERYONE) == ()
    assert await till.quotas.limits(SERVER_ID) == (Limit(ROLE, LimitKind.DAY, 50),)


async def test_a_server_has_so_many_limits_and_no_more(till, monkeypatch):
    monkeypatch.setattr(quota, "MAX_LIMITS", 2)
    await till.limit(1, Target(Who.MEMBER, 1))
    await till.limit(1, Target(Who.MEMBER, 2))
    await till.limit(5, Target(Who.MEMBER, 2))
    with pytest.raises(TooManyLimitsError):
        await till.limit(1, Target(Who.MEMBER, 3))
    assert [one.amount for one in await till.quotas.limits(SERVER_ID)] == [1, 5]


async def test_many_admins_at_once_leave_one_limit(till, another):
    await asyncio.gather(*((till, another)[number % 2].limit(number) for number in range(20)))
    assert len(await till.quotas.limits(SERVER_ID)) == 1


async def test_grants_are_used_after_the_allowance_and_taken_back_as_far_as_they_are_left(till):
    await till.limit(2)
    assert await till.quotas.grant(ADMIN, ADA.user_id, 3) == (0, 3)
    assert isinstance(await till.ask(images=4), Job)
    usage = await till.usage(ADA)
    assert (usage.granted, usage.grants_left(ADA)) == (3, 1)
    assert await till.quotas.take(ADMIN, ADA.user_id, 5) == (1, 0)
    assert await till.quotas.take(ADMIN, ADA.user_id, 5) == (0, 0)
    assert isinstance(await till.ask(), Refused)
    assert isinstance(await till.ask(BEN), Job)


async def test_a_grant_that_is_taken_back_during_requests_is_used_at_most_once(till, another):
    await till.limit(0)
    await till.quotas.grant(ADMIN, ADA.user_id, 10)
    outcomes = await asyncio.gather(*(till.ask() for _ in range(15)), another.quotas.take(ADMIN, ADA.user_id, 10))
    used = sum(isinstance(one, Job) for one in outcomes[:-1])
    before, after = outcomes[-1]
    assert after == 0
    assert used <= 10
    assert before >= 10 - used


@pytest.mark.parametrize("target", [EVERYONE, ROLE, OWN])
async def test_a_reset_gives_the_whole_allowance_again(till, target):
    await till.limit(1)
    assert isinstance(await till.ask(), Job)
    till.now = NOW + 1
    assert isinstance(await till.ask(), Refused)
    await till.quotas.reset(ADMIN, target)
    till.now = NOW + 2
    assert isinstance(await till.ask(), Job)
    assert isinstance(await till.ask(), Refused)
    await till.quotas.reset(ADMIN, target)


async def test_every_change_is_in_the_audit_log_of_its_server(till, engine):
    await till.limit(5)
    await till.limit(None)
    await till.quotas.clear_limits(ADMIN, EVERYONE)
    await till.quotas.grant(ADMIN, ADA.user_id, 3)
    await till.quotas.take(ADMIN, ADA.user_id, 1)
    await till.quotas.reset(ADMIN, ROLE)
    await till.quotas.grant(Admin(3, ADMIN_ID), ADA.user_id, 3)
    found = await entries(engine, SERVER_ID)
    assert [(one.action, one.target, one.before, one.after) for one in reversed(found)] == [
        ("limit", "everyone", None, "day 5"),
        ("limit", "everyone", "day 5", "day unlimited"),
        ("limit", "everyone", "day unlimited", None),
        ("grant", "member:11", "0", "3"),
        ("take", "member:11", "3", "2"),
        ("reset", "role:21", None, None),
    ]
    assert {(one.by_user_id, one.at, one.server_id) for one in found} == {(ADMIN_ID, NOW, SERVER_ID)}
    older = await entries(engine, SERVER_ID, before=found[1].id, most=2)
    assert [one.id for one in older] == [one.id for one in found[2:4]]


async def test_what_failed_leaves_no_word_in_the_audit_log(till, engine, monkeypatch):
    monkeypatch.setattr(quota, "MAX_LIMITS", 0)
    with pytest.raises(TooManyLimitsError):
        await till.limit(5)
    assert await entries(engine, SERVER_ID) == []
    assert await till.quotas.limits(SERVER_ID) == ()


def test_a_reset_before_every_window_changes_nothing_any_more():
    month = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    assert (month[1] - month[0]).total_seconds() < policies.LONGEST_WINDOW_SECONDS


async def test_a_decision_without_limits_has_nothing_to_check(till):
    _, allowed = await till.decide()
    assert allowed == Allowed(from_grants=0, checks=())


# --- what is remembered of the ledger ---------------------------------------------------------------------------------


@pytest.fixture
def remembering(monkeypatch):
    """Sums are remembered from the first charge on, and again whenever they are read."""
    monkeypatch.setattr(ledger_sum_cache, "MANY", 0)
    monkeypatch.setattr(ledger_sum_cache, "RETRY_SECONDS", 0.0)


async def test_what_is_remembered_of_the_ledger_never_differs_from_the_ledger(till, engine, remembering):
    """Jobs are asked for, end or run on, over two weeks; each time the meters show what the model shows."""
    chance = random.Random(3)
    for kind in (LimitKind.DAY, LimitKind.WEEK, LimitKind.MONTH):
        await till.limit(1_000, kind=kind)
        await till.limit(1_000, SERVER, kind)
    running = []
    for _ in range(60):
        till.now += chance.choice([1.0, 60.0, 3_600.0, 20_000.0])
        member = chance.choice([ADA, BEN])
        job = await till.ask(member, images=1, price=chance.choice([1, 3]))
        running.append(advance(job, Started(Path.PLAIN, till.now)))
        assert await till.jobs.save(running[-1], previous=job)
        while running and chance.random() < 0.5:
            ended = running.pop(chance.randrange(len(running)))
            done = advance(advance(ended, arrived()) if chance.random() < 0.7 else ended, Finished(till.now))
            assert await till.jobs.save(done, previous=ended)
        async with engine.connect() as connection:
            rows = (await connection.execute(select(CHARGES))).mappings()
        wanted = usage_queries(await till.quotas.policy(member), member, till.now)
        assert (await till.quotas.usage(member, wanted)).counts == usage_of([Charge(**row) for row in rows], wanted)
    assert any(known.total for known in till.quotas._sums._sums.values())


async def test_a_limit_holds_whatever_is_remembered(till, another, remembering):
    await till.limit(10)
    for _ in range(4):
        await till.ask()
    till.now = another.now = NOW + 2 * ledger_sum_cache.LATE_SECONDS
    outcomes = await asyncio.gather(*((till, another)[number % 2].ask() for number in range(30)))
    assert sum(isinstance(one, Job) for one in outcomes) == 6


async def test_what_still_runs_is_never_remembered(till, remembering):
    await till.limit(10)
    job = await till.ask(images=4)
    till.now = NOW + 10 * ledger_sum_cache.LATE_SECONDS
    await till.usage(ADA)
    assert [one.total for one in till.quotas._sums._sums.values()] == [0]
    assert await till.jobs.save(advance(job, Abandoned(till.now)), previous=job)
    assert isinstance(await till.ask(images=10), Job)
