"""How a job's messages follow its row: one edit at a time, what comes meanwhile is folded, nothing is left behind."""

from __future__ import annotations

import asyncio

import pytest

from studio.jobs.errors import DeliveryDelayedError, UndeliverableError
from studio.jobs.recovery import ROUND_SECONDS
from studio.jobs.states import JobState, Path
from tests.support.core import a_world
from tests.support.memory_api import Plan
from tests.support.virtual_time import in_virtual_time


@pytest.mark.parametrize(("tail", "edits"), [(0.0, 1), (0.4, 1), (0.6, 2), (3.0, 2)])
@in_virtual_time
async def test_the_last_picture_waits_half_a_second_for_the_service_s_word_that_it_was_the_last(tail, edits):
    async with a_world() as world:
        process = await world.start(Path.STREAM)
        world.api.plans.append(Plan(seconds=10, tail=tail))
        began = world.clock()
        job = await world.ask(process)
        await world.settled(job)
        assert len(world.presenter.views[job.id]) == edits
        assert world.presenter.times[0] - began == pytest.approx(10 + min(tail, 0.5), abs=0.01)


@in_virtual_time
async def test_a_picture_that_is_not_the_last_is_shown_at_once():
    async with a_world() as world:
        began = world.clock()
        job = await world.ask(await world.start(Path.STREAM), group=2)
        await world.settled(job)
        assert world.presenter.times[0] - began == pytest.approx(5.0, abs=0.01)


@in_virtual_time
async def test_while_an_edit_is_in_flight_what_comes_is_folded_into_the_next():
    async with a_world() as world:
        world.presenter.hold = asyncio.Event()
        job = await world.ask(await world.start(Path.STREAM), group=4)
        await asyncio.sleep(8)  # two pictures later
        assert world.presenter.tries == 1
        world.presenter.hold.set()
        await world.settled(job)
        assert [view.images for view in world.presenter.views[job.id]] == [(0,), (0, 1, 2), (0, 1, 2, 3)]


@in_virtual_time
async def test_a_bug_in_showing_costs_a_line_in_the_log_and_the_next_round_shows_again(caplog):
    async with a_world() as world:
        world.presenter.refusal = RuntimeError("a bug")
        job = await world.ask(await world.start())
        await asyncio.sleep(12)
        assert f"job {job.id}" in caplog.text
        world.presenter.refusal = None
        await world.settled(job, within=ROUND_SECONDS)
        assert world.shown(job).state is JobState.DONE


@in_virtual_time
async def test_a_result_that_is_deleted_while_discord_is_down_is_not_shown_later():
    async with a_world() as world:
        process = await world.start(Path.STREAM)
        world.presenter.refusal = DeliveryDelayedError("down")
        job = await world.ask(process, group=3)
        await world.until(lambda: world.presenter.tries == 1)
        await process.do(process.service.delete(world.row(job)))
        world.presenter.refusal = None
        await world.settled(job)
        assert (world.presenter.tries, world.charged(job)) == (1, 3)


@in_virtual_time
async def test_after_a_success_the_pauses_begin_anew():
    async with a_world() as world:
        world.presenter.refusal = DeliveryDelayedError("down")
        world.api.plans.append(Plan(seconds=60))
        job = await world.ask(await world.start(Path.STREAM), group=2)  # a picture after 30 s, another after 60
        await world.until(lambda: len(world.presenter.times) == 3)
        world.presenter.refusal = None
        await world.until(lambda: world.row(job).shown_version == world.row(job).version)
        world.presenter.refusal, tries = DeliveryDelayedError("down"), len(world.presenter.times)
        await world.until(lambda: len(world.presenter.times) == tries + 2)
        assert world.presenter.times[-1] - world.presenter.times[-2] == pytest.approx(1.0, abs=0.01)


@in_virtual_time
async def test_messages_that_a_show_replaces_are_tidied_at_once():
    async with a_world() as world:
        world.presenter.reposts = True
        job = await world.ask(await world.start())
        first = world.row(job).messages[0].id
        await world.settled(job)
        assert (world.row(job).replaced, world.row(job).retry_at) == ((), None)
        assert first not in world.presenter.messages


@in_virtual_time
async def test_messages_that_cannot_be_tidied_yet_are_tidied_when_they_are_due():
    async with a_world() as world:
        world.presenter.reposts = True
        job = await world.ask(await world.start())
        first = world.row(job).messages[0].id
        world.presenter.untidy = frozenset({first})
        await world.until(lambda: world.row(job).settled)
        assert [message.id for message in world.row(job).replaced] == [first]
        world.presenter.untidy = frozenset()
        due = world.row(job).retry_at
        await world.until(lambda: world.row(job).retry_at is None)
        assert due <= world.clock() <= due + ROUND_SECONDS + 1
        assert first not in world.presenter.messages


@in_virtual_time
async def test_shutting_down_breaks_off_an_edit_that_hangs_and_another_process_makes_it():
    async with a_world() as world:
        process = await world.start()
        world.presenter.hold = asyncio.Event()
        job = await world.ask(process, user_id=1)
        await asyncio.sleep(12)
        world.api.plans.append(Plan(seconds=1000))
        await world.ask(process, user_id=2)
        await asyncio.sleep(1)
        await process.do(process.service.close(grace=5))
        assert not any(task.get_name().startswith("sync-") for task in asyncio.all_tasks())
        world.presenter.hold = None
        await world.start()
        await world.settled(job)
        assert world.shown(job).state is JobState.DONE


@in_virtual_time
async def test_a_result_that_is_refused_while_more_comes_is_tried_again_with_the_next_picture():
    async with a_world() as world:
        world.presenter.refusal = UndeliverableError("locked")
        job = await world.ask(await world.start(Path.STREAM), group=2)
        await asyncio.sleep(6)
        assert (world.row(job).undelivered, world.row(job).retry_at) == (True, None)
        world.presenter.refusal = None
        await world.settled(job)
        assert (world.row(job).undelivered, world.shown(job).images) == (False, (0, 1))


@in_virtual_time
async def test_a_process_forgets_what_it_has_changed_of_another_s_job():
    async with a_world() as world:
        first, second = await world.start(), await world.start()
        job = await world.ask(first)
        await asyncio.sleep(2)
        await second.do(second.service.delete(world.row(job)))
        assert (len(second.service._rows), len(first.service._rows)) == (0, 1)
