"""Bugs, slowness and oddities around a running job: each ends it in a message, or is repaired by the next round."""

from __future__ import annotations

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from seedream import ImageFailed, ImageReady
from seedream.polling import SHORTEST_SECONDS
from studio.jobs.recovery import ROUND_SECONDS
from studio.jobs.states import JobState, Path, Reason
from studio.jobs.task_poller import REFUSED_SECONDS
from studio.jobs.task_results import CALLBACK_LATE_SECONDS, CallbackInbox, TaskResults
from tests.support.core import MAX_AGE, a_world
from tests.support.jobs import a_job
from tests.support.memory import MemoryStore
from tests.support.memory_api import COMPLETED, Plan
from tests.support.virtual_time import in_virtual_time


def streaming(world, *events, error=None):
    """Have the service stream exactly this."""

    async def stream(_request):
        for event in events:
            yield event
        if error:
            raise error

    world.api.stream = stream


@in_virtual_time
async def test_a_bug_while_a_job_runs_ends_it_with_what_had_arrived(caplog):
    async with a_world() as world:
        process = await world.start(Path.STREAM)
        streaming(world, ImageReady(0, "https://files.example/0"), error=ZeroDivisionError("a bug"))
        job = await world.ask(process, group=2)
        await world.settled(job)
        assert (world.shown(job).state, world.shown(job).reason) == (JobState.DONE, Reason.INTERNAL)
        assert (world.charged(job), f"job {job.id} failed" in caplog.text) == (1, True)
        assert process.metrics.errors == []
        assert world.row(job).finished_at == pytest.approx(world.clock(), abs=1)


@in_virtual_time
async def test_a_time_out_that_is_not_ours_is_a_bug_and_the_job_is_taken_up_again(caplog):
    async with a_world() as world:
        process = await world.start(Path.STREAM)
        streaming(world, error=TimeoutError("the pool's"))
        job = await world.ask(process)
        await world.until(lambda: world.row(job).state.final, within=2 * ROUND_SECONDS)
        assert f"job {job.id} could not be run" in caplog.text
        assert (world.row(job).failure.reason, process.service.running) == (Reason.INTERRUPTED, 0)


@in_virtual_time
async def test_a_job_that_is_not_done_at_its_maximum_age_is_cut_off():
    async with a_world() as world:
        process = await world.start(Path.PLAIN)
        world.api.plans.append(Plan(seconds=2 * MAX_AGE))
        began = world.clock()
        job = await world.ask(process)
        await world.settled(job)
        assert world.clock() - began == pytest.approx(MAX_AGE, abs=1)
        assert world.row(job).finished_at == pytest.approx(began + MAX_AGE, abs=1)
        assert (world.shown(job).reason, world.charged(job)) == (Reason.EXPIRED, 0)


@in_virtual_time
async def test_what_is_too_old_when_it_is_looked_up_still_has_a_minute():
    async with a_world() as world:
        first = await world.start(Path.POLL)
        world.api.plans.append(Plan(seconds=10 * MAX_AGE))
        job = await world.ask(first)
        await asyncio.sleep(3)
        first.die()
        await asyncio.sleep(2 * MAX_AGE)
        began = world.clock()
        await world.start(Path.POLL)
        await world.settled(job)
        assert 60.0 <= world.clock() - began < 61.0
        assert world.shown(job).reason is Reason.EXPIRED


@pytest.mark.parametrize(
    ("image", "reason", "detail", "charged"),
    [
        (ImageFailed(0, "content_policy", "no"), Reason.CONTENT_REFUSED, "no", 0),
        (ImageReady(0, None), Reason.PICTURE, "The answer held no picture.", 0),
        (ImageReady(0, "https://files.example/gone"), Reason.PICTURE, "The link leads nowhere.", 1),
    ],
    ids=["refused", "empty", "not to be had"],
)
@in_virtual_time
async def test_a_picture_that_is_missing_says_why_and_only_one_that_was_made_is_paid_for(
    image, reason, detail, charged
):
    async with a_world() as world:
        process = await world.start(Path.STREAM)
        world.pictures.gone_links.add("https://files.example/gone")
        streaming(world, image, COMPLETED)
        job = await world.ask(process)
        await world.settled(job)
        (missing,) = world.row(job).images
        assert (missing.failure.reason, missing.link) == (reason, image.url if charged else None)
        assert missing.failure.detail == detail
        assert world.charged(job) == charged


@in_virtual_time
async def test_a_picture_that_comes_as_bytes_is_taken_as_bytes():
    async with a_world() as world:
        process, sources = await world.start(Path.STREAM), []
        fetch = world.pictures.fetch

        async def noted(job_id, index, source):
            sources.append(source)
            return await fetch(job_id, index, source)

        world.pictures.fetch = noted
        streaming(world, ImageReady(0, "https://files.example/0", data=b"jpeg"), COMPLETED)
        job = await world.ask(process)
        await world.settled(job)
        assert (sources, world.row(job).images[0].link) == ([b"jpeg"], "https://files.example/0")


@in_virtual_time
async def test_a_lost_answer_to_a_task_counts_as_an_error_of_the_api():
    async with a_world() as world:
        process = await world.start(Path.POLL)
        world.api.plans.append(Plan(lost=True))
        await world.settled(await world.ask(process))
        assert process.metrics.errors == ["ResponseLost"]


# --- callbacks --------------------------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_callback_is_waited_for_a_minute_and_then_its_task_is_looked_up():
    async with a_world() as world:
        process = await world.start(Path.CALLBACK)
        began = world.clock()
        job = await world.ask(process)
        await world.until(lambda: world.api.look_ups > 0)
        assert world.clock() - began == pytest.approx(60.0, abs=0.5)
        await world.settled(job, within=5)
        assert not process.service._callback_inbox.waiting


@in_virtual_time
async def test_without_a_task_a_callback_is_waited_for_ten_minutes_and_then_the_job_fails():
    async with a_world() as world:
        process = await world.start(Path.CALLBACK)
        world.api.plans.append(Plan(lost=True))
        began = world.clock()
        job = await world.ask(process)
        await world.settled(job)
        assert world.clock() - began == pytest.approx(600.0, abs=0.5)
        assert (world.shown(job).reason, world.charged(job), world.api.look_ups) == (Reason.LOST, 0, 0)


@in_virtual_time
async def test_where_no_callback_ever_arrives_only_the_first_job_waits_for_one(caplog):
    async with a_world() as world:
        process = await world.start(Path.CALLBACK)
        await world.settled(await world.ask(process))
        assert caplog.text.count("no callback has arrived") == 1
        began = world.clock()
        await world.settled(await world.ask(process))
        assert world.clock() - began < CALLBACK_LATE_SECONDS
        assert caplog.text.count("no callback has arrived") == 1


@in_virtual_time
async def test_a_callback_that_arrives_after_all_is_waited_for_again():
    async with a_world() as world:
        process = await world.start(Path.CALLBACK)
        first = await world.ask(process)
        await world.settled(first)
        await world.carry_callbacks(process)
        looked_up = world.api.look_ups
        second = await world.ask(process)
        await asyncio.sleep(CALLBACK_LATE_SECONDS / 2)
        await world.carry_callbacks(process)
        await world.settled(second, within=5)
        assert world.api.look_ups == looked_up


@in_virtual_time
async def test_a_callback_that_is_late_once_doesn_t_end_those_that_work(caplog):
    async with a_world() as world:
        process = await world.start(Path.CALLBACK)
        for carried in (True, False, True):
            job = await world.ask(process)
            await asyncio.sleep(5)
            if carried:
                await world.carry_callbacks(process)
            await world.settled(job)
            assert world.row(job).path is Path.CALLBACK
        assert "no callback has arrived" not in caplog.text


@in_virtual_time
async def test_while_a_late_callback_s_task_is_looked_up_the_callback_still_counts():
    async with a_world() as world:
        process = await world.start(Path.CALLBACK)
        world.api.plans.append(Plan(seconds=70))
        job = await world.ask(process)
        await asyncio.sleep(65)
        world.api.tasks_known.clear()  # nobody can look it up
        await world.carry_callbacks(process)
        await world.settled(job, within=5)
        assert (world.shown(job).state, world.charged(job)) == (JobState.DONE, 1)


@in_virtual_time
async def test_a_callback_that_comes_after_look_ups_have_failed_still_counts_for_ten_minutes():
    async with a_world() as world:
        process = await world.start(Path.CALLBACK)
        world.api.plans.append(Plan(seconds=500))
        job = await world.ask(process)
        await asyncio.sleep(1)
        world.api.tasks_known.clear()
        await world.carry_callbacks(process)
        await world.settled(job, within=5)
        assert (world.shown(job).state, world.charged(job)) == (JobState.DONE, 1)


@in_virtual_time
async def test_a_job_whose_look_ups_have_failed_fails_after_ten_minutes_without_a_callback():
    async with a_world() as world:
        process = await world.start(Path.CALLBACK)
        began = world.clock()
        job = await world.ask(process)
        world.api.tasks_known.clear()
        await asyncio.sleep(1)
        world.api.tasks_known.clear()
        await world.settled(job)
        assert (world.shown(job).state, world.charged(job)) == (JobState.FAILED, 0)
        look_ups_failed = began + CALLBACK_LATE_SECONDS + REFUSED_SECONDS
        assert world.clock() - look_ups_failed == pytest.approx(600.0, abs=10.0)


@in_virtual_time
async def test_a_task_is_first_looked_up_after_the_shortest_interval():
    async with a_world() as world:
        await world.ask(await world.start(Path.POLL))
        await asyncio.sleep(SHORTEST_SECONDS - 0.1)
        assert world.api.look_ups == 0
        await asyncio.sleep(0.2)
        assert world.api.look_ups == 1


@in_virtual_time
async def test_a_job_that_was_looked_up_is_not_waited_for_any_more():
    async with a_world() as world:
        inbox, job = CallbackInbox(world.store), replace(a_job(), task_id="task-1", started_at=world.clock())
        await world.api.submit(job.request)
        await TaskResults(world.api, inbox, world.clock, lambda _model: None).posted(job, missed=True)
        assert not inbox.waiting


@in_virtual_time
async def test_the_answer_to_each_callback_of_a_known_job_is_yes():
    async with a_world() as world:
        process = await world.start(Path.CALLBACK)
        job = await world.ask(process)
        await asyncio.sleep(12)
        assert await world.call_back(process, world.api.posts[0]) is True
        await world.settled(job, within=2)


def callback_body(size=0, **fields):
    """A callback's body of at least so many bytes."""
    record = {"success": True, "data": [{"image_url": "https://files.example/0.jpeg"}], "filler": ""} | fields
    filler = "x" * (size - len(json.dumps(record)))
    return json.dumps(record | {"filler": filler}).encode()


@pytest.mark.parametrize(("size", "threads"), [(64 * 1024, 0), (64 * 1024 + 1, 1)])
async def test_only_callbacks_over_64_kib_are_parsed_in_a_thread(size, threads):
    started = []

    class Threads(ThreadPoolExecutor):
        def submit(self, call, *args, **kwargs):
            started.append(call)
            return super().submit(call, *args, **kwargs)

    asyncio.get_running_loop().set_default_executor(Threads())
    store = MemoryStore({}, time.time)
    await store.add_callback("job-1", callback_body(size, task_id="t"), 0.0)
    callback = await CallbackInbox(store).wait("job-1", "t", within=1.0)
    assert [image.url for image in callback.result.images] == ["https://files.example/0.jpeg"]
    assert len(started) == threads


@in_virtual_time
async def test_a_callback_that_came_before_it_was_waited_for_is_taken_at_once():
    async with a_world() as world:
        began = world.clock()
        await world.store.add_callback("job-1", callback_body(task_id="task-1"), began)
        assert (await CallbackInbox(world.store).wait("job-1", "task-1", within=60.0)).task_id == "task-1"
        assert world.clock() == began


@in_virtual_time
async def test_a_callback_that_names_no_task_is_taken_for_the_job_that_its_address_names():
    async with a_world() as world:
        await world.store.add_callback("job-1", callback_body(), world.clock())
        callback = await CallbackInbox(world.store).wait("job-1", "task-1", within=60.0)
        assert callback is not None
        assert callback.task_id is None
