"""A job's way by each path, from the request to the last edit, on ports in memory and in virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from seedream.errors import ContentRefused
from studio.jobs.states import JobState, Path, Reason
from tests.support.core import a_world
from tests.support.memory_api import Plan
from tests.support.memory_presenter import View
from tests.support.virtual_time import in_virtual_time

PATHS = pytest.mark.parametrize("path", list(Path))


@PATHS
@pytest.mark.parametrize("images", [1, 3])
@in_virtual_time
async def test_by_each_path_what_is_made_is_shown_and_paid_for_once(path, images):
    async with a_world() as world:
        process = await world.start(path)
        job = await world.ask(process, group=images if images > 1 else None)
        await asyncio.sleep(1)
        await world.carry_callbacks(process)
        await world.settled(job)
        assert world.shown(job) == View(JobState.DONE, tuple(range(images)), None, 0)
        assert (world.row(job).path, world.charged(job), world.api.begun[job.request.prompt]) == (path, images, 1)
        assert world.store.charges[job.id].settled
        assert world.pictures.files == {}
        assert world.store.posts == {}


@PATHS
@in_virtual_time
async def test_by_each_path_a_refusal_is_shown_and_costs_nothing(path):
    async with a_world() as world:
        process = await world.start(path)
        world.api.plans.append(Plan(failed=True))
        job = await world.ask(process)
        await asyncio.sleep(1)
        await world.carry_callbacks(process)
        await world.settled(job)
        assert world.shown(job) == View(JobState.FAILED, (), Reason.CONTENT_REFUSED, 0)
        assert (world.charged(job), world.store.charges[job.id].settled) == (0, True)


@PATHS
@in_virtual_time
async def test_by_each_path_what_the_service_refuses_at_once_costs_nothing(path):
    async with a_world() as world:
        process = await world.start(path)
        world.api.plans.append(Plan(refused=ContentRefused(400, "content_policy", "no")))
        job = await world.ask(process)
        await world.settled(job)
        assert (world.shown(job).reason, world.charged(job)) == (Reason.CONTENT_REFUSED, 0)
        assert world.row(job).finished_at == pytest.approx(world.clock(), abs=1)


@in_virtual_time
async def test_a_streamed_group_is_shown_picture_by_picture():
    async with a_world() as world:
        job = await world.ask(await world.start(Path.STREAM), group=3)
        await world.settled(job)
        assert [view.images for view in world.presenter.views[job.id]] == [(0,), (0, 1), (0, 1, 2)]


@pytest.mark.parametrize("named", [True, False])
@in_virtual_time
async def test_of_a_stream_that_breaks_the_rest_is_looked_up_where_its_task_was_named(named):
    async with a_world() as world:
        process = await world.start(Path.STREAM)
        world.api.plans.append(Plan(lost=True, named=named))
        job = await world.ask(process, group=4)
        await world.settled(job)
        made = 4 if named else 2
        assert (world.shown(job).state, world.charged(job)) == (JobState.DONE, made)
        assert world.row(job).failure is None or world.row(job).failure.reason is Reason.CUT
        assert world.api.begun[job.request.prompt] == 1


@pytest.mark.parametrize("path", [Path.PLAIN, Path.POLL])
@in_virtual_time
async def test_a_lost_answer_that_names_no_task_ends_the_job_and_it_is_not_sent_again(path):
    async with a_world() as world:
        process = await world.start(path)
        world.api.plans.append(Plan(lost=True))
        job = await world.ask(process)
        await world.settled(job)
        assert (world.shown(job).reason, world.charged(job)) == (Reason.LOST, 0)
        assert world.api.begun[job.request.prompt] == 1


@in_virtual_time
async def test_where_the_answer_to_a_task_with_a_callback_is_lost_its_callback_brings_the_result():
    async with a_world() as world:
        process = await world.start(Path.CALLBACK)
        world.api.plans.append(Plan(lost=True))
        job = await world.ask(process)
        await asyncio.sleep(1)
        await world.carry_callbacks(process)
        await world.settled(job)
        assert (world.shown(job).state, world.charged(job), world.api.look_ups) == (JobState.DONE, 1, 0)


@in_virtual_time
async def test_a_callback_that_never_comes_is_looked_up_instead():
    async with a_world() as world:
        job = await world.ask(await world.start(Path.CALLBACK))
        await world.settled(job)
        assert (world.shown(job).state, world.charged(job)) == (JobState.DONE, 1)
        assert world.api.look_ups > 0


@in_virtual_time
async def test_a_callback_that_comes_twice_and_one_after_the_end_change_nothing():
    async with a_world() as world:
        process = await world.start(Path.CALLBACK)
        job = await world.ask(process)
        await asyncio.sleep(1)
        await world.carry_callbacks(process)
        await world.carry_callbacks(process)
        await world.settled(job)
        before = world.row(job)
        assert await world.call_back(process, world.api.posts[0]) is True
        assert world.row(job) == before
        assert (world.charged(job), world.store.posts) == (1, {})


@in_virtual_time
async def test_a_callback_of_another_task_is_not_taken_for_the_job_s_own():
    async with a_world() as world:
        process = await world.start(Path.CALLBACK)
        world.api.plans.append(Plan(failed=True))
        jobs = [await world.ask(process) for _ in range(2)]
        await asyncio.sleep(1)
        wrong = next(post for post in world.api.posts if post.job_id == jobs[0].id)
        await world.call_back(process, replace(wrong, job_id=jobs[1].id))
        await world.settled()
        assert (world.shown(jobs[1]).state, world.charged(jobs[1])) == (JobState.DONE, 1)


@in_virtual_time
async def test_a_callback_of_a_job_that_nobody_knows_is_not_kept():
    async with a_world() as world:
        process = await world.start()
        assert await process.service.on_callback("nobody", b"{}", None) is False
        assert world.store.posts == {}


@in_virtual_time
async def test_a_callback_that_another_process_takes_is_seen_by_the_one_that_waits():
    async with a_world() as world:
        first, second = await world.start(Path.CALLBACK), await world.start(Path.CALLBACK)
        job = await world.ask(first)
        await asyncio.sleep(12.5)
        came = world.clock()
        await world.call_back(second, world.api.posts[0])
        await world.settled(job, within=3)
        assert (world.row(job).finished_at - came <= 1.0, world.api.look_ups) == (True, 0)
