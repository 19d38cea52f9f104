"""What the operator is shown of the whole bot, from a real database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.db.leases import PROCESS, SqlLeases
from infra.stores.jobs import SqlJobStore
from infra.stores.operations import DAY_SECONDS, SqlOperations
from studio.jobs.advance import advance
from studio.jobs.events import Cancelled, Started
from studio.jobs.states import JobState, Path
from studio.quota.ledger import PERSONAL, UsageTotals
from tests.support.jobs import ORIGIN, a_job, charge_of

NOON = 20_004 * DAY_SECONDS + DAY_SECONDS / 2  # of a Tuesday


@pytest.fixture
def operations(engine):
    return SqlOperations(
        engine, lambda: NOON, waiting=lambda: 1, running=lambda: 2, api_errors=lambda: {"RateLimited": 3}
    )


async def asked(engine, *, at=NOON, server=ORIGIN.guild_id, images=1, event=None):
    group = {"group": images} if images > 1 else {}
    job = replace(a_job(origin=replace(ORIGIN, guild_id=server), **group), created_at=at)
    await SqlJobStore(engine).insert(job, charge_of(job))
    if event:
        assert await SqlJobStore(engine).save(advance(job, event), previous=job)


async def test_jobs_and_what_they_cost_are_counted_by_day_and_week(engine, operations):
    await asked(engine, images=4)
    await asked(engine, event=Started(Path.STREAM, NOON))
    await asked(engine, event=Cancelled(NOON), images=3)
    await asked(engine, at=NOON - DAY_SECONDS, images=2)
    await asked(engine, at=NOON - 3 * DAY_SECONDS, images=8)
    await SqlLeases(engine, "a").hold(f"{PROCESS}a", 60)
    await SqlLeases(engine, "b").hold(f"{PROCESS}b", -1)
    whole = await operations.bot_status()
    assert whole.processes == 1
    assert whole.open_jobs == {JobState.QUEUED: 3, JobState.RUNNING: 1, JobState.CANCELLED: 1}
    assert whole.jobs_today == {JobState.QUEUED: 1, JobState.RUNNING: 1, JobState.CANCELLED: 1}
    assert (whole.today, whole.week) == (UsageTotals(5, 5), UsageTotals(7, 7))


async def test_the_database_tells_what_it_is(engine, database, operations):
    whole = await operations.bot_status()
    assert whole.database.lower().startswith(database)
    assert whole.size > 1000
    assert whole.revision.isdigit()


async def test_servers_are_told_by_what_they_used_most_first(engine, operations):
    await asked(engine, server=7)
    await asked(engine, server=8, images=3)
    await asked(engine, server=None, images=2)
    await asked(engine, server=9, at=NOON - 31 * DAY_SECONDS)
    await asked(engine, server=10, event=Cancelled(NOON))
    assert list((await operations.use_by_server(30)).items()) == [
        (8, UsageTotals(3, 3)), (PERSONAL, UsageTotals(2, 2)), (7, UsageTotals(1, 1)),
    ]  # fmt: skip


def test_this_process_tells_what_it_runs_on(operations):
    here = operations.process_status()
    assert (here.started_at, here.waiting, here.running, here.api_errors) == (NOON, 1, 2, {"RateLimited": 3})
    assert here.versions.keys() >= {"Python", "discord.py"}
