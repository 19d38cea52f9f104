"""What becomes of a job whose process dies, whose owner changes, or that a backup brings back."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from studio.jobs.errors import DeliveryDelayedError, TakenOverError, UndeliverableError
from studio.jobs.events import Broke, Moved
from studio.jobs.projection import unseen
from studio.jobs.recovery import BEAT_SECONDS, LEASE_SECONDS, POSTING_SECONDS, ROUND_SECONDS
from studio.jobs.states import Failure, JobState, Path, Reason
from tests.support.core import MAX_AGE, a_world
from tests.support.memory import MemoryLeases
from tests.support.memory_api import Plan
from tests.support.virtual_time import in_virtual_time

DOWN, LOCKED = DeliveryDelayedError("down"), UndeliverableError("locked")


# --- a process dies ---------------------------------------------------------------------------------------------------


@in_virtual_time
async def test_what_a_dead_process_left_is_taken_on_once_its_lease_has_ended():
    async with a_world() as world:
        first = await world.start(Path.POLL)
        await world.start(Path.POLL)
        job = await world.ask(first)
        await asyncio.sleep(3)
        first.die()
        died = world.clock()
        await world.until(lambda: world.row(job).owner != first.name)
        assert LEASE_SECONDS - BEAT_SECONDS - 1 <= world.clock() - died <= LEASE_SECONDS + BEAT_SECONDS + 1
        await world.settled(job)
        assert (world.shown(job).state, world.charged(job), world.api.begun[job.request.prompt]) == ("done", 1, 1)


@in_virtual_time
async def test_after_a_time_without_a_database_nobody_takes_the_jobs_of_a_process_that_is_alive(monkeypatch):
    async with a_world() as world:
        first = await world.start(Path.STREAM)
        await world.start(Path.STREAM)
        world.api.plans.append(Plan(seconds=3 * LEASE_SECONDS, named=False))
        job = await world.ask(first, group=3)
        back = world.clock() + 1.5 * LEASE_SECONDS
        hold = MemoryLeases.hold

        async def hold_once_it_is_back(leases, name, seconds):
            slower = BEAT_SECONDS if leases._holder == first.name else 0.0
            await asyncio.sleep(max(0.0, back + slower - world.clock()))
            return await hold(leases, name, seconds)

        monkeypatch.setattr(MemoryLeases, "hold", hold_once_it_is_back)
        await world.settled(job)
        assert world.row(job).owner == first.name
        assert (world.shown(job).state, world.charged(job)) == ("done", 3)


@pytest.mark.parametrize(
    ("path", "named", "state", "reason", "charged"),
    [
        (Path.STREAM, True, JobState.DONE, None, 3),
        (Path.STREAM, False, JobState.DONE, Reason.INTERRUPTED, 1),
        (Path.PLAIN, True, JobState.FAILED, Reason.INTERRUPTED, 0),
        (Path.POLL, True, JobState.DONE, None, 3),
        (Path.CALLBACK, True, JobState.DONE, None, 3),
    ],
)
@in_virtual_time
async def test_what_was_under_way_is_looked_up_where_it_can_be_and_never_sent_again(
    path, named, state, reason, charged
):
    async with a_world() as world:
        first = await world.start(path)
        world.api.plans.append(Plan(named=named))
        job = await world.ask(first, group=3)
        await asyncio.sleep(5)  # of ten: one picture of three is there
        first.die()
        await world.start(path)
        await world.settled(job)
        assert (world.shown(job).state, world.shown(job).reason, world.charged(job)) == (state, reason, charged)
        assert world.row(job).finished_at == pytest.approx(world.clock(), abs=60)
        assert world.api.begun[job.request.prompt] == 1


@pytest.mark.parametrize(("reached", "state"), [(True, JobState.DONE), (False, JobState.CANCELLED)])
@in_virtual_time
async def test_a_placeholder_whose_posting_was_not_noted_is_found_and_without_one_nothing_is_made(reached, state):
    async with a_world() as world:
        first = await world.start()
        job = await world.submit(first)
        if reached:
            world.presenter.post(job)
        first.die()
        await world.start()
        await world.settled(job, within=45)
        assert (world.row(job).state, world.charged(job)) == (state, int(reached))
        assert world.row(job).finished_at == pytest.approx(world.clock(), abs=1)
        assert len(world.api.requests) == int(reached)


@in_virtual_time
async def test_where_nobody_can_tell_whether_it_was_posted_the_member_is_told_in_a_new_message():
    async with a_world() as world:
        first = await world.start()
        job = await world.submit(first)
        first.die()
        world.presenter.refusal = LOCKED
        await world.start()
        await world.until(lambda: world.row(job).state.final)
        assert world.row(job).finished_at == pytest.approx(world.clock(), abs=1)
        world.presenter.refusal = None
        await world.until(lambda: world.row(job).messages != ())
        assert (world.shown(job).reason, world.charged(job)) == (Reason.INTERRUPTED, 0)
        assert world.api.requests == []


@in_virtual_time
async def test_a_placeholder_that_its_own_process_never_hears_of_is_looked_for_after_a_minute():
    async with a_world() as world:
        process = await world.start()
        job = await world.submit(process)
        world.presenter.post(job)
        began = world.clock()
        await world.until(lambda: world.row(job).messages != ())
        assert POSTING_SECONDS <= world.clock() - began <= POSTING_SECONDS + ROUND_SECONDS + 1
        await world.settled(job)
        assert world.charged(job) == 1


@in_virtual_time
async def test_what_waited_in_a_dead_process_has_its_turn_in_another():
    async with a_world() as world:
        first = await world.start(most=1)
        jobs = [await world.ask(first, user_id=user) for user in (1, 2, 3)]
        await asyncio.sleep(1)
        first.die()
        await world.start(most=1)
        await world.settled(within=55)
        assert [world.charged(job) for job in jobs] == [1, 1, 1]
        assert all(world.api.begun[job.request.prompt] == 1 for job in jobs)


@in_virtual_time
async def test_a_process_that_was_thought_dead_changes_nothing_of_what_another_has_taken_over(caplog):
    async with a_world() as world:
        first = await world.start(Path.POLL)
        job = await world.ask(first)
        await asyncio.sleep(2)
        second = await world.start(Path.POLL)
        world.store.jobs[job.id] = unseen(world.row(job), owner=second.name)
        await world.settled(job)
        assert (world.shown(job).state, world.charged(job)) == (JobState.DONE, 1)
        assert len(first.service._rows) == 0
        assert f"job {job.id} was taken over by another process" in caplog.text
        assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


@in_virtual_time
async def test_a_result_whose_files_went_with_its_process_is_fetched_again_and_shown():
    async with a_world() as world:
        first = await world.start()
        world.presenter.refusal = DOWN
        job = await world.ask(first)
        await asyncio.sleep(15)
        assert world.row(job).state is JobState.DONE
        first.die()
        world.pictures.files.clear()
        world.presenter.refusal = None
        await world.start()
        await world.settled(job)
        assert (world.shown(job).state, world.pictures.fetched[job.id, 0]) == (JobState.DONE, 2)


@in_virtual_time
async def test_pictures_that_a_dead_process_had_not_shown_are_shown_by_the_one_that_takes_over():
    async with a_world() as world:
        first = await world.start(Path.STREAM)
        world.api.plans.append(Plan(seconds=300))
        job = await world.ask(first, group=3)
        world.presenter.refusal = DOWN
        await asyncio.sleep(101)
        first.die()
        world.presenter.refusal = None
        await world.start(Path.STREAM)
        await asyncio.sleep(LEASE_SECONDS + 2 * BEAT_SECONDS)
        assert (world.row(job).state, world.shown(job).images) == (JobState.RUNNING, (0,))


@in_virtual_time
async def test_a_dead_process_s_running_jobs_are_finished_even_while_discord_is_down():
    async with a_world() as world:
        first = await world.start(Path.POLL)
        job = await world.ask(first)
        await asyncio.sleep(3)
        first.die()
        world.presenter.refusal = DOWN
        await world.start(Path.POLL)
        await world.until(lambda: world.row(job).state is JobState.DONE, within=60)


@in_virtual_time
async def test_a_job_that_has_ended_is_shown_without_a_search_for_its_placeholder():
    async with a_world() as world:
        first = await world.start()
        job = await world.submit(first)
        first.die()
        world.change(first, job, state=JobState.FAILED, failure=Failure(reason=Reason.INTERRUPTED), finished_at=0.0)

        async def unreachable(_job):
            raise DOWN

        world.presenter.find = unreachable
        await world.start()
        await world.settled(job, within=45)
        assert world.shown(job).reason is Reason.INTERRUPTED


@in_virtual_time
async def test_files_of_jobs_that_need_none_are_swept_up():
    async with a_world() as world:
        await world.pictures.fetch("nobody", 0, "https://files.example/0")
        await world.start()
        await world.until(lambda: not world.pictures.files, within=ROUND_SECONDS)


@in_virtual_time
async def test_what_the_service_has_is_looked_up_however_old_it_is():
    async with a_world() as world:
        first = await world.start(Path.POLL)
        job = await world.ask(first)
        await asyncio.sleep(3)
        first.die()
        await asyncio.sleep(2 * MAX_AGE)
        await world.start(Path.POLL)
        await world.settled(job)
        assert (world.shown(job).state, world.charged(job)) == (JobState.DONE, 1)


@in_virtual_time
async def test_what_another_process_cancels_at_the_last_moment_is_not_sent():
    async with a_world() as world:
        first, second = await world.start(most=2), await world.start(most=2)
        await asyncio.sleep(BEAT_SECONDS)  # they know of each other: one job each
        await world.ask(first, user_id=1)
        waiting = await world.ask(first, user_id=2)
        await second.do(second.service.cancel(waiting.id, by=2, may_manage=False))
        await world.settled()
        await asyncio.sleep(10)
        assert (world.shown(waiting).state, world.charged(waiting)) == (JobState.CANCELLED, 0)
        assert len(world.api.requests) == 1


@in_virtual_time
async def test_an_event_of_a_process_that_does_not_own_the_job_is_refused():
    async with a_world() as world:
        first, second = await world.start(most=1), await world.start(most=1)
        await world.ask(first, user_id=1)
        waiting = await world.ask(first, user_id=2)
        with pytest.raises(TakenOverError):
            await second.service._rows.apply(waiting.id, Broke(Failure(reason=Reason.CUT), world.clock()))
        assert not world.row(waiting).state.final


# --- one process ends what another has at hand ------------------------------------------------------------------------


@in_virtual_time
async def test_what_another_process_ends_before_its_own_hears_of_the_placeholder_is_forgotten_within_a_round():
    async with a_world() as world:
        first, second = await world.start(), await world.start()
        job = await world.submit(first)
        await second.do(second.service.abandon(job.id))
        assert first.service._rows.unposted == 1
        await asyncio.sleep(ROUND_SECONDS + 1)
        assert (len(first.service._rows), first.service._rows.unposted) == (0, 0)


@in_virtual_time
async def test_what_another_process_has_taken_over_is_forgotten_within_a_round():
    async with a_world() as world:
        first, second = await world.start(most=1), await world.start(most=1)
        await asyncio.sleep(BEAT_SECONDS)
        world.api.plans.append(Plan(seconds=300))
        await world.ask(first, user_id=1)
        waiting = await world.ask(first, user_id=2)
        world.store.jobs[waiting.id] = unseen(world.row(waiting), owner=second.name)
        await asyncio.sleep(ROUND_SECONDS + 1)
        assert first.service._rows.current(waiting.id) is None
        await world.settled(waiting)
        assert world.api.begun[waiting.request.prompt] == 1


@in_virtual_time
async def test_an_orphan_that_is_taken_over_during_a_round_keeps_no_other_from_being_recovered():
    async with a_world() as world:
        first = await world.start(Path.PLAIN)
        lost, kept = [await world.ask(first, user_id=user) for user in (1, 2)]
        await asyncio.sleep(3)
        first.die()
        claim = world.store.claim

        async def overtaken(owner):
            claimed = await claim(owner)
            world.store.jobs[lost.id] = unseen(world.row(lost), owner="process:another")
            return claimed

        await asyncio.sleep(LEASE_SECONDS)
        world.store.claim = overtaken
        await world.start(Path.PLAIN)
        world.leases["process:another"] = ("process:another", world.clock() + 300)
        await world.settled(kept, within=10)
        assert (world.shown(kept).reason, world.row(lost).state) == (Reason.INTERRUPTED, JobState.RUNNING)


@in_virtual_time
async def test_a_waiting_job_that_is_taken_over_during_a_round_keeps_no_other_from_expiring():
    async with a_world() as world:
        process = await world.start(most=1)
        world.api.plans.append(Plan(seconds=300))
        _, lost, kept = [await world.ask(process, user_id=user) for user in (1, 2, 3)]
        for job in (lost, kept):
            world.change(process, job, created_at=world.clock() - MAX_AGE - 1)
        world.leases["process:another"] = ("process:another", world.clock() + 60)
        world.store.jobs[lost.id] = unseen(world.row(lost), owner="process:another")

        async def both(_owner):
            return [lost.id, kept.id]

        world.store.unsettled = both
        await process.do(process.service._recovery._round())
        assert (world.row(lost).state, world.row(kept).failure.reason) == (JobState.QUEUED, Reason.EXPIRED)


# --- a backup is restored ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [Path.STREAM, Path.POLL])
@in_virtual_time
async def test_what_a_backup_has_waiting_for_longer_than_the_maximum_age_ends_as_overdue_and_is_never_sent(path):
    async with a_world() as world:
        first = await world.start(path, most=1)
        running, waiting = [await world.ask(first, user_id=user) for user in (1, 2)]
        first.die()
        world.store.jobs[running.id] = replace(world.row(running), state=JobState.QUEUED, task_id=None)
        world.api.requests.clear()
        await asyncio.sleep(MAX_AGE + 1)
        await world.start(path)
        await world.settled()
        assert {world.shown(job).reason for job in (running, waiting)} == {Reason.EXPIRED}
        assert (world.charged(waiting), world.api.requests) == (0, [])


# --- what is nobody's -------------------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_job_that_was_dropped_on_the_way_is_taken_up_in_the_next_round():
    async with a_world() as world:
        process = await world.start(most=1)
        await world.ask(process, user_id=1)
        dropped = await world.ask(process, user_id=2)
        process.service._workers.remove(dropped.id)
        process.service._rows._forget(dropped.id)
        await world.settled(dropped, within=ROUND_SECONDS + 15)
        assert world.charged(dropped) == 1


@pytest.mark.parametrize(("age", "searched"), [(60.0, False), (60.5, True)])
@in_virtual_time
async def test_a_placeholder_may_take_a_minute_to_be_posted(age, searched):
    async with a_world() as world:
        process = await world.start()
        await asyncio.sleep(1)
        job = await world.submit(process)
        world.presenter.post(job)
        world.change(process, job, created_at=world.clock() - age)
        await process.do(process.service._recovery._round())
        assert (world.row(job).messages != ()) is searched


@pytest.mark.parametrize(("age", "expired"), [(MAX_AGE, False), (MAX_AGE + 0.5, True)])
@in_virtual_time
async def test_a_round_expires_waiting_jobs_that_are_older_than_the_maximum_age(age, expired):
    async with a_world() as world:
        process = await world.start(most=1)
        await world.ask(process, user_id=1)
        job = await world.ask(process, user_id=2)
        await asyncio.sleep(1)
        world.change(process, job, created_at=world.clock() - age)
        await process.do(process.service._recovery._round())
        assert (world.row(job).state is JobState.FAILED) is expired


@in_virtual_time
async def test_a_job_does_not_expire_before_its_placeholder_is_found():
    async with a_world() as world:
        process = await world.start()
        world.presenter.refusal = DOWN
        job = await world.submit(process)
        await asyncio.sleep(MAX_AGE + 2 * ROUND_SECONDS)
        assert world.row(job).state is JobState.QUEUED
        world.presenter.refusal = None
        await world.settled(job)
        assert (world.row(job).state, world.presenter.messages) == (JobState.CANCELLED, {})


@in_virtual_time
async def test_a_round_fetches_nothing_for_a_result_that_is_being_shown():
    async with a_world() as world:
        process = await world.start()
        world.presenter.hold = asyncio.Event()
        job = await world.ask(process)
        await world.until(lambda: world.presenter.tries == 1)
        world.pictures.files.clear()
        await process.do(process.service._recovery._round())
        assert world.pictures.fetched[job.id, 0] == 1
        world.presenter.hold.set()
        await world.settled(job)


@in_virtual_time
async def test_a_job_that_ends_during_a_round_is_not_taken_up_again():
    async with a_world() as world:
        process = await world.start()
        await asyncio.sleep(1)
        job, unsettled = await world.ask(process), world.store.unsettled

        async def slowly(owner):
            job_ids = await unsettled(owner)
            await world.settled(job)
            return job_ids

        world.store.unsettled = slowly
        await process.do(process.service._recovery._round())
        assert (len(process.service._rows), world.pictures.fetched[job.id, 0]) == (0, 1)


@in_virtual_time
async def test_a_result_whose_files_are_lost_is_fetched_again_also_when_its_token_is_about_to_expire(caplog):
    async with a_world() as world:
        process = await world.start()
        world.presenter.refusal = RuntimeError("a bug")
        job = await world.ask(process, private=True)
        await asyncio.sleep(15)
        assert f"job {job.id} could not be shown" in caplog.text
        world.presenter.refusal = None
        world.pictures.files.clear()
        world.change(process, job, origin=replace(job.origin, token_expires=world.clock() + 100))
        await process.do(process.service._recovery._round())
        await world.settled(job, within=1)
        assert world.pictures.fetched[job.id, 0] == 2


@in_virtual_time
async def test_a_process_whose_lease_has_lapsed_goes_on_with_its_own_jobs():
    async with a_world() as world:
        process = await world.start(Path.STREAM)
        world.api.plans.append(Plan(named=False))
        job = await world.ask(process)
        await asyncio.sleep(1)
        del world.leases[process.name]
        await process.do(process.service._recovery._round())
        assert world.row(job).state is JobState.RUNNING
        await world.settled(job)
        assert (world.shown(job).reason, world.charged(job)) == (None, 1)


@in_virtual_time
async def test_a_round_leaves_what_is_being_made_alone():
    async with a_world() as world:
        process = await world.start(Path.STREAM)
        world.api.plans.append(Plan(seconds=200, named=False))
        job = await world.ask(process)
        await world.settled(job)
        assert (world.shown(job).reason, world.charged(job)) == (None, 1)


@pytest.mark.parametrize(("left", "late"), [(150.1, False), (150.0, True), (0.1, True), (0.0, False), (-1.0, False)])
@in_virtual_time
async def test_a_member_hears_that_a_result_will_be_late_in_the_last_150_seconds_of_the_token(left, late):
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process, private=True)
        old = replace(world.row(job), origin=replace(job.origin, token_expires=world.clock() + left))
        world.store.jobs[job.id] = process.service._rows._live[job.id] = old
        assert (await process.do(process.service._recovery._announce_late(old))).late is late


@in_virtual_time
async def test_of_a_job_without_a_placeholder_nothing_is_shown():
    async with a_world() as world:
        process = await world.start()
        job = await world.submit(process)
        await process.do(process.service._rows.apply(job.id, Moved(3)))
        await asyncio.sleep(5)
        assert world.presenter.tries == 0


@in_virtual_time
async def test_a_picture_whose_link_was_noted_before_the_process_died_is_fetched_before_the_job_ends():
    async with a_world() as world:
        world.pictures.hold = asyncio.Event()
        world.api.plans.append(Plan(named=False))
        process = await world.start(Path.STREAM)
        job = await world.ask(process)
        await world.until(lambda: world.row(job).images)
        process.die()
        world.pictures.hold.set()
        await world.start(Path.STREAM)
        await world.settled(job)
        (image,) = world.row(job).images
        assert (image.picture is not None, world.row(job).state, world.charged(job)) == (True, JobState.DONE, 1)
