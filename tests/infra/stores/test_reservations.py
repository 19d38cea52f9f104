"""Requests against the quota as the service makes them, in a real database."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event

from infra.stores.jobs import JobStore
from infra.web.metrics import Metrics
from seedream import ImageRequest
from studio.jobs.active_jobs import JobRows
from studio.jobs.events import Abandoned, advance
from studio.jobs.job import Job, new_job
from studio.jobs.reservations import MOST_TRIES, Reservations
from studio.quota.errors import ClosedError, CrowdedError, QuotaExceededError
from studio.quota.limits import EVERYONE, SERVER, Ceilings, Kind, Limit, Member, Target, Who
from tests.support.jobs import ORIGIN
from tests.support.quota import ADA, ADMIN, BEN, NOW, SERVER_ID, Till

FOX = ImageRequest(prompt="a red fox in snow", size="2K")
FOXES = replace(FOX, group=4)


class Desk:
    """Takes requests on, with everything real but a message to show them."""

    def __init__(self, engine, *, store=None, ceilings=None) -> None:
        self.till = Till(engine, ceilings)
        self.metrics = Metrics(time.time)
        rows = JobRows(store or JobStore(engine), None, None, self.metrics, lambda: NOW, "process:me")
        self.reservations = Reservations(self.till.quotas, rows, self.metrics, lambda: self.till.now)

    async def ask(self, member=ADA, request=FOX) -> Job:
        origin = replace(ORIGIN, guild_id=member.server_id or None, user_id=member.user_id)

        def make(asked, now):
            return new_job(origin=origin, request=request, place=0, now=now, price=asked.price)

        return await self.reservations.accept(member, request, make)

    def refusals(self, limit):
        return self.metrics.registry.get_sample_value("seedream_quota_refusals_total", {"limit": limit})


@pytest.fixture
def desk(engine):
    return Desk(engine)


@contextmanager
def statements(engine):
    """Those that are executed meanwhile, by their first words."""
    seen = []

    def note(_connection, _cursor, statement, *_):
        seen.append(" ".join(statement.split()[:3]))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_a_job_without_limits_costs_the_statements_that_write_it_and_no_other(desk, engine):
    await desk.ask()
    with statements(engine) as seen:
        await desk.ask()
    assert [one for one in seen if not one.startswith("BEGIN")] == ["INSERT INTO charges", "INSERT INTO jobs"]


async def test_a_limit_costs_one_question_more(desk, engine):
    await desk.till.limit(9)
    await desk.till.limit(9, SERVER, Kind.MONTH)
    await desk.ask()
    with statements(engine) as seen:
        await desk.ask()
    assert [one.split()[0] for one in seen if not one.startswith(("BEGIN", "SELECT pg_advisory"))] == [
        "SELECT",
        "INSERT",
        "INSERT",
    ]


COUNTED = [
    (EVERYONE, "everyone"),
    (Target(Who.ROLE, 21), "role"),
    (Target(Who.MEMBER, ADA.user_id), "member"),
    (SERVER, "server"),
]


@pytest.mark.parametrize(("target", "label"), COUNTED)
async def test_a_refusal_is_counted_by_whose_limit_it_was(desk, target, label):
    await desk.till.limit(1, target)
    await desk.ask()
    with pytest.raises(QuotaExceededError) as caught:
        await desk.ask()
    assert caught.value.refused.by == target
    assert desk.refusals(label) == 1


async def test_the_operators_limits_are_counted_as_theirs(engine):
    desk = Desk(engine, ceilings=Ceilings(daily=0, personal_daily=0))
    for member in (ADA, Member(user_id=1)):
        with pytest.raises(QuotaExceededError):
            await desk.ask(member)
    assert desk.refusals("operator") == 2


async def test_where_the_bot_is_closed_nothing_is_read_of_the_ledger_and_nothing_written(engine):
    desk = Desk(engine, ceilings=Ceilings(servers=frozenset({99}), personal=False))
    with statements(engine) as seen:
        for member in (ADA, Member(user_id=1)):
            with pytest.raises(ClosedError):
                await desk.ask(member)
    assert not [one for one in seen if "INSERT" in one]


async def test_a_thousand_requests_at_once_at_a_limit_of_a_hundred(desk):
    await desk.till.limit(100, SERVER)
    outcomes = await asyncio.gather(*(desk.ask(BEN) for _ in range(1_000)), return_exceptions=True)
    assert sum(isinstance(one, Job) for one in outcomes) == 100
    assert sum(isinstance(one, QuotaExceededError) for one in outcomes) == 900


class BeatenStore(JobStore):
    """Whenever it is to insert a job, somebody else has just taken the room for it, and then gives it back."""

    def __init__(self, engine) -> None:
        super().__init__(engine)
        self.somebody = Till(engine)
        self.tries = 0

    async def insert(self, job, charge, checks=()):
        self.tries += 1
        taken = await self.somebody.ask(images=charge.images)
        inserted = await super().insert(job, charge, checks)
        assert await self.somebody.jobs.save(advance(taken, Abandoned(NOW)), previous=taken)
        return inserted


async def test_whoever_is_beaten_time_and_again_is_told_so_in_the_end(engine):
    store = BeatenStore(engine)
    desk = Desk(engine, store=store)
    await desk.till.limit(4)
    with pytest.raises(CrowdedError):
        await desk.ask(request=FOXES)
    assert store.tries == MOST_TRIES


async def test_the_overview_is_of_what_holds_where_the_member_asks(desk):
    await desk.till.quotas.set_limit(ADMIN, Limit(EVERYONE, Kind.DAY, 5))
    await desk.till.quotas.grant(ADMIN, ADA.user_id, 2)
    await desk.ask(request=FOXES)
    here = await desk.reservations.overview(ADA)
    assert (here.left, here.grants, [one.used for one in here.standings]) == (3, 2, [4])
    elsewhere = await desk.reservations.overview(replace(ADA, server_id=SERVER_ID + 1))
    assert (elsewhere.standings, elsewhere.grants) == ((), 0)
