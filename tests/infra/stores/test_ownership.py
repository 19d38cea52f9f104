"""Who owns a job, what it costs, and what was posted about it, in a real database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import reduce

import pytest
from sqlalchemy import select

from infra.db.leases import PROCESS, SqlLeases
from infra.db.tables import CHARGES
from infra.stores.jobs import MAX_CALLBACKS, MAX_CLAIMED, SqlJobStore
from studio.jobs.advance import advance
from studio.jobs.events import Abandoned, Broke, Deleted, Finished, GivenUp, Requeued, Shown, Started, Tidied
from studio.jobs.states import Failure, Path, Reason
from tests.support.jobs import MESSAGE, ORIGIN, a_job, arrived, charge_of, posted

LIVING, DEAD = f"{PROCESS}living", f"{PROCESS}dead"
LONG = 60.0


@pytest.fixture
def store(engine):
    return SqlJobStore(engine)


@pytest.fixture
async def living(engine):
    leases = SqlLeases(engine, LIVING)
    await leases.hold(LIVING, LONG)
    return leases


def owned(by, **changes):
    return replace(a_job(), owner=by, **changes)


async def charges(engine):
    async with engine.connect() as connection:
        rows = (await connection.execute(select(CHARGES))).all()
    return {row.job_id: (row.images, row.settled) for row in rows}


async def changed(store, job, *events):
    """The job after the events, each of them saved."""
    for event in events:
        after = advance(job, event)
        assert await store.save(after, previous=job)
        job = after
    return job


async def test_what_a_dead_process_has_left_is_claimed_and_what_a_living_one_has_is_not(store, living):
    left, held = owned(DEAD), owned(LIVING)
    for job in (left, held):
        await store.insert(job, charge_of(job))
    await SqlLeases(living._engine, "new").hold(f"{PROCESS}new", LONG)
    assert [job.id for job in await store.claim(f"{PROCESS}new")] == [left.id]
    assert await store.claim(f"{PROCESS}new") == []
    assert await store.unsettled(f"{PROCESS}new") == [left.id]
    assert await store.unsettled(LIVING) == [held.id]


async def test_a_process_whose_own_lease_has_lapsed_does_not_claim_its_own_jobs(store):
    await store.insert(job := owned(DEAD), charge_of(job))
    assert await store.claim(DEAD) == []


async def test_once_a_job_is_claimed_its_old_owner_writes_no_more(store, living):
    job = owned(DEAD)
    await store.insert(job, charge_of(job))
    (claimed,) = await store.claim(LIVING)
    assert (claimed.owner, claimed.version, claimed.shown_version) == (LIVING, job.version + 1, job.shown_version)
    assert not await store.save(advance(job, posted()), previous=job)
    assert await store.save(advance(claimed, posted()), previous=claimed)


async def test_a_claim_makes_nothing_to_be_shown_that_was_shown(store, living):
    job = await _inserted(store, owned(DEAD), posted())
    (claimed,) = await store.claim(LIVING)
    assert job.shown_version == job.version
    assert claimed.shown_version == claimed.version


async def test_a_settled_job_is_nobodys_to_claim(store, living):
    done = await _inserted(store, owned(DEAD), posted(), Started(Path.STREAM, 1.0), arrived(), Finished(2.0))
    await changed(store, done, Shown(done.version, (MESSAGE,), {}))
    unseen = await _inserted(
        store, owned(DEAD), posted(), Started(Path.STREAM, 1.0), Broke(Failure(reason=Reason.CUT), 2.0)
    )
    await _inserted(store, owned(DEAD), posted(), Deleted(2.0))
    assert [job.id for job in await store.claim(LIVING)] == [unseen.id]


async def test_many_who_claim_at_once_share_and_nobody_has_what_another_has(store, engine):
    jobs = [owned(DEAD) for _ in range(MAX_CLAIMED + 30)]
    await asyncio.gather(*(store.insert(job, charge_of(job)) for job in jobs))
    processes = [f"{PROCESS}{number}" for number in range(5)]
    for process in processes:
        await SqlLeases(engine, process).hold(process, LONG)

    async def all_of(process):
        mine = []
        while claimed := await store.claim(process):
            assert len(claimed) <= MAX_CLAIMED
            mine += claimed
        return [job.id for job in mine]

    shares = await asyncio.gather(*map(all_of, processes))
    # Whoever finds another at it leaves that alone; the next round has what is left.
    shares.append(await all_of(processes[0]))
    assert sorted(reduce(list.__add__, shares)) == sorted(job.id for job in jobs)


async def test_a_job_is_charged_what_it_may_cost_and_then_what_it_did_cost(store, engine):
    job = a_job(group=4)
    await store.insert(job, charge_of(job))
    assert await charges(engine) == {job.id: (4, False)}
    job = await changed(
        store, job, posted(), Started(Path.STREAM, 1.0), arrived(0), Requeued(), Started(Path.STREAM, 2.0)
    )
    assert await charges(engine) == {job.id: (4, False)}
    job = await changed(store, job, Broke(Failure(reason=Reason.CUT), 3.0))
    assert await charges(engine) == {job.id: (1, True)}
    await changed(store, job, Shown(job.version, (MESSAGE,), {}), Deleted(9.0))
    assert await charges(engine) == {job.id: (1, True)}


async def test_an_end_that_comes_second_charges_nothing(store, engine):
    job = a_job()
    await store.insert(job, charge_of(job))
    assert await store.save(advance(job, Abandoned(1.0)), previous=job)
    done = reduce(advance, (posted(), Started(Path.STREAM, 1.0), arrived(), Finished(2.0)), job)
    assert not await store.save(done, previous=job)
    assert await charges(engine) == {job.id: (0, True)}


async def test_what_is_posted_is_kept_until_the_job_has_ended(store):
    job = await _inserted(store, a_job(), posted(), Started(Path.CALLBACK, 1.0))
    assert await store.callbacks(job.id) == []
    await store.add_callback(job.id, b'{"first": 1}', 5.0)
    await store.add_callback(job.id, b'{"second": 2}', 6.0)
    assert await store.callbacks(job.id) == [b'{"first": 1}', b'{"second": 2}']
    assert await store.called_back({job.id, "another"}) == {job.id}
    await changed(store, job, arrived(), Finished(7.0))
    assert await store.callbacks(job.id) == []


async def test_a_service_that_repeats_itself_without_end_fills_nothing(store):
    for number in range(MAX_CALLBACKS * 2):
        await store.add_callback("job", b"{}", float(number))
    assert len(await store.callbacks("job")) == MAX_CALLBACKS


async def test_what_was_posted_too_late_is_purged(store):
    for number in range(3):
        await store.add_callback(f"job-{number}", b"{}", float(number))
    await store.purge(tokens=0.0, callbacks=2.0)
    assert await store.called_back({f"job-{number}" for number in range(3)}) == {"job-2"}


async def test_a_token_is_forgotten_once_it_has_ended(store):
    job = await _inserted(store, a_job(), posted())
    await store.purge(tokens=ORIGIN.token_expires, callbacks=0.0)
    assert (await store.get(job.id)).origin.token == ORIGIN.token
    await store.purge(tokens=ORIGIN.token_expires + 1, callbacks=0.0)
    assert (await store.get(job.id)).origin.token == ""


async def test_the_jobs_that_need_their_files_no_more_are_told_from_those_that_do(store):
    waits = await _inserted(store, a_job(), posted())
    gone = await _inserted(store, a_job(), posted(), Deleted(2.0))
    assert await store.without_need({waits.id, gone.id, "unknown"}, undelivered_since=0.0, kept_until=0.0) == {
        gone.id,
        "unknown",
    }
    assert await store.without_need(set(), undelivered_since=0.0, kept_until=0.0) == set()


async def test_a_result_that_was_not_delivered_is_listed_and_needs_its_files_for_a_while(store):
    ended = posted(), Started(Path.STREAM, 1.0), arrived(0), Finished(2.0)
    given_up = await _inserted(store, a_job(), *ended)
    given_up = await changed(store, given_up, GivenUp(given_up.version, 3.0))
    shown = await _inserted(store, a_job(), *ended)
    await changed(store, shown, Shown(shown.version, (MESSAGE,), {}))
    other = ORIGIN.user_id + 1
    assert await store.undelivered(ORIGIN.user_id, since=1.0) == [given_up]
    assert await store.undelivered(ORIGIN.user_id, since=3.0) == []
    assert await store.undelivered(other, since=1.0) == []
    assert await store.without_need({given_up.id, shown.id}, undelivered_since=1.0, kept_until=0.0) == {shown.id}
    assert await store.without_need({given_up.id, shown.id}, undelivered_since=3.0, kept_until=0.0) == {
        given_up.id,
        shown.id,
    }


async def test_what_was_refused_is_found_when_it_is_due_and_when_its_channel_has_changed(store):
    ended = posted(), Started(Path.STREAM, 1.0), arrived(0), Finished(2.0)
    other = replace(MESSAGE, id=99)
    replaced = await _inserted(store, a_job(), *ended)
    replaced = await changed(store, replaced, Shown(replaced.version, (other,), {}))
    given_up = await _inserted(store, a_job(), *ended)
    given_up = await changed(store, given_up, GivenUp(given_up.version, 3.0))
    well = await _inserted(store, a_job(), *ended)
    well = await changed(store, well, Shown(well.version, (MESSAGE,), {}))
    assert await store.to_retry(until=4.0) == [replaced]
    assert await store.to_retry(until=given_up.retry_at) == [replaced, given_up]
    assert await store.refused_in(ORIGIN.channel_id) == [replaced, given_up]
    assert await store.refused_in(ORIGIN.channel_id + 1) == []
    await changed(store, replaced, Tidied(frozenset({MESSAGE.id}), 5.0))
    assert await store.refused_in(ORIGIN.channel_id) == [given_up]


async def _inserted(store, job, *events):
    assert job.origin == ORIGIN
    await store.insert(job, charge_of(job))
    return await changed(store, job, *events)


async def test_a_token_that_was_purged_does_not_come_back_with_the_next_save(store):
    job = await _inserted(store, a_job(), posted())
    await store.purge(tokens=ORIGIN.token_expires + 1, callbacks=0.0)
    assert await store.save(advance(job, Started(Path.STREAM, 1.0)), previous=job)
    assert (await store.get(job.id)).origin.token == ""
