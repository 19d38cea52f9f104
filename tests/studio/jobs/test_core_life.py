"""What isn't made, what is sent again, and how a process shuts down, on ports in memory and in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from seedream.errors import ConnectionNotMade, RateLimited
from studio.jobs.errors import (
    AlreadySentError,
    ClosingError,
    DeliveryDelayedError,
    JobNotFoundError,
    NotYoursError,
    TooLateError,
)
from studio.jobs.job import PreparedRequest
from studio.jobs.states import JobState, Path, Reason
from studio.quota.errors import QuotaExceededError
from studio.quota.limits import EVERYONE, Limit, LimitKind, Member, Policy
from tests.support.core import HOUR, MAX_AGE, a_world
from tests.support.memory_api import Plan
from tests.support.virtual_time import in_virtual_time

# --- what is not made -------------------------------------------------------------------------------------------------


@in_virtual_time
async def test_nothing_is_sent_before_the_placeholder_is_posted():
    async with a_world() as world:
        process = await world.start()
        job = await world.submit(process)
        await asyncio.sleep(30)
        assert world.api.requests == []
        await world.post(process, job)
        await world.settled(job)
        assert len(world.api.requests) == 1


@in_virtual_time
async def test_what_is_abandoned_is_not_made_and_releases_what_it_reserved():
    async with a_world() as world:
        process = await world.start()
        job = await world.submit(process)
        assert process.service._rows.unposted == 1
        await process.do(process.service.abandon(job.id))
        assert (world.row(job).state, world.charged(job)) == (JobState.CANCELLED, 0)
        assert (process.service._rows.unposted, len(process.service._rows)) == (0, 0)
        assert world.api.requests == []


@in_virtual_time
async def test_a_job_that_waits_can_be_cancelled_and_those_behind_it_move_up():
    async with a_world() as world:
        process = await world.start(most=1)
        first, second, third = [await world.ask(process, user_id=user) for user in (1, 2, 3)]
        await asyncio.sleep(1)
        assert [world.row(job).place for job in (first, second, third)] == [0, 1, 2]
        await process.do(process.service.cancel(second.id, by=2, may_manage=False))
        await asyncio.sleep(3)
        assert (world.row(third).place, world.shown(third).place) == (1, 1)
        await world.settled()
        assert (world.shown(second).state, world.charged(second)) == (JobState.CANCELLED, 0)
        assert second.request.prompt not in world.api.begun


@pytest.mark.parametrize(
    ("by", "may_manage", "after", "error"),
    [
        (5, False, 0, NotYoursError),
        (4, False, 5, AlreadySentError),
        (5, True, 5, AlreadySentError),
        (4, False, 60, TooLateError),
    ],
    ids=["another's", "running", "running, by an admin", "done"],
)
@in_virtual_time
async def test_what_cannot_be_cancelled_goes_on(by, may_manage, after, error):
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process)
        await asyncio.sleep(after)
        with pytest.raises(error):
            await process.service.cancel(job.id, by=by, may_manage=may_manage)
        await world.settled(job)
        assert (world.shown(job).state, world.charged(job)) == (JobState.DONE, 1)


@in_virtual_time
async def test_what_is_deleted_while_it_is_made_is_paid_for_and_not_shown():
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process)
        await asyncio.sleep(2)
        await process.do(process.service.delete(world.row(job)))
        await world.settled(job)
        assert (world.row(job).state, world.charged(job), world.presenter.tries) == (JobState.DONE, 1, 0)
        assert world.pictures.files == {}
        with pytest.raises(JobNotFoundError, match=job.id):
            await process.service.job(job.id)
        with pytest.raises(JobNotFoundError, match="nobody"):
            await process.service.job("nobody")
        assert (await process.service.job(job.id, deleted=True)).id == job.id


@in_virtual_time
async def test_what_waits_for_too_long_expires_and_costs_nothing():
    async with a_world() as world:
        process = await world.start(most=1)
        world.api.plans.append(Plan(seconds=MAX_AGE - 60))
        first, second = [await world.ask(process, user_id=user) for user in (1, 2)]
        world.api.plans.append(Plan(refused=RateLimited(retry_after=300)))
        await world.settled(within=2 * HOUR)
        assert (world.shown(first).state, world.charged(first)) == (JobState.DONE, 1)
        assert (world.shown(second).reason, world.charged(second)) == (Reason.EXPIRED, 0)


@in_virtual_time
async def test_a_limit_lets_in_what_it_has_room_for_and_what_failed_counts_for_nothing():
    async with a_world() as world:
        process = await world.start()
        world.quotas.set = Policy(limits=(Limit(EVERYONE, LimitKind.DAY, 1),))
        world.api.plans.append(Plan(failed=True))
        failed = await world.ask(process)
        with pytest.raises(QuotaExceededError):
            await _submitted_again(process, failed)
        assert process.metrics.refused == ["everyone"]
        await world.settled(failed)
        assert await world.submit(process) is not None


async def _submitted_again(process, job):
    member = Member(user_id=job.origin.user_id, server_id=job.origin.guild_id)
    await process.service.submit(job.origin, PreparedRequest(request=job.request), member=member, channels=())


# --- what is sent again -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("failures", "reason"), [(2, None), (3, Reason.UNREACHABLE)])
@in_virtual_time
async def test_what_certainly_started_nothing_is_sent_again_after_1_and_3_seconds(failures, reason):
    async with a_world() as world:
        process = await world.start()
        began = world.clock()
        world.api.plans.extend([Plan(refused=ConnectionNotMade())] * failures)
        job = await world.ask(process)
        await world.until(lambda: len(world.api.requests) == 3)
        assert 4.0 <= world.clock() - began <= 5.0
        await world.settled(job)
        assert (world.shown(job).reason, world.charged(job)) == (reason, 0 if reason else 1)
        assert process.metrics.errors == ["ConnectionNotMade"] * failures
        assert (job.id in process.service._workers, process.service._workers._failures) == (False, {})


@in_virtual_time
async def test_a_rate_limit_stops_everybody_for_as_long_as_the_service_says():
    async with a_world() as world:
        first, second = await world.start(), await world.start()
        world.api.plans.append(Plan(refused=RateLimited(retry_after=40)))
        began = world.clock()
        job = await world.ask(first)
        await asyncio.sleep(5)
        other = await world.ask(second, user_id=9)
        await asyncio.sleep(30)
        assert len(world.api.requests) == 1
        await world.until(lambda: len(world.api.requests) == 3)
        assert 40 <= world.clock() - began <= 46
        await world.settled()
        assert [world.charged(one) for one in (job, other)] == [1, 1]


@in_virtual_time
async def test_a_cancel_in_the_pause_before_another_try_ends_the_job():
    async with a_world() as world:
        process = await world.start()
        world.api.plans.extend([Plan(refused=ConnectionNotMade())] * 2)
        job = await world.ask(process)
        await asyncio.sleep(2)
        await process.do(process.service.cancel(job.id, by=4, may_manage=False))
        await world.settled(job)
        await asyncio.sleep(10)
        assert (world.shown(job).state, len(world.api.requests)) == (JobState.CANCELLED, 2)
        assert job.id not in process.service._workers


@in_virtual_time
async def test_nothing_is_read_for_a_job_that_was_cancelled_in_the_pause_before_another_try():
    async with a_world() as world:
        process, reads = await world.start(inline=True), []
        reference = world.pictures.reference

        async def noted(job_id, index):
            reads.append(index)
            return await reference(job_id, index)

        world.pictures.reference = noted
        world.api.plans.append(Plan(refused=ConnectionNotMade()))
        job = await world.ask(process, images=("https://files.example/fox.png",))
        world.presenter.refusal = DeliveryDelayedError("down")  # so it is not settled at its turn
        await asyncio.sleep(0.5)
        await process.do(process.service.cancel(job.id, by=4, may_manage=False))
        await asyncio.sleep(3)
        assert (world.row(job).settled, len(reads)) == (False, 1)


# --- shutting down ----------------------------------------------------------------------------------------------------


@in_virtual_time
async def test_at_shutdown_what_runs_is_ended_and_shown_within_the_grace():
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process)
        await asyncio.sleep(1)
        closing = asyncio.create_task(process.do(process.service.close(grace=30)))
        await asyncio.sleep(1)
        with pytest.raises(ClosingError):
            await _submitted_again(process, job)
        await closing
        assert (world.shown(job).state, world.row(job).settled) == (JobState.DONE, True)
        assert process.name not in world.leases


@pytest.mark.parametrize(("path", "state", "charged"), [(Path.STREAM, "failed", 0), (Path.POLL, "done", 1)])
@in_virtual_time
async def test_what_does_not_end_within_the_grace_is_handed_over(path, state, charged):
    async with a_world() as world:
        process = await world.start(path)
        world.api.usual = Plan(seconds=120, named=False)
        job = await world.ask(process)
        await asyncio.sleep(1)
        began = world.clock()
        await process.do(process.service.close(grace=30))
        assert 30 <= world.clock() - began < 32
        assert process.service.running == 0
        assert world.row(job).state is JobState.RUNNING
        await world.start(path)
        await world.settled(job)
        assert (world.shown(job).state, world.charged(job)) == (state, charged)
        assert world.api.begun[job.request.prompt] == 1
