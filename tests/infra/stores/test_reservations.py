"""Requests against the quota as the service makes them, in a real database."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event

from infra.db.shared_state import SqlSharedState
from infra.stores.jobs import SqlJobStore
from infra.web.metrics import Metrics
from seedream import ImageRequest
from studio.jobs.active_jobs import ActiveJobs
from studio.jobs.advance import advance
from studio.jobs.ceiling_watch import CeilingWatch
from studio.jobs.events import Abandoned
from studio.jobs.job import Job, PreparedRequest, new_job
from studio.jobs.reservations import MOST_TRIES, MOST_UNDER_WAY, Reservations
from studio.quota.errors import ClosedError, CrowdedError, QuotaExceededError, TooManyUnderWayError
from studio.quota.limits import EVERYONE, SERVER, Ceilings, Limit, LimitKind, Member, Target, Who
from tests.support.jobs import ORIGIN
from tests.support.memory import MemoryAlerts
from tests.support.quota import ADA, ADMIN, BEN, NOW, SERVER_ID, Till

FOX = ImageRequest(prompt="a red fox in snow", size="2K")
FOXES = replace(FOX, group=4)


class Submitter:
    """Takes requests on, with everything real but a message to show them."""

    def __init__(self, engine, *, store=None, ceilings=None) -> None:
        self.till = Till(engine, ceilings)
        self.metrics = Metrics(time.time)
        rows = ActiveJobs(store or SqlJobStore(engine), None, None, None, self.metrics, lambda: NOW, "process:me")
        self.operator = MemoryAlerts()
        self.ceiling = CeilingWatch(self.till.quotas, SqlSharedState(engine), self.operator, lambda: self.till.now)
        self.reservations = Reservations(
            self.till.quotas, rows, self.metrics, self.ceiling, lambda: self.till.now, place=lambda _member: 0
        )

    async def ask(self, member=ADA, request=FOX) -> Job:
        origin = replace(ORIGIN, guild_id=member.server_id or None, user_id=member.user_id)

        return await self.reservations.accept(member, new_job(origin, PreparedRequest(request=request)))

    def refusals(self, limit):
        return self.metrics.registry.get_sample_value("seedream_quota_refusals_total", {"limit": limit})


@pytest.fixture
def submitter(engine):
    return Submitter(engine)


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


async def test_a_job_without_limits_costs_the_statements_that_write_it_and_no_other(submitter, engine):
    await submitter.ask()
    with statements(engine) as seen:
        await submitter.ask()
    written = [one for one in seen if not one.startswith(("BEGIN", "SELECT pg_advisory"))]
    assert written == ["INSERT INTO charges", "INSERT INTO jobs"]


async def test_a_limit_costs_one_question_more(submitter, engine):
    await submitter.till.limit(9)
    await submitter.till.limit(9, SERVER, LimitKind.MONTH)
    await submitter.ask()
    with statements(engine) as seen:
        await submitter.ask()
    assert [one.split()[0] for one in seen if not one.startswith(("BEGIN", "SELECT pg_advisory"))] == [
        "SELECT",
        "INSERT",
        "INSERT",
    ]


async def test_no_member_has_more_under_way_than_allowed_through_several_processes(engine):
    processes = [Submitter(engine) for _ in range(3)]
    asked = [process.ask() for process in processes for _ in range(MOST_UNDER_WAY // 2)]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(outcome, Job) for outcome in outcomes) == MOST_UNDER_WAY
    assert {type(outcome) for outcome in outcomes} == {Job, TooManyUnderWayError}
    assert await processes[0].ask(BEN)


COUNTED = [
    (EVERYONE, "everyone"),
    (Target(Who.ROLE, 21), "role"),
    (Target(Who.MEMBER, ADA.user_id), "member"),
    (SERVER, "server"),
]


@pytest.mark.parametrize(("target", "label"), COUNTED)
async def test_a_refusal_is_counted_by_whose_limit_it_was(submitter, target, label):
    await submitter.till.limit(1, target)
    await submitter.ask()
    with pytest.raises(QuotaExceededError) as caught:
        await submitter.ask()
    assert caught.value.refused.by == target
    assert submitter.refusals(label) == 1


async def test_the_operators_limits_are_counted_as_theirs(engine):
    submitter = Submitter(engine, ceilings=Ceilings(daily=0, personal_daily=0))
    for member in (ADA, Member(user_id=1)):
        with pytest.raises(QuotaExceededError):
            await submitter.ask(member)
    assert submitter.refusals("operator") == 2


async def test_where_the_bot_is_closed_nothing_is_read_of_the_ledger_and_nothing_written(engine):
    submitter = Submitter(engine, ceilings=Ceilings(servers=frozenset({99}), personal=False))
    with statements(engine) as seen:
        for member in (ADA, Member(user_id=1)):
            with pytest.raises(ClosedError):
                await submitter.ask(member)
    assert not [one for one in seen if "INSERT" in one]


async def test_a_thousand_requests_at_once_at_a_limit_of_a_hundred(submitter):
    await submitter.till.limit(100, SERVER)
    members = [replace(BEN, user_id=BEN.user_id + number) for number in range(25)]
    outcomes = await asyncio.gather(*(submitter.ask(members[n % 25]) for n in range(1_000)), return_exceptions=True)
    assert sum(isinstance(one, Job) for one in outcomes) == 100
    assert sum(isinstance(one, QuotaExceededError) for one in outcomes) == 900


class BeatenStore(SqlJobStore):
    """Whenever it is to insert a job, somebody else has just taken the room for it, and then gives it back."""

    def __init__(self, engine) -> None:
        super().__init__(engine)
        self.somebody = Till(engine)
        self.tries = 0

    async def insert(self, job, charge, checks=(), others=()):
        self.tries += 1
        taken = await self.somebody.ask(images=charge.images)
        inserted = await super().insert(job, charge, checks, others)
        assert await self.somebody.jobs.save(advance(taken, Abandoned(NOW)), previous=taken)
        return inserted


async def test_whoever_is_beaten_time_and_again_is_told_so_in_the_end(engine):
    store = BeatenStore(engine)
    submitter = Submitter(engine, store=store)
    await submitter.till.limit(4)
    with pytest.raises(CrowdedError):
        await submitter.ask(request=FOXES)
    assert store.tries == MOST_TRIES


async def test_the_overview_is_of_what_holds_where_the_member_asks(submitter):
    await submitter.till.quotas.set_limit(ADMIN, Limit(EVERYONE, LimitKind.DAY, 5))
    await submitter.till.quotas.grant(ADMIN, ADA.user_id, 2)
    await submitter.ask(request=FOXES)
    here = await submitter.reservations.overview(ADA)
    assert (here.left, here.grants, [one.used for one in here.limit_statuses]) == (3, 2, [4])
    elsewhere = await submitter.reservations.overview(replace(ADA, server_id=SERVER_ID + 1))
    assert (elsewhere.limit_statuses, elsewhere.grants) == ((), 0)


async def test_of_two_processes_one_alerts_the_operator_and_neither_exceeds_the_ceiling(engine):
    processes = [Submitter(engine, ceilings=Ceilings(daily=7)) for _ in range(2)]
    asked = await asyncio.gather(
        *(one.ask(member) for one in processes for member in (ADA, BEN) * 15), return_exceptions=True
    )
    assert sum(isinstance(one, Job) for one in asked) == 7
    await asyncio.gather(*(one.ceiling.close() for one in processes))
    told = [use for one in processes for use in one.operator.ceilings]
    assert sum(use.is_used_up for use in told) == 1
    assert len({use.level for use in told}) == len(told)
