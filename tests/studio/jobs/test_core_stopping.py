"""Members stop jobs: what was sent is paid for and not kept, what wasn't is free, by every path, in every process."""

from __future__ import annotations

import asyncio

import pytest

from seedream.errors import ConnectionNotMade, RateLimited
from studio.jobs.advance import advance
from studio.jobs.errors import AlreadySentError, JobNotFoundError, NotYoursError, TooLateError
from studio.jobs.events import Dropped
from studio.jobs.states import JobState, Path
from tests.support.core import HOUR, a_world
from tests.support.memory_api import Plan
from tests.support.memory_presenter import View
from tests.support.virtual_time import in_virtual_time

PATHS = pytest.mark.parametrize("path", Path)
PICTURE = ("https://cdn.example/fox.png",)


async def stop(process, job, *, by=4, may_manage=False):
    return await process.do(process.service.drop(job.id, by=by, may_manage=may_manage))


async def carried(world, process, job):
    """Until the job is settled, with the callbacks that it needs."""
    await world.carry_callbacks(process)
    await world.settled(job, within=HOUR)


def is_kept_nowhere(world, job):
    """Of the pictures of a settled job nothing is left but their number."""
    row = world.row(job)
    return not any(image.picture or image.link for image in row.images) and job.id not in world.pictures.files


@PATHS
@in_virtual_time
async def test_what_is_stopped_after_it_was_sent_is_charged_and_neither_fetched_nor_shown(path):
    async with a_world() as world:
        process = await world.start(path)
        job = await world.ask(process, group=3)
        await asyncio.sleep(2)
        with pytest.raises(AlreadySentError):
            await process.service.cancel(job.id, by=4, may_manage=False)
        stopped = await stop(process, job)
        assert (stopped.state, stopped.dropped_at is not None) == (JobState.RUNNING, True)
        await stop(process, job)
        await carried(world, process, job)
        assert (world.row(job).state, world.row(job).spent, world.charged(job)) == (JobState.DONE, 3, 3)
        assert not world.pictures.fetched
        assert is_kept_nowhere(world, job)
        assert world.shown(job) == View.of(world.row(job))
        assert (await stop(process, job)).dropped_at == stopped.dropped_at


@in_virtual_time
async def test_of_a_set_that_is_stopped_halfway_what_has_arrived_is_delivered():
    async with a_world() as world:
        world.api.plans.append(Plan(seconds=30))
        process = await world.start(Path.STREAM)
        job = await world.ask(process, group=3)
        await asyncio.sleep(12)
        await stop(process, job)
        await world.settled(job)
        assert [image.index for image in world.row(job).images if image.attachment] == [0]
        assert (world.charged(job), world.pictures.fetched.total()) == (3, 1)
        views = len(world.presenter.views[job.id])
        assert views == 3, "the first picture, the stop, and the end"


@PATHS
@in_virtual_time
async def test_a_picture_on_its_way_when_its_job_is_stopped_is_not_kept(path):
    async with a_world() as world:
        process = await world.start(path)
        world.pictures.hold = asyncio.Event()
        job = await world.ask(process)
        carrying = asyncio.ensure_future(world.carry_callbacks(process))
        await world.until(lambda: bool(world.pictures.fetched))
        await carrying
        await stop(process, job)
        world.pictures.hold.set()
        await world.settled(job)
        assert world.charged(job) == 1
        assert is_kept_nowhere(world, job)


@PATHS
@in_virtual_time
async def test_a_job_is_stopped_by_another_process_than_its_own(path):
    async with a_world() as world:
        owner, other = await world.start(path), await world.start(path)
        job = await world.ask(owner, group=3)
        await asyncio.sleep(2)
        await stop(other, job)
        await carried(world, owner, job)
        assert (world.charged(job), world.row(job).spent) == (3, 3)
        assert not world.pictures.fetched
        assert world.shown(job) == View.of(world.row(job))
        assert not other.service._rows._live


@PATHS
@in_virtual_time
async def test_what_its_process_leaves_stopped_stays_so(path):
    async with a_world() as world:
        process = await world.start(path)
        job = await world.ask(process, group=2)
        await asyncio.sleep(2)
        await stop(process, job)
        process.die()
        other = await world.start(path)
        await carried(world, other, job)
        known = 2 if path in {Path.STREAM, Path.CALLBACK, Path.POLL} else 0  # of a plain answer nothing is known
        assert world.charged(job) == known
        assert not world.pictures.fetched
        assert is_kept_nowhere(world, job)


@in_virtual_time
async def test_a_refusal_after_the_stop_costs_nothing():
    async with a_world() as world:
        world.api.plans.append(Plan(failed=True))
        process = await world.start(Path.POLL)
        job = await world.ask(process)
        await asyncio.sleep(2)
        await stop(process, job)
        await world.settled(job)
        assert (world.row(job).state, world.charged(job)) == (JobState.FAILED, 0)


@pytest.mark.parametrize("refused", [RateLimited(retry_after=30), ConnectionNotMade()], ids=["429", "no connection"])
@pytest.mark.parametrize("press", ["cancel", "drop"])
@in_virtual_time
async def test_what_waits_to_be_sent_again_is_cancelled_free_of_charge_and_never_sent(refused, press):
    async with a_world() as world:
        world.api.plans.append(Plan(refused=refused))
        process = await world.start()
        job = await world.ask(process)
        await world.until(lambda: bool(world.api.requests) and world.row(job).state is JobState.QUEUED)
        await process.do(getattr(process.service, press)(job.id, by=4, may_manage=False))
        await world.settled(job)
        await asyncio.sleep(90)
        assert (world.row(job).state, world.charged(job), len(world.api.requests)) == (JobState.CANCELLED, 0, 1)
        assert not process.service._workers._held


@in_virtual_time
async def test_what_is_stopped_while_it_is_refused_for_now_is_not_sent_again():
    async with a_world() as world:
        process = await world.start(Path.POLL)
        world.api.plans.append(Plan(refused=RateLimited(retry_after=5)))
        begin = world.api._begin

        def stopped_meanwhile(request):
            world.store.jobs[job.id] = advance(world.row(job), Dropped(world.clock()))
            return begin(request)

        world.api._begin = stopped_meanwhile
        job = await world.ask(process)
        await world.settled(job)
        assert (world.row(job).state, world.charged(job), len(world.api.requests)) == (JobState.CANCELLED, 0, 1)


@in_virtual_time
async def test_what_is_stopped_while_its_references_are_prepared_is_free():
    async with a_world() as world:
        process = await world.start()
        preparing, go_on = asyncio.Event(), asyncio.Event()
        prepare = world.pictures.prepare_reference

        async def slowly(*args):
            preparing.set()
            await go_on.wait()
            await prepare(*args)

        world.pictures.prepare_reference = slowly
        job = await world.ask(process, images=PICTURE)
        await preparing.wait()
        assert (await stop(process, job)).state is JobState.CANCELLED
        go_on.set()
        await world.settled(job)
        await asyncio.sleep(61)
        assert (world.charged(job), world.api.requests, world.pictures.prepared) == (0, [], {})


@pytest.mark.parametrize("press", ["cancel", "drop"])
@PATHS
@in_virtual_time
async def test_pressed_at_any_moment_around_the_sending_a_job_is_sent_or_free_and_never_both(path, press):
    """The press comes between any two calls of the owner's and in the middle of each: by another process, too."""
    ends = set()
    for call in range(1, 30):
        for other in (False, True):
            ends.add(await pressed_at(path, press, call, other=other))
    assert ends >= {("cancelled", 0, 0), ("done", 1, 1)}


async def pressed_at(path, press, call, *, other):
    async with a_world() as world:
        owner = await world.start(path)
        presser = await world.start(path) if other else owner
        job = await world.submit(owner)
        calls, step, pressed = [0], owner.step, []

        def stepping():
            calls[0] += 1
            if calls[0] == call:
                pressing = getattr(presser.service, press)(job.id, by=4, may_manage=False)
                pressed.append(asyncio.ensure_future(presser.do(pressing)))
            step()

        owner.step = stepping
        await world.post(owner, job)
        await world.until(lambda: world.row(job).settled or bool(world.api.posts))
        await carried(world, owner, job)
        await asyncio.gather(*pressed, return_exceptions=True)
        row, begun = world.row(job), world.api.begun[job.request.prompt]
        assert begun <= 1
        assert (row.state is JobState.CANCELLED) is (begun == 0)
        assert world.charged(job) == world.api.made[job.request.prompt]
        assert world.shown(job) == View.of(row)
        return str(row.state), begun, row.spent


@pytest.mark.parametrize(
    ("by", "may_manage", "after", "error"),
    [(5, False, 0, NotYoursError), (5, False, 5, NotYoursError), (4, False, 60, TooLateError)],
    ids=["another's, waiting", "another's, running", "done"],
)
@in_virtual_time
async def test_what_can_not_be_stopped_goes_on(by, may_manage, after, error):
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process)
        await asyncio.sleep(after)
        with pytest.raises(error):
            await process.service.drop(job.id, by=by, may_manage=may_manage)
        await world.settled(job)
        assert (world.shown(job).state, world.charged(job)) == (JobState.DONE, 1)
        assert world.row(job).dropped_at is None


@in_virtual_time
async def test_who_manages_messages_stops_others_jobs_and_a_deleted_one_is_known_no_more():
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process)
        await asyncio.sleep(2)
        assert (await stop(process, job, by=5, may_manage=True)).dropped_at is not None
        await process.do(process.service.delete(world.row(job)))
        with pytest.raises(JobNotFoundError):
            await process.service.drop(job.id, by=4, may_manage=False)
        await world.settled(job)
        assert (world.charged(job), is_kept_nowhere(world, job)) == (1, True)


# --- mentions ---------------------------------------------------------------------------------------------------------


async def asked(world, process, *, mention=True, **request):
    """A request of a member who wants to be mentioned."""
    job = await world.submit(process, mention=mention, **request)
    await world.post(process, job)
    return job


@pytest.mark.parametrize(
    ("seconds", "mention", "times"), [(70, True, 1), (50, True, 0), (70, False, 0)], ids=["long", "short", "unwanted"]
)
@in_virtual_time
async def test_a_member_is_mentioned_once_where_a_job_took_over_a_minute(seconds, mention, times):
    async with a_world() as world:
        world.api.plans.append(Plan(seconds=seconds))
        process = await world.start(Path.POLL)
        job = await asked(world, process, mention=mention)
        await world.settled(job)
        await asyncio.sleep(61)
        assert len(world.presenter.mentioned) == times
        assert (world.row(job).mentioned_at is not None) is bool(times)
        assert world.presenter.tries == 1, "for the picture; mentions are no edits"


@in_virtual_time
async def test_a_member_is_mentioned_at_most_once_whichever_call_a_process_dies_at():
    mentioned = []
    for call in range(1, 60):
        async with a_world() as world:
            world.api.plans.append(Plan(seconds=70))
            process = await world.start(Path.POLL)
            job = await asked(world, process)
            await asyncio.sleep(65)
            process.calls_left = call
            await asyncio.sleep(30)
            process.die()
            await world.start(Path.POLL)
            await world.settled(job, within=HOUR)
            await asyncio.sleep(61)
            mentioned.append(world.presenter.mentioned.count(job.id))
    assert set(mentioned) <= {0, 1}
    assert mentioned.count(0) <= 8, "it is missed only where the process dies between showing and mentioning"
