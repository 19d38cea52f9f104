"""Leases, heartbeats and rounds: what every process does again and again, and what it leaves when it ends."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from seedream.errors import RateLimited
from studio.jobs.admission import Drain
from studio.jobs.errors import DeliveryDelayedError, DrainingError
from studio.jobs.events import Finished
from studio.jobs.recovery import BEAT_SECONDS, LEADER, ROUND_SECONDS
from studio.jobs.states import JobState, Path, Reason
from tests.support.core import HOUR, MAX_AGE, a_world
from tests.support.memory_api import Plan
from tests.support.virtual_time import in_virtual_time


@in_virtual_time
async def test_a_process_holds_its_lease_for_20_seconds_and_renews_it_every_4():
    async with a_world() as world:
        process = await world.start()
        times, renewed = [], world.leases[process.name][1]
        while len(times) < 3:
            await asyncio.sleep(0.25)
            if world.leases[process.name][1] != renewed:
                renewed = world.leases[process.name][1]
                times.append(world.clock())
                assert renewed - world.clock() == pytest.approx(20.0, abs=0.3)
        assert [after - before for before, after in pairwise(times)] == pytest.approx([4, 4], abs=0.3)


@in_virtual_time
async def test_one_process_is_the_leader_for_two_rounds():
    async with a_world() as world:
        first = await world.start()
        await asyncio.sleep(1)
        holder, until = world.leases[LEADER]
        assert (holder, until - world.clock()) == (first.name, pytest.approx(2 * 60.0 - 1, abs=1))
        await first.do(first.service._recovery._redeliver())
        assert world.leases[LEADER][1] - world.clock() == pytest.approx(120.0)
        await world.start()
        await asyncio.sleep(5 * ROUND_SECONDS)
        assert world.leases[LEADER][0] == first.name


@in_virtual_time
async def test_leases_have_the_names_under_which_processes_of_other_versions_know_them():
    async with a_world() as world:
        process = await world.start()
        world.api.plans.append(Plan(refused=RateLimited(retry_after=40)))
        await world.ask(process)
        await asyncio.sleep(1)
        assert set(world.leases) == {process.name, "leader", "api-pause"}


@pytest.mark.parametrize(
    ("port", "call", "name", "seconds"),
    [
        ("leases", "processes", "heartbeat", 4),
        ("store", "claim", "recovery", 60),
        ("store", "called_back", "callbacks", 1),
        ("store", "to_retry", "redelivery", 60),
    ],
)
@in_virtual_time
async def test_periodic_work_that_fails_is_logged_by_name_and_done_again(port, call, name, seconds, caplog):
    async with a_world() as world:
        process = await world.start(Path.CALLBACK)
        world.api.plans.append(Plan(seconds=300))
        await world.ask(process)
        await asyncio.sleep(1)
        behind = getattr(process.service._recovery, f"_{port}")._port
        working, times = getattr(behind, call), []

        async def failing_once(*args, **kwargs):
            times.append(world.clock())
            if len(times) == 1:
                raise OSError("the database is away")
            return await working(*args, **kwargs)

        setattr(behind, call, failing_once)
        await asyncio.sleep(2 * ROUND_SECONDS)
        assert f"{name} failed; trying again in {seconds} s" in caplog.messages
        assert times[1] - times[0] == pytest.approx(seconds, abs=0.1)


@in_virtual_time
async def test_the_leader_deletes_callbacks_after_a_day_and_tokens_that_have_expired():
    async with a_world() as world:
        purges = []

        async def purge(*, tokens, callbacks):
            purges.append((world.clock() - tokens, world.clock() - callbacks))

        world.store.purge = purge
        await world.start()
        await asyncio.sleep(1)
        assert purges == [(pytest.approx(0.0), pytest.approx(24 * HOUR))]


@in_virtual_time
async def test_what_a_process_that_shuts_down_has_left_is_released_and_none_of_its_tasks_goes_on():
    async with a_world() as world:
        process = await world.start(most=1)
        jobs = [await world.ask(process, user_id=user) for user in range(4)]
        await process.do(process.service.close(grace=15))
        await process.do(process.service.cancel(jobs[1].id, by=1, may_manage=False))
        await asyncio.sleep(5 * ROUND_SECONDS)
        assert world.leases == {}
        assert [task for task in process.tasks if not task.done()] == []


@in_virtual_time
async def test_a_process_that_shuts_down_starts_nothing_and_shows_no_more_places():
    async with a_world() as world:
        process = await world.start(most=1)
        jobs = [await world.ask(process, user_id=user) for user in range(5)]
        await asyncio.sleep(1)
        await process.do(process.service.cancel(jobs[1].id, by=1, may_manage=False))
        await process.do(process.service.close(grace=15))
        await process.do(process.service.cancel(jobs[2].id, by=2, may_manage=False))
        await asyncio.sleep(15)
        assert [world.row(job).state for job in jobs[::3]] == [JobState.DONE, JobState.QUEUED]
        assert [world.row(job).place for job in jobs[3:]] == [3, 4]


@in_virtual_time
async def test_leases_that_cannot_be_released_cost_a_line_in_the_log(caplog):
    async with a_world() as world:
        process = await world.start()

        async def away(_name):
            raise OSError("the database is away")

        process.service._recovery._leases.release = away
        await process.do(process.service.close(grace=1))
        assert "could not be released" in caplog.text


@in_virtual_time
async def test_while_discord_is_down_an_unposted_job_is_left_for_the_next_round():
    async with a_world() as world:
        first = await world.start()
        job = await world.submit(first)
        world.presenter.post(job)
        first.die()
        world.presenter.refusal = DeliveryDelayedError("down")
        await world.start()
        await asyncio.sleep(2 * ROUND_SECONDS)
        assert (world.row(job).state, world.row(job).messages) == (JobState.QUEUED, ())
        world.presenter.refusal = None
        await world.settled(job, within=2 * ROUND_SECONDS)
        assert world.charged(job) == 1


@in_virtual_time
async def test_a_bug_with_one_orphan_does_not_keep_others_from_being_recovered(caplog):
    async with a_world() as world:
        first = await world.start(Path.POLL)
        jobs = [await world.ask(first, user_id=user) for user in (1, 2)]
        await asyncio.sleep(1)
        first.die()
        second = await world.start(Path.POLL)
        put = second.service._workers.put

        def sometimes(job):
            if job.id == jobs[0].id:
                raise ZeroDivisionError("a bug")
            put(job)

        second.service._workers.put = sometimes
        await world.settled(jobs[1])
        assert world.charged(jobs[1]) == 1
        assert caplog.messages.count(f"job {jobs[0].id} could not be resumed") == 2  # when claimed, and when checked
        second.service._workers.put = put
        await world.settled(jobs[0], within=2 * ROUND_SECONDS)


@in_virtual_time
async def test_a_callback_whose_answer_was_lost_with_its_process_is_still_waited_for():
    async with a_world() as world:
        first = await world.start(Path.CALLBACK)
        world.api.plans.append(Plan(lost=True))
        job = await world.ask(first)
        await asyncio.sleep(1)
        assert (world.row(job).state, world.row(job).task_id) == (JobState.RUNNING, None)
        first.die()
        second = await world.start(Path.CALLBACK)
        await asyncio.sleep(1)
        await world.carry_callbacks(second)
        await world.settled(job, within=60)
        assert (world.shown(job).state, world.charged(job)) == (JobState.DONE, 1)


@in_virtual_time
async def test_the_job_of_a_message_is_found_by_its_first_message_unless_it_was_deleted():
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process)
        await world.settled(job)
        message = world.row(job).messages[0].id
        assert (await process.service.shown_in(message)).id == job.id
        assert await process.service.shown_in(1) is None
        await process.do(process.service.delete(world.row(job)))
        assert await process.service.shown_in(message) is None


@in_virtual_time
async def test_an_expired_job_leaves_the_queue_in_the_round_that_ends_it():
    async with a_world() as world:
        process = await world.start(most=1)
        world.api.plans.append(Plan(seconds=300))
        await world.ask(process, user_id=1)
        job = await world.ask(process, user_id=2)
        old = replace(world.row(job), created_at=job.created_at - MAX_AGE)
        world.store.jobs[job.id] = process.service._rows._live[job.id] = old
        await asyncio.sleep(ROUND_SECONDS + 1)
        assert (world.row(job).failure.reason, process.service.waiting) == (Reason.EXPIRED, 0)


@in_virtual_time
async def test_an_event_after_the_end_changes_nothing():
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process)
        await world.settled(job)
        before = world.row(job)
        await process.service._rows.apply(job.id, Finished(world.clock()))
        assert (world.row(job), len(process.service._rows)) == (before, 0)


@in_virtual_time
async def test_every_process_learns_within_a_heartbeat_that_no_jobs_are_accepted():
    async with a_world() as world:
        first, second = await world.start(), await world.start()
        await first.service.admission.set_drain(Drain.ALL)
        await asyncio.sleep(BEAT_SECONDS + 0.5)
        assert second.service.admission.drain is Drain.ALL
        with pytest.raises(DrainingError):
            await world.submit(second)


@in_virtual_time
async def test_what_is_due_is_deleted_once_a_round_by_the_leader_alone():
    async with a_world() as world:
        first, second = await world.start(), await world.start()
        await asyncio.sleep(3 * ROUND_SECONDS + 1)
        tidied = [process.retention.tidied for process in (first, second)]
        assert min(tidied) == 0
        assert max(tidied) in {3, 4}
