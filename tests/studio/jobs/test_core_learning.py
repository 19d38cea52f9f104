"""What a job teaches: how long pictures take, which paths work, that the service refuses everybody or is too busy."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from seedream.errors import ApiError, AuthenticationFailed, ConnectionNotMade, ModelRefused, RateLimited
from studio.jobs.errors import ModelUnavailableError, OutOfServiceError
from studio.jobs.states import JobState, Path, Reason
from tests.support.core import a_world
from tests.support.jobs import a_job
from tests.support.memory_api import Plan
from tests.support.virtual_time import in_virtual_time

MODEL = a_job().request.model
AT_ONCE = [Path.STREAM, Path.PLAIN]


@pytest.mark.parametrize("path", [*AT_ONCE, Path.CALLBACK])
@in_virtual_time
async def test_how_long_a_single_picture_took_is_remembered(path):
    async with a_world() as world:
        process = await world.start(path)
        job = await world.ask(process)
        await asyncio.sleep(1)
        await world.carry_callbacks(process)
        await world.settled(job)
        assert process.service.memory.usual_seconds(MODEL) == pytest.approx(10.0, abs=0.01)


@pytest.mark.parametrize("path", AT_ONCE)
@pytest.mark.parametrize("made", [0, 2])
@in_virtual_time
async def test_of_no_picture_and_of_several_no_time_is_remembered(path, made):
    async with a_world() as world:
        process = await world.start(path)
        world.api.plans.append(Plan(made=made))
        job = await world.ask(process, group=2 if made else None)
        await world.settled(job)
        assert (world.row(job).state, world.charged(job)) == (JobState.DONE if made else JobState.FAILED, made)
        assert process.service.memory.usual_seconds(MODEL) is None


@in_virtual_time
async def test_a_request_that_ends_well_without_a_picture_fails_as_empty():
    async with a_world() as world:
        world.api.plans.append(Plan(made=0))
        job = await world.ask(await world.start(Path.PLAIN))
        await world.settled(job)
        assert world.shown(job).reason is Reason.EMPTY


@in_virtual_time
async def test_a_stream_that_breaks_after_its_only_picture_is_looked_up_and_its_time_remembered():
    async with a_world() as world:
        process = await world.start(Path.STREAM)
        world.api.plans.append(Plan(lost=True))
        job = await world.ask(process)
        await world.settled(job)
        assert (world.row(job).failure, world.charged(job)) == (None, 1)
        assert process.service.memory.usual_seconds(MODEL) == pytest.approx(10.0, abs=1.0)


@in_virtual_time
async def test_a_gateway_s_error_that_names_the_task_has_it_looked_up():
    async with a_world() as world:
        world.api.plans.append(Plan(gateway=True))
        job = await world.ask(await world.start(Path.PLAIN))
        await world.settled(job)
        assert (world.shown(job).state, world.charged(job), world.row(job).task_id) == (JobState.DONE, 1, "task-1")
        assert world.api.begun[job.request.prompt] == 1


@pytest.mark.parametrize("path", list(Path))
@in_virtual_time
async def test_by_each_path_the_row_names_the_task_and_the_trace(path):
    async with a_world() as world:
        process = await world.start(path)
        job = await world.ask(process)
        await asyncio.sleep(1)
        await world.carry_callbacks(process)
        await world.settled(job)
        assert (world.row(job).task_id, world.row(job).trace_id) == ("task-1", "trace")


@in_virtual_time
async def test_tasks_that_can_be_looked_up_are_remembered_to_work():
    async with a_world() as world:
        process = await world.start(Path.POLL)
        job = await world.ask(process)
        await world.settled(job)
        assert process.service.memory.profile.works(Path.POLL, world.clock()) is True


@pytest.mark.parametrize("code", ["api_not_implemented", "no_api"])
@pytest.mark.parametrize("path", [Path.POLL, Path.CALLBACK])
@in_virtual_time
async def test_where_tasks_are_not_offered_the_same_request_is_answered_at_once(path, code):
    async with a_world() as world:
        process = await world.start(path)
        world.api.plans.append(Plan(refused=ApiError(404, code)))
        job = await world.ask(process)
        await world.settled(job)
        assert (world.shown(job).state, world.charged(job)) == (JobState.DONE, 1)
        assert process.service.memory.profile.works(path, world.clock()) is False
        assert (world.api.requests[-1].run_async, world.api.requests[-1].callback_url) == (False, None)
        assert process.service.memory.usual_seconds(MODEL) == pytest.approx(10.0, abs=0.01)


@in_virtual_time
async def test_tasks_that_nobody_knows_are_remembered_not_to_work_and_end_the_job():
    async with a_world() as world:
        process = await world.start(Path.POLL)
        job = await world.ask(process)
        await asyncio.sleep(1)
        world.api.tasks_known.clear()
        await world.settled(job)
        assert world.shown(job).reason is Reason.LOST
        assert process.service.memory.profile.works(Path.POLL, world.clock()) is False


@in_virtual_time
async def test_a_task_with_a_callback_that_certainly_did_not_start_is_sent_again():
    async with a_world() as world:
        process = await world.start(Path.CALLBACK)
        world.api.plans.append(Plan(refused=ConnectionNotMade()))
        job = await world.ask(process)
        await world.until(lambda: len(world.api.requests) == 2, within=5)
        await world.carry_callbacks(process)
        await world.settled(job)
        assert world.charged(job) == 1


@in_virtual_time
async def test_the_usual_time_is_counted_from_when_the_request_was_sent_also_after_a_crash():
    async with a_world() as world:
        first = await world.start(Path.POLL)
        first.service.memory.learn_run(MODEL, 100.0)
        await first.service.memory.refresh()
        world.api.plans.append(Plan(seconds=90))
        job = await world.ask(first)
        await asyncio.sleep(3)
        first.die()
        sent_at = world.row(job).started_at
        await asyncio.sleep(30)
        await world.start(Path.POLL)
        await world.until(lambda: world.api.look_ups > 0)
        assert world.clock() - sent_at == pytest.approx(100.0, abs=1.0)
        await world.settled(job)
        assert world.charged(job) == 1


# --- the service refuses everybody ------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_key_that_is_not_taken_stops_everybody_and_the_operator_hears_of_it():
    async with a_world() as world:
        process = await world.start()
        world.api.plans.append(Plan(refused=AuthenticationFailed(401, "invalid_token")))
        job = await world.ask(process)
        await world.until(lambda: world.row(job).state.final)
        assert world.row(job).failure.reason is Reason.BAD_KEY
        with pytest.raises(OutOfServiceError):
            await world.submit(process)
        await asyncio.sleep(0.1)
        assert world.alerts.reasons == [Reason.BAD_KEY]


@in_virtual_time
async def test_what_waits_while_the_service_refuses_everybody_is_not_sent():
    async with a_world() as world:
        process = await world.start(most=1)
        world.api.plans.append(Plan(seconds=5, refused=None))
        world.api.plans.append(Plan(refused=AuthenticationFailed(401, "invalid_token")))
        jobs = [await world.ask(process, user_id=user) for user in (1, 2, 3)]
        await world.until(lambda: all(world.row(job).state.final for job in jobs), within=60)
        assert [world.row(job).failure and world.row(job).failure.reason for job in jobs] == [
            None,
            Reason.BAD_KEY,
            Reason.BAD_KEY,
        ]
        assert len(world.api.requests) == 2


@in_virtual_time
async def test_a_model_that_is_not_offered_is_refused_before_anything_is_written():
    async with a_world() as world:
        process = await world.start()
        others = ("doubao-seedream-4-5-251128",)
        refused = ModelRefused(400, "bad_request", "model must be one of ...", listed=others, complete=True)
        process.service.memory._wire_ids.refuse(a_job().request.capabilities.wire_ids[0], refused)
        with pytest.raises(ModelUnavailableError):
            await world.submit(process)
        assert world.store.jobs == {}


@in_virtual_time
async def test_a_key_that_is_taken_again_is_found_out_by_a_heartbeat_at_no_cost():
    async with a_world() as world:
        process = await world.start()
        world.api.plans.append(Plan(refused=AuthenticationFailed(401, "invalid_token")))
        await world.settled(await world.ask(process))
        await asyncio.sleep(10)
        job = await world.ask(process)
        await world.settled(job)
        assert (world.charged(job), len(world.api.requests)) == (1, 2)


# --- the service is too busy ------------------------------------------------------------------------------------------


def requested(world):
    """Note when each request is sent."""
    times, begin = [], world.api._begin

    def noted(request):
        times.append(world.clock())
        return begin(request)

    world.api._begin = noted
    return times


@in_virtual_time
async def test_while_rate_limits_follow_each_other_the_pauses_double_up_to_a_minute():
    async with a_world() as world:
        times = requested(world)
        world.api.plans.extend([Plan(refused=RateLimited())] * 9)
        job = await world.ask(await world.start())
        await world.settled(job)
        pauses = [after - before for before, after in pairwise(times)]
        for n, pause in enumerate(pauses):
            longest = min(2.0**n, 60.0)
            assert longest / 2 - 0.1 <= pause <= longest + 0.1
        assert world.charged(job) == 1


@in_virtual_time
async def test_once_a_request_has_got_through_the_pauses_begin_anew():
    async with a_world() as world:
        process = await world.start()
        world.api.plans.extend([Plan(refused=RateLimited())] * 5)
        await world.settled(await world.ask(process))
        times = requested(world)
        world.api.plans.append(Plan(refused=RateLimited()))
        await world.settled(await world.ask(process))
        assert times[1] - times[0] <= 1.1


@in_virtual_time
async def test_rate_limits_of_requests_that_were_sent_together_count_once():
    async with a_world() as world:
        process = await world.start(most=4)
        times = requested(world)
        world.api.plans.extend([Plan(refused=RateLimited())] * 4)
        for user in range(4):
            await world.ask(process, user_id=user)
        await world.until(lambda: len(times) == 5)
        assert times[4] - times[3] <= 1.1


@in_virtual_time
async def test_a_rate_limit_that_answers_a_request_from_before_the_last_one_says_nothing_new():
    async with a_world() as world:
        process, answers = await world.start(Path.POLL, most=3), iter([0.1, 0.2, 0.3])
        times, submit = requested(world), world.api.submit

        async def slowly(request):
            await asyncio.sleep(next(answers, 0.0))
            return await submit(request)

        world.api.submit = slowly
        world.api.plans.extend([Plan(refused=RateLimited())] * 3)
        for user in range(3):
            await world.ask(process, user_id=user)
        await world.until(lambda: len(times) >= 4)
        assert times[3] - times[2] <= 1.1


@in_virtual_time
async def test_a_request_from_before_the_rate_limits_that_gets_through_does_not_shorten_the_pauses():
    async with a_world() as world:
        process, times = await world.start(Path.PLAIN), requested(world)
        world.api.plans.append(Plan(seconds=2))  # after the second rate limit, before the fourth
        world.api.plans.extend([Plan(refused=RateLimited())] * 4)
        for user in (1, 2):
            await world.ask(process, user_id=user)
        await world.settled()
        assert times[5] - times[4] >= 3.9


@in_virtual_time
async def test_a_rate_limit_that_other_processes_cannot_be_told_still_pauses_this_one(caplog):
    async with a_world() as world:
        process, times = await world.start(), requested(world)

        async def away(_name, _seconds):
            raise OSError("the database is away")

        process.service._workers._leases._port.extend = away
        world.api.plans.append(Plan(refused=RateLimited(retry_after=7)))
        await world.settled(await world.ask(process))
        assert "other processes could not be paused" in caplog.text
        assert times[1] - times[0] == pytest.approx(7.0, abs=0.1)


@in_virtual_time
async def test_a_rate_limit_never_uses_up_a_job_s_tries():
    async with a_world() as world:
        world.api.plans.extend([Plan(refused=RateLimited(retry_after=1))] * 20)
        world.api.plans.extend([Plan(refused=ConnectionNotMade())] * 2)
        job = await world.ask(await world.start())
        await world.settled(job)
        assert (world.charged(job), len(world.api.requests)) == (1, 23)
