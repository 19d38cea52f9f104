"""What is kept of members, and forgetting it, in a real database."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest
from sqlalchemy import func, insert, select, update

from infra.db.tables import CHARGES, ERASURES, GRANTS, JOBS
from infra.stores.jobs import SqlJobStore
from infra.stores.preferences import SqlPreferenceStore
from infra.stores.retention import BATCH, SqlRetention
from studio.jobs.advance import advance
from studio.jobs.events import Finished, Shown, Started
from studio.jobs.states import Path
from studio.members.preferences import Preferences
from studio.members.privacy import DAY_SECONDS, NOBODY, REACH_SECONDS, REPORTED_SECONDS, StoredData
from studio.quota.ledger import UsageTotals
from tests.support.jobs import MESSAGE, ORIGIN, a_job, arrived, charge_of, posted

ADA, BEN, SERVER = 4, 5, 2
NOW = 1_000 * DAY_SECONDS
ENDED = (posted(), Started(Path.STREAM, 1.0), arrived(), Finished(2.0))


class Time:
    now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def archive(engine, time):
    return SqlRetention(engine, time, retention_days=90)


async def asked(engine, *, by=ADA, at=NOW, ended=True, shown=True):
    """A job that was asked for then."""
    store = SqlJobStore(engine)
    job = replace(a_job(origin=replace(ORIGIN, user_id=by)), created_at=at)
    await store.insert(job, charge_of(job))
    if ended:
        after = reduce(advance, ENDED, job)
        if shown:
            after = advance(after, Shown(after.version, (MESSAGE,), {}))
        assert await store.save(after, previous=job)
    return job.id


async def many_asked(engine, number, *, by=ADA, at=NOW):
    """So many settled jobs at once, and their charges."""
    first = await asked(engine, by=by, at=at)
    async with engine.connect() as connection:
        for table, key in ((JOBS, "id"), (CHARGES, "job_id")):
            row = (await connection.execute(select(table).where(table.c[key] == first))).mappings().one()
            for start in range(1, number, 1000):
                rows = [{**row, key: f"{by}-{at:.0f}-{one}"[:24]} for one in range(start, min(number, start + 1000))]
                await connection.execute(insert(table), rows)


async def granted(engine, *amounts, to=ADA, at=NOW):
    rows = [{"server_id": SERVER, "user_id": to, "amount": one, "by_user_id": 9, "at": at} for one in amounts]
    async with engine.connect() as connection:
        await connection.execute(insert(GRANTS), rows)


async def took_from_grants(engine, job_id, amount=1):
    async with engine.connect() as connection:
        mine = update(CHARGES).where(CHARGES.c.job_id == job_id)
        await connection.execute(mine.values(from_grants=amount))


async def grants_left(engine, member=ADA):
    given = select(func.coalesce(func.sum(GRANTS.c.amount), 0)).where(GRANTS.c.user_id == member)
    used = select(func.coalesce(func.sum(CHARGES.c.from_grants), 0)).where(CHARGES.c.user_id == member)
    async with engine.connect() as connection:
        return (await connection.execute(given)).scalar_one() - (await connection.execute(used)).scalar_one()


async def rows(engine, column, *where):
    async with engine.connect() as connection:
        return sorted((await connection.execute(select(column).where(*where))).scalars())


async def test_of_a_stranger_nothing_is_kept(archive):
    assert await archive.stored(ADA) == StoredData(preferences=Preferences())
    assert not await archive.stored(ADA)


async def test_what_is_kept_of_a_member_is_theirs_alone(engine, archive):
    await SqlPreferenceStore(engine).remember(ADA, Preferences(size="4K"))
    await asked(engine, at=NOW - 5)
    await asked(engine, at=NOW - 9, ended=False)
    await asked(engine, by=BEN, at=NOW - 20)
    kept = await archive.stored(ADA)
    assert kept == StoredData(
        preferences=Preferences(size="4K"), jobs=2, since=NOW - 9, running=1, use=UsageTotals(2, 2)
    )


async def test_who_is_erased_leaves_nothing_but_amounts_and_others_lose_nothing(engine, archive, time):
    await SqlPreferenceStore(engine).remember(ADA, Preferences(size="4K"))
    await SqlPreferenceStore(engine).remember(BEN, Preferences(size="2K"))
    await asked(engine)
    theirs = await asked(engine, by=BEN)
    erased = await archive.erase(ADA)
    assert (erased.jobs, erased.running) == (1, 0)
    assert await rows(engine, JOBS.c.id) == [theirs]
    assert await archive.stored(ADA) == StoredData(preferences=Preferences(), use=UsageTotals(1, 1))
    assert (await archive.stored(BEN)).preferences == Preferences(size="2K")
    assert await rows(engine, CHARGES.c.user_id) == [ADA, BEN]  # a window still reaches them
    time.now += REACH_SECONDS + 1
    await archive.tidy()
    assert await rows(engine, CHARGES.c.user_id) == [NOBODY, BEN]
    assert await rows(engine, CHARGES.c.images) == [1, 1]
    assert await rows(engine, ERASURES.c.user_id) == []
    assert not await archive.stored(ADA)


@pytest.mark.parametrize("ended", [True, False])
async def test_a_job_that_is_not_settled_goes_once_it_is(engine, archive, ended):
    job_id = await asked(engine, ended=ended, shown=False)
    erased = await archive.erase(ADA)
    assert (erased.jobs, erased.running) == (0, 1)
    await archive.tidy()
    assert await rows(engine, JOBS.c.id) == [job_id]
    async with engine.connect() as connection:
        await connection.execute(update(JOBS).values(settled=True, state="done"))
    await archive.tidy()
    assert await rows(engine, JOBS.c.id) == []


async def test_what_is_asked_for_after_being_erased_is_kept_like_anybodys(engine, archive, time):
    await asked(engine)
    await archive.erase(ADA)
    time.now += 1
    later = await asked(engine, at=time.now)
    await archive.tidy()
    assert await rows(engine, JOBS.c.id) == [later]
    time.now += REACH_SECONDS + 10
    await archive.tidy()
    assert await rows(engine, JOBS.c.id) == [later]
    assert await rows(engine, CHARGES.c.user_id) == [NOBODY, ADA]
    assert await rows(engine, ERASURES.c.user_id) == []


async def test_being_erased_brings_no_fresh_allowance_and_no_grants(engine, archive, time):
    await granted(engine, 5, 3)
    await took_from_grants(engine, await asked(engine))
    assert await grants_left(engine) == 7
    await archive.erase(ADA)
    assert await grants_left(engine) == 0
    assert (await archive.stored(ADA)).use == UsageTotals(1, 1)
    await granted(engine, 4, at=NOW + 1)
    for _ in range(2):
        time.now += REACH_SECONDS
        await archive.tidy()
        assert await grants_left(engine) == 4
    assert await rows(engine, GRANTS.c.amount) == [4]
    await archive.erase(ADA)
    assert await rows(engine, GRANTS.c.amount) == []


async def test_being_erased_twice_is_the_same_as_once(engine, archive, time):
    await granted(engine, 5)
    await took_from_grants(engine, await asked(engine))
    for _ in range(2):
        await archive.erase(ADA)
        assert await grants_left(engine) == 0
    time.now += REACH_SECONDS + 1
    await archive.tidy()
    assert await rows(engine, GRANTS.c.amount) == await rows(engine, ERASURES.c.user_id) == []
    await archive.erase(ADA)  # of a stranger
    await archive.tidy()
    assert await rows(engine, ERASURES.c.user_id) == []


async def test_more_than_goes_at_once_goes_in_the_end(engine, archive, monkeypatch):
    monkeypatch.setattr("infra.stores.retention.MAX_BATCHES", 2)
    number = BATCH * 2 + 3
    await many_asked(engine, number)
    erased = await archive.erase(ADA)
    assert (erased.jobs, erased.running) == (number - 3, 3)
    await archive.tidy()
    assert await rows(engine, JOBS.c.id) == []


async def test_jobs_are_forgotten_after_their_time_and_those_that_are_not_settled_never(engine, archive, time):
    await many_asked(engine, BATCH + 1, at=NOW - 90 * DAY_SECONDS - 1)
    fresh = await asked(engine, at=NOW - 90 * DAY_SECONDS + 1)
    running = await asked(engine, at=NOW - 200 * DAY_SECONDS, ended=False)
    await archive.tidy()
    assert await rows(engine, JOBS.c.id) == sorted([fresh, running])
    assert len(await rows(engine, CHARGES.c.job_id)) == BATCH + 3  # reports still tell of them


async def test_without_a_retention_jobs_are_kept_for_ever(engine, time):
    await asked(engine, at=1.0)
    await SqlRetention(engine, time, retention_days=0).tidy()
    assert len(await rows(engine, JOBS.c.id)) == 1


async def test_charges_go_once_no_report_reaches_them_but_for_those_that_grants_are_counted_by(engine, archive):
    old = NOW - REPORTED_SECONDS - 1
    await asked(engine, at=old)
    from_grants = await asked(engine, at=old)
    await granted(engine, 5, at=old)
    await took_from_grants(engine, from_grants)
    fresh = await asked(engine, at=NOW - REPORTED_SECONDS + 1)
    await archive.tidy()
    assert await rows(engine, CHARGES.c.job_id) == sorted([from_grants, fresh])
    assert await grants_left(engine) == 4
