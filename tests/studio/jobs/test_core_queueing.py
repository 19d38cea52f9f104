"""Who runs next, and what those who wait are shown."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from seedream.errors import RateLimited
from studio.jobs.errors import TakenOverError
from studio.jobs.events import Cancelled
from studio.jobs.projection import unseen
from studio.jobs.recovery import BEAT_SECONDS, ROUND_SECONDS
from studio.jobs.states import JobState, Path, Reason
from studio.quota.errors import QuotaExceededError
from studio.quota.limits import EVERYONE, Limit, LimitKind, Policy
from tests.support.core import MAX_AGE, Process, a_world
from tests.support.jobs import ORIGIN, a_job
from tests.support.memory_api import Plan
from tests.support.virtual_time import in_virtual_time


def a_waiting_job(number, **changes):
    return replace(a_job(origin=replace(ORIGIN, user_id=number)), id=f"job-{number}", **changes)


@in_virtual_time
async def test_what_was_sent_before_is_looked_up_before_anything_new_is_sent():
    async with a_world() as world:
        workers = (await world.start(most=1)).service._workers
        workers.put(a_waiting_job(1))
        workers.put(a_waiting_job(2, state=JobState.RUNNING, path=Path.POLL, task_id="task-1"))
        workers.put(a_waiting_job(1))  # it waits already
        assert workers._queue.order() == ["job-2", "job-1"]


@in_virtual_time
async def test_servers_take_turns_and_so_do_those_who_ask_in_direct_messages():
    async with a_world() as world:
        workers = (await world.start(most=1)).service._workers
        for number, guild in enumerate([7, 7, 8, None, None]):
            workers.put(replace(a_waiting_job(number), origin=replace(ORIGIN, user_id=number, guild_id=guild)))
        assert workers._queue.order() == ["job-0", "job-2", "job-3", "job-4", "job-1"]


@in_virtual_time
async def test_members_of_a_server_take_turns():
    async with a_world() as world:
        workers = (await world.start(most=1)).service._workers
        for number, user in enumerate([1, 1, 2]):
            workers.put(replace(a_waiting_job(number), origin=replace(ORIGIN, user_id=user)))
        assert workers._queue.order() == ["job-0", "job-2", "job-1"]


@in_virtual_time
async def test_places_are_counted_by_a_process_that_is_about_to_start():
    async with a_world() as world:
        process = Process(world, 1, Path.STREAM, 4, inline=False)
        assert process.service._workers.place(4, besides=5) == 2


@in_virtual_time
async def test_places_are_shown_two_seconds_after_somebody_has_left_all_at_once():
    async with a_world() as world:
        process = await world.start(most=1)
        world.api.plans.append(Plan(seconds=60))
        jobs = [await world.ask(process, user_id=user) for user in range(5)]
        await asyncio.sleep(10)
        for job in jobs[1:3]:
            await process.do(process.service.cancel(job.id, by=job.origin.user_id, may_manage=False))
        left = world.clock()
        await world.until(lambda: world.row(jobs[3]).place == 1, within=5)
        assert world.clock() - left == pytest.approx(2.0, abs=0.3)
        await asyncio.sleep(1)
        assert [world.row(job).place for job in jobs[3:]] == [1, 2]
        assert [world.shown(job).place for job in jobs[3:]] == [1, 2]
        assert [len(world.presenter.views[job.id]) for job in jobs[3:]] == [1, 1]
        assert [task.get_name() for task in process.tasks].count("places") == 1


@in_virtual_time
async def test_each_job_that_starts_moves_up_those_behind_it():
    async with a_world() as world:
        process = await world.start(most=1)
        jobs = [await world.ask(process, user_id=user) for user in range(4)]
        await asyncio.sleep(13)
        assert [world.shown(job).place for job in jobs[2:]] == [1, 2]
        await asyncio.sleep(10)
        assert world.shown(jobs[3]).place == 1


@in_virtual_time
async def test_places_that_could_not_be_written_are_shown_when_the_next_job_leaves(caplog):
    async with a_world() as world:
        process = await world.start(most=1)
        world.api.plans.append(Plan(seconds=60))
        jobs = [await world.ask(process, user_id=user) for user in range(4)]
        save = world.store.save

        async def failing(job, *, previous):
            if job.place != previous.place:
                raise OSError("the database is away")
            return await save(job, previous=previous)

        world.store.save = failing
        await process.do(process.service.cancel(jobs[1].id, by=1, may_manage=False))
        await asyncio.sleep(3)
        assert "places in the queue could not be shown" in caplog.text
        world.store.save = save
        await process.do(process.service.cancel(jobs[2].id, by=2, may_manage=False))
        await asyncio.sleep(3)
        assert world.shown(jobs[3]).place == 1


@in_virtual_time
async def test_only_the_first_25_are_shown_their_places():
    async with a_world() as world:
        process = await world.start(most=1)
        world.api.plans.append(Plan(seconds=60))
        jobs = [await world.ask(process, user_id=user) for user in range(29)]
        await asyncio.sleep(10)
        await process.do(process.service.cancel(jobs[1].id, by=1, may_manage=False))
        await asyncio.sleep(5)
        assert [world.row(job).place for job in jobs[2:]] == [*range(1, 26), 27, 28]


@in_virtual_time
async def test_a_job_that_was_shown_no_place_is_shown_none_while_a_rate_limit_holds_it_up():
    async with a_world() as world:
        process = await world.start(most=1)
        world.api.plans.append(Plan(refused=RateLimited(retry_after=30)))
        jobs = [await world.ask(process, user_id=user) for user in range(3)]
        await asyncio.sleep(10)
        await process.do(process.service.cancel(jobs[1].id, by=1, may_manage=False))
        await asyncio.sleep(5)
        assert world.row(jobs[0]).state is JobState.QUEUED
        assert (world.row(jobs[0]).place, world.presenter.views[jobs[0].id]) == (0, [])
        await world.settled(within=120)


@in_virtual_time
async def test_the_places_of_accepted_jobs_count_those_whose_placeholder_is_not_posted_yet():
    async with a_world() as world:
        process = await world.start(most=2)
        jobs = [await world.submit(process, user_id=user) for user in range(4)]
        assert [job.place for job in jobs] == [0, 0, 1, 2]


@in_virtual_time
async def test_processes_share_what_may_run_at_once_evenly_and_one_that_is_left_has_it_all():
    async with a_world() as world:
        first, second = await world.start(most=4), await world.start(most=4)
        await asyncio.sleep(5)
        world.api.usual = Plan(seconds=120)
        for user in range(6):
            await world.ask(first, user_id=user)
        await asyncio.sleep(1)
        assert (first.service.running, first.service.waiting) == (2, 4)
        second.die()
        await asyncio.sleep(30)
        assert (first.service.running, first.service.waiting) == (4, 2)


@in_virtual_time
async def test_processes_together_never_run_more_than_the_limit():
    async with a_world() as world:
        processes = [await world.start(most=4) for _ in range(3)]
        await asyncio.sleep(5)
        for process in processes:
            for user in range(2):
                await world.ask(process, user_id=user)
        await asyncio.sleep(1)
        assert [process.service.running for process in processes] == [1, 1, 1]


@in_virtual_time
async def test_more_processes_than_may_run_at_once_still_run_one_each():
    async with a_world() as world:
        processes = [await world.start(most=1) for _ in range(3)]
        await asyncio.sleep(5)
        for user, process in enumerate(processes):
            await world.ask(process, user_id=user)
        await asyncio.sleep(1)
        assert [process.service.running for process in processes] == [1, 1, 1]


@in_virtual_time
async def test_a_job_that_another_process_ends_while_it_waits_is_passed_over():
    async with a_world() as world:
        first, second = await world.start(most=2), await world.start(most=2)
        await asyncio.sleep(5)
        world.api.plans.append(Plan(seconds=100))
        jobs = [await world.ask(first, user_id=user) for user in range(3)]
        await second.do(second.service.cancel(jobs[1].id, by=1, may_manage=False))
        await asyncio.sleep(70)  # a round: it is forgotten
        await world.settled()
        assert [world.charged(job) for job in jobs] == [1, 0, 1]


@in_virtual_time
async def test_a_job_that_another_process_has_ended_does_not_keep_those_behind_it_from_moving_up():
    async with a_world() as world:
        first, second = await world.start(most=2), await world.start(most=2)
        await asyncio.sleep(BEAT_SECONDS)
        world.api.plans.append(Plan(seconds=300))
        jobs = [await world.ask(first, user_id=user) for user in range(4)]
        await second.do(second.service.cancel(jobs[1].id, by=1, may_manage=False))
        await asyncio.sleep(ROUND_SECONDS)
        assert first.service._rows.current(jobs[1].id) is None
        await first.do(first.service.cancel(jobs[2].id, by=2, may_manage=False))
        await asyncio.sleep(3)
        assert world.shown(jobs[3]).place == 2


@in_virtual_time
async def test_a_job_that_has_expired_by_its_turn_is_not_started():
    async with a_world() as world:
        process = await world.start(most=1)
        world.api.plans.append(Plan(seconds=100))
        await world.ask(process, user_id=1)
        job = await world.ask(process, user_id=2)
        world.change(process, job, created_at=world.clock() - MAX_AGE + 90)  # between two rounds
        save, states = world.store.save, []

        def noted(changed, *, previous):
            if changed.id == job.id:
                states.append(changed.state)
            return save(changed, previous=previous)

        world.store.save = noted
        began = world.clock()
        await world.settled(job, within=300)
        assert JobState.RUNNING not in states
        assert world.row(job).finished_at - began == pytest.approx(100.0, abs=0.5)
        assert (world.row(job).failure.reason, process.service._workers._held) == (Reason.EXPIRED, set())


@in_virtual_time
async def test_a_job_that_is_older_than_the_maximum_age_is_not_sent_by_a_second():
    async with a_world() as world:
        process = await world.start(most=1)
        world.api.plans.append(Plan(seconds=MAX_AGE - 1.5))
        await world.ask(process, user_id=1)
        late = await world.ask(process, user_id=2)
        later = await world.ask(process, user_id=3)
        world.store.jobs[later.id] = replace(world.row(later), created_at=later.created_at - 60)
        process.service._rows._live[later.id] = world.row(later)
        await world.settled()
        assert (world.row(late).state, world.row(later).state) == (JobState.FAILED, JobState.FAILED)
        assert later.request.prompt not in world.api.begun
        assert late.request.prompt in world.api.begun  # with a second left, and cut off at its end
        assert world.row(later).finished_at == pytest.approx(world.clock(), abs=120)
        assert (process.service.running, process.service._workers._held) == (0, set())


@in_virtual_time
async def test_even_a_short_pause_of_all_processes_is_kept():
    async with a_world() as world:
        process = await world.start()
        await asyncio.sleep(1)
        process.service._workers.share(1, 0.5)
        began = world.clock()
        await world.ask(process)
        await world.until(lambda: world.api.requests != [])
        assert world.clock() - began >= 0.5


@in_virtual_time
async def test_every_row_that_is_written_is_counted():
    async with a_world() as world:
        process = await world.start(Path.STREAM)
        job = await world.submit(process)
        assert process.service._rows.current(job.id) == job
        await world.post(process, job)
        await world.settled(job)
        queued, running, done = JobState.QUEUED, JobState.RUNNING, JobState.DONE
        steps = [(None, queued), (queued, queued), (queued, running), *[(running, running)] * 2, (running, done)]
        assert process.metrics.changes == [*steps, (done, done)]


@in_virtual_time
async def test_two_requests_at_once_cannot_both_have_the_last_credit():
    async with a_world() as world:
        process = await world.start()
        world.quotas.set = Policy(limits=(Limit(EVERYONE, LimitKind.DAY, 1),))
        results = await asyncio.gather(world.submit(process), world.submit(process), return_exceptions=True)
        assert sum(isinstance(result, QuotaExceededError) for result in results) == 1
        assert (len(world.store.jobs), len(process.service._rows), process.service._rows.unposted) == (1, 1, 1)
        assert len(process.metrics.changes) == 1


@in_virtual_time
async def test_a_write_of_one_job_does_not_wait_for_another_s():
    async with a_world() as world:
        process = await world.start()
        slow, quick = await world.submit(process, user_id=1), await world.submit(process, user_id=2)
        save, held = world.store.save, asyncio.Event()

        async def stuck(job, *, previous):
            if job.id == slow.id:
                await held.wait()
            return await save(job, previous=previous)

        world.store.save = stuck
        posting = asyncio.create_task(world.post(process, slow))
        async with asyncio.timeout(1):
            await world.post(process, quick)
        held.set()
        await posting
        await world.settled()


@in_virtual_time
async def test_what_was_taken_over_is_forgotten_as_soon_as_a_write_is_refused():
    async with a_world() as world:
        first, second = await world.start(most=1), await world.start(most=1)
        world.api.plans.append(Plan(seconds=100))
        await world.ask(first, user_id=1)
        job = await world.ask(first, user_id=2)
        world.store.jobs[job.id] = unseen(world.row(job), owner=second.name)
        with pytest.raises(TakenOverError, match=job.id):
            await first.service._rows.apply(job.id, Cancelled(world.clock()))
        rows = first.service._rows
        assert (rows.current(job.id), job.id in rows._locks) == (None, False)
