"""New jobs' reference pictures are prepared before the jobs wait for their turn, and can't harm other jobs."""

from __future__ import annotations

import asyncio

import pytest

from studio.jobs.intake import AT_ONCE, PREPARING_SECONDS
from studio.jobs.job import MAX_ATTEMPTS
from studio.jobs.recovery import LEASE_SECONDS
from studio.jobs.states import JobState, Path, Reason
from tests.support.core import a_world
from tests.support.memory_api import Plan
from tests.support.virtual_time import in_virtual_time

FOX, OWL, BOMB = (f"https://cdn.example/{name}.png" for name in ("fox", "owl", "bomb"))


def slow(world, *links, seconds=10_000.0):
    """Let preparing these links take so long. Returns the links that are being prepared, in order."""
    preparing, prepare = [], world.pictures.prepare_reference

    async def prepared(job_id, index, url, form):
        if url in links:
            preparing.append(url)
            await asyncio.sleep(seconds)
        await prepare(job_id, index, url, form)

    world.pictures.prepare_reference = prepared
    return preparing


def deadly(world, link):
    """Let preparing this link end the process that does it."""
    prepare = world.pictures.prepare_reference

    async def prepared(job_id, index, url, form):
        if url == link:
            world.alive[-1].die()
            await asyncio.Event().wait()
        await prepare(job_id, index, url, form)

    world.pictures.prepare_reference = prepared


@in_virtual_time
async def test_a_picture_that_can_not_be_used_is_refused_while_others_still_wait():
    async with a_world() as world:
        process = await world.start(most=1)
        world.pictures.unusable[OWL] = "It's a web page."
        world.api.plans.append(Plan(seconds=1000))
        first = await world.ask(process, user_id=1)
        job = await world.ask(process, user_id=2, images=(OWL,))
        await world.settled(job, within=5)
        assert (world.row(job).failure.reason, world.row(job).failure.detail) == (Reason.REFERENCE, "It's a web page.")
        assert (world.charged(job), len(world.api.requests)) == (0, 1)
        assert not world.row(first).state.final


@in_virtual_time
async def test_slow_pictures_hold_no_place_among_the_requests():
    async with a_world() as world:
        process = await world.start(most=1)
        slow(world, OWL)
        for _ in range(AT_ONCE + 2):
            await world.ask(process, user_id=1, images=(OWL,))
        job = await world.ask(process, user_id=2)
        await world.settled(job, within=60)


@in_virtual_time
async def test_members_take_turns_at_preparing():
    async with a_world() as world:
        process = await world.start()
        preparing = slow(world, OWL, FOX, seconds=1)
        for _ in range(AT_ONCE * 3):
            await world.ask(process, user_id=1, images=(OWL,))
        await world.ask(process, user_id=2, images=(FOX,))
        await world.until(lambda: FOX in preparing)
        assert preparing.index(FOX) <= AT_ONCE + 1


@in_virtual_time
async def test_a_picture_that_takes_too_long_to_prepare_is_refused():
    async with a_world() as world:
        process = await world.start()
        slow(world, OWL)
        job = await world.ask(process, images=(OWL,))
        await world.settled(job, within=PREPARING_SECONDS + 5)
        assert world.row(job).failure.reason is Reason.REFERENCE
        assert "too long" in world.row(job).failure.detail


@in_virtual_time
async def test_a_job_can_be_cancelled_while_its_pictures_are_prepared():
    async with a_world() as world:
        process = await world.start()
        preparing = slow(world, OWL)
        job = await world.ask(process, images=(OWL,))
        await world.until(lambda: preparing)
        await process.do(process.service.cancel(job.id, by=4, may_manage=False))
        assert (world.row(job).state, world.charged(job)) == (JobState.CANCELLED, 0)
        await world.until(lambda: not process.service.waiting, within=5)


@in_virtual_time
async def test_jobs_whose_pictures_are_prepared_count_as_ahead_of_later_ones():
    async with a_world() as world:
        process = await world.start(most=1)
        slow(world, OWL)
        world.api.plans.append(Plan(seconds=1000))
        await world.ask(process, user_id=1)
        await world.ask(process, user_id=2, images=(OWL,))
        job = await world.ask(process, user_id=3)
        assert world.row(job).place == 2


@in_virtual_time
async def test_a_picture_that_ends_the_process_is_tried_twice_and_other_jobs_go_on():
    async with a_world() as world:
        deadly(world, BOMB)
        job = await world.ask(await world.start(), images=(BOMB,))
        for _ in range(MAX_ATTEMPTS - 1):
            await world.until(lambda: not world.alive)
            await asyncio.sleep(LEASE_SECONDS + 1)
            await world.start()
        await world.until(lambda: not world.alive)
        await asyncio.sleep(LEASE_SECONDS + 1)
        process = await world.start()
        other = await world.ask(process, user_id=5, images=(FOX,))
        await world.settled(job, other)
        assert (world.row(job).state, world.row(job).failure.reason) == (JobState.FAILED, Reason.CRASHED)
        assert (world.charged(job), world.row(job).attempts) == (0, MAX_ATTEMPTS)
        assert world.row(other).state is JobState.DONE


@pytest.mark.parametrize("path", [Path.POLL, Path.CALLBACK])
@in_virtual_time
async def test_a_result_that_ends_the_process_is_fetched_twice_and_then_left_to_its_link(path):
    async with a_world() as world:
        fetched, fetch = [], world.pictures.fetch

        async def dying(job_id, index, source):
            fetched.append(index)
            if index == 1:
                world.alive[-1].die()
                await asyncio.Event().wait()
            return await fetch(job_id, index, source)

        world.pictures.fetch = dying
        process = await world.start(path)
        job = await world.ask(process, group=3)
        while not world.row(job).state.final:
            carrying = asyncio.ensure_future(world.carry_callbacks(process))
            await world.until(lambda: not world.alive or world.row(job).settled)
            carrying.cancel()
            if not world.alive:
                await asyncio.sleep(LEASE_SECONDS + 1)
                process = await world.start(path)
        await world.settled(job)
        assert fetched.count(1) <= MAX_ATTEMPTS + 1
        assert [image.picture is not None for image in world.row(job).images] == [True, False, True]
        assert world.row(job).images[1].link is not None
        assert (world.row(job).state, world.charged(job)) == (JobState.DONE, 3)


@in_virtual_time
async def test_a_job_that_waits_for_its_result_outlives_any_number_of_processes():
    async with a_world() as world:
        world.api.plans.append(Plan(seconds=300))
        job = await world.ask(await world.start(Path.POLL))
        for _ in range(MAX_ATTEMPTS + 2):
            await asyncio.sleep(5)
            world.alive[-1].die()
            await asyncio.sleep(LEASE_SECONDS + 1)
            await world.start(Path.POLL)
        await world.settled(job)
        assert (world.row(job).state, world.charged(job)) == (JobState.DONE, 1)


@in_virtual_time
async def test_jobs_that_were_prepared_beside_the_deadly_one_are_not_given_up_with_it():
    async with a_world() as world:
        deadly(world, BOMB)
        slow(world, OWL, seconds=5)
        process = await world.start()
        others = [await world.ask(process, user_id=number, images=(OWL,)) for number in (1, 2)]
        job = await world.ask(process, user_id=3, images=(BOMB,))
        for _ in range(MAX_ATTEMPTS):
            await world.until(lambda: not world.alive)
            await asyncio.sleep(LEASE_SECONDS + 1)
            await world.start()
        await world.settled(job, *others)
        assert world.row(job).failure.reason is Reason.CRASHED
        assert [world.row(other).state for other in others] == [JobState.DONE, JobState.DONE]


@in_virtual_time
async def test_a_picture_that_ended_a_process_and_is_slow_the_next_time_delays_nobody_else():
    async with a_world() as world:
        deadly(world, BOMB)
        job = await world.ask(await world.start(), images=(BOMB,))
        await world.until(lambda: not world.alive)
        await asyncio.sleep(LEASE_SECONDS + 1)
        del world.pictures.prepare_reference
        preparing = slow(world, BOMB)
        process = await world.start()
        await world.until(lambda: preparing, within=LEASE_SECONDS + 60)
        others = [await world.ask(process, user_id=user, images=(FOX,)) for user in range(5, 5 + 2 * AT_ONCE)]
        await world.settled(*others, within=30)
        assert not world.row(job).state.final
        await world.settled(job, within=PREPARING_SECONDS + 5)


@in_virtual_time
async def test_a_job_whose_pictures_are_prepared_may_wait_through_any_number_of_processes():
    async with a_world() as world:
        process = await world.start(most=1)
        world.api.plans.append(Plan(seconds=300))
        await world.ask(process, user_id=1)
        job = await world.ask(process, user_id=2, images=(OWL,))
        await world.until(lambda: world.pictures.prepared.get(job.id))
        for _ in range(MAX_ATTEMPTS + 1):
            world.alive[-1].die()
            await asyncio.sleep(LEASE_SECONDS + 1)
            await world.start(most=1)
            await asyncio.sleep(5)
        await world.settled(job)
        assert world.row(job).state is JobState.DONE


@in_virtual_time
async def test_shutdowns_in_good_order_do_not_count_as_attempts():
    async with a_world() as world:
        preparing = slow(world, OWL, seconds=100)
        process = await world.start()
        job = await world.ask(process, images=(OWL,))
        for number in range(1, 5):
            await world.until(lambda: len(preparing) == number)  # noqa: B023
            await process.do(process.service.close(grace=1))
            assert world.row(job).attempts == 0
            process.die()
            process = await world.start()
        await world.settled(job)
        assert world.row(job).state is JobState.DONE


@in_virtual_time
async def test_the_files_of_references_are_deleted_with_their_job():
    async with a_world() as world:
        job = await world.ask(await world.start(), images=(FOX,))
        await world.settled(job)
        await world.until(lambda: not world.pictures.prepared, within=5)
