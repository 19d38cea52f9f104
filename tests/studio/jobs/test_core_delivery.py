"""What becomes of a job whose result Discord refuses, whose process dies, or whose files are lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from studio.jobs import recovery
from studio.jobs.errors import DeliveryDelayedError, UndeliverableError
from studio.jobs.job import UNDELIVERED_SECONDS
from studio.jobs.message_sync import RETRY_PATIENCE_SECONDS, RETRY_SLOWEST_SECONDS
from studio.jobs.pictures import PictureUnavailable
from studio.jobs.recovery import LATE_SECONDS, ROUND_SECONDS
from studio.jobs.states import JobState, Path, Reason
from tests.support.core import HOUR, a_world
from tests.support.memory_api import Plan
from tests.support.memory_presenter import View
from tests.support.virtual_time import in_virtual_time

DOWN, LOCKED = DeliveryDelayedError("down"), UndeliverableError("locked")


@pytest.fixture
def unhurried(monkeypatch):
    """A process looks for something to do once a minute, so that days cost no time here."""
    monkeypatch.setattr(recovery, "CALLBACKS_SECONDS", 60.0)
    monkeypatch.setattr(recovery, "BEAT_SECONDS", 60.0)
    monkeypatch.setattr(recovery, "LEASE_SECONDS", 300.0)
    monkeypatch.setattr(recovery, "MISSED_SECONDS", 180.0)


# --- Discord is not reachable, or refuses -----------------------------------------------------------------------------


@in_virtual_time
async def test_while_discord_is_down_a_result_is_shown_again_after_growing_pauses():
    async with a_world() as world:
        world.presenter.refusal = DOWN
        job = await world.ask(await world.start())
        await world.until(lambda: len(world.presenter.times) == 6)
        pauses = [after - before for before, after in pairwise(world.presenter.times)]
        assert pauses == pytest.approx([1.0, 5.0, 15.0, 60.0, 60.0], abs=0.01)
        world.presenter.refusal = None
        await world.settled(job, within=RETRY_SLOWEST_SECONDS)
        assert (world.shown(job).state, world.charged(job)) == (JobState.DONE, 1)


@in_virtual_time
async def test_what_discord_is_down_for_too_long_for_is_undelivered_and_delivered_later(unhurried):
    async with a_world() as world:
        world.presenter.refusal = DOWN
        process = await world.start()
        job = await world.ask(process)
        began = world.clock()
        await world.settled(job, within=2 * RETRY_PATIENCE_SECONDS)
        assert 6 * HOUR < world.clock() - began < 6 * HOUR + 180
        assert [one.id for one in await process.service.undelivered(4)] == [job.id]
        world.presenter.refusal = None
        await world.until(lambda: not world.row(job).undelivered, within=14 * HOUR)
        assert world.shown(job).state is JobState.DONE
        assert await process.service.undelivered(4) == []


@in_virtual_time
async def test_what_discord_takes_in_no_way_is_kept_with_its_files_until_the_channel_opens():
    async with a_world() as world:
        process = await world.start()
        world.presenter.refusal = LOCKED
        job = await world.ask(process)
        await world.settled(job)
        await asyncio.sleep(3 * ROUND_SECONDS)
        assert world.row(job).undelivered
        assert list(world.pictures.files) == [job.id]
        world.presenter.refusal = None
        await process.do(process.service.opened(job.origin.channel_id))
        assert not world.row(job).undelivered
        assert world.shown(job) == View(JobState.DONE, (0,), None, 0)
        assert world.pictures.files == {}


@in_virtual_time
async def test_a_member_can_fetch_what_was_not_delivered_and_its_files_go_then():
    async with a_world() as world:
        process = await world.start()
        world.presenter.refusal = LOCKED
        job = await world.ask(process)
        await world.settled(job)
        world.pictures.files.clear()  # another machine
        world.presenter.refusal = None
        await process.do(process.service.hand_over(world.row(job), world.presenter.show))
        assert (world.row(job).undelivered, world.row(job).retry_at) == (False, None)
        assert world.pictures.fetched[job.id, 0] == 2
        assert world.pictures.files == {}


@in_virtual_time
async def test_what_was_not_delivered_and_can_be_had_nowhere_any_more_is_refused_to_its_member(unhurried):
    async with a_world() as world:
        process = await world.start()
        world.presenter.refusal = LOCKED
        job = await world.ask(process)
        await world.settled(job)
        world.pictures.files.clear()
        world.pictures.gone_links.add(world.row(job).images[0].link)
        await asyncio.sleep(25 * HOUR)
        with pytest.raises(PictureUnavailable):
            await process.service.hand_over(world.row(job), world.presenter.show)


@in_virtual_time
async def test_what_was_not_delivered_in_a_week_is_given_up_with_its_files():
    async with a_world() as world:
        process = await world.start()
        world.presenter.refusal = LOCKED
        job = await world.ask(process)
        await world.settled(job)
        world.store.jobs[job.id] = _older(world.row(job), UNDELIVERED_SECONDS)
        await asyncio.sleep(2 * ROUND_SECONDS)
        assert (world.row(job).undelivered, world.row(job).messages) == (False, ())
        assert world.pictures.files == {}
        assert await process.service.undelivered(4) == []


def _older(job, seconds):
    return replace(job, created_at=job.created_at - seconds, finished_at=job.finished_at - seconds, retry_at=0.0)


@in_virtual_time
async def test_where_only_the_token_reaches_the_message_the_member_hears_in_time_that_it_is_late():
    async with a_world() as world:
        process = await world.start()
        world.api.plans.append(Plan(seconds=1500))
        job = await world.ask(process, private=True)
        await world.until(lambda: world.row(job).late, within=900)
        left = job.origin.token_expires - world.clock()
        assert LATE_SECONDS - ROUND_SECONDS - 1 <= left <= LATE_SECONDS
        await world.settled(job)
        assert world.shown(job).state is JobState.DONE


# --- pictures that can't be kept, and links that stand for them -------------------------------------------------------


@in_virtual_time
async def test_a_link_that_stands_for_a_picture_is_renewed_before_it_dies_and_once_only(unhurried):
    async with a_world() as world:
        process = await world.start(Path.POLL)
        world.pictures.refusals.append(PictureUnavailable("The server can't be reached."))
        job = await world.ask(process)
        await world.settled(job)
        first, shown = world.row(job).images[0].link, len(world.presenter.views[job.id])
        world.api.signature = "?v=2"
        await world.until(lambda: world.row(job).images[0].link != first, within=23.1 * HOUR)
        assert world.row(job).images[0].link == f"{first}?v=2"
        await world.settled(job)
        assert len(world.presenter.views[job.id]) == shown + 1
        look_ups = world.api.look_ups
        await world.until(lambda: world.api.look_ups > look_ups, within=23.1 * HOUR)  # the same link again
        await world.settled(job)
        assert world.row(job).retry_at is None


@in_virtual_time
async def test_files_and_links_that_are_lost_are_got_by_the_task():
    async with a_world() as world:
        process = await world.start(Path.POLL)
        world.presenter.refusal = DOWN
        job = await world.ask(process)
        await world.until(lambda: world.row(job).state is JobState.DONE)
        world.pictures.gone_links.add(world.row(job).images[0].link)
        world.pictures.files.clear()
        process.die()
        world.presenter.refusal, world.api.signature = None, "?v=2"
        await world.start(Path.POLL)
        await world.settled(job)
        assert world.row(job).images[0].link.endswith("?v=2")
        assert world.row(job).images[0].attachment


@in_virtual_time
async def test_an_error_while_one_picture_is_kept_ends_neither_its_set_nor_its_link(caplog):
    async with a_world() as world:
        world.pictures.refusals.append(MemoryError("no room"))
        job = await world.ask(await world.start(), group=3)
        await world.settled(job)
        row = world.row(job)
        assert (row.state, row.spent, world.charged(job)) == (JobState.DONE, 3, 3)
        assert [image.picture is not None for image in row.images] == [False, True, True]
        assert row.images[0].link
    assert "picture 1 could not be kept" in caplog.text


@in_virtual_time
async def test_a_picture_that_could_not_be_downloaded_at_first_is_fetched_later_and_takes_its_links_place(unhurried):
    async with a_world() as world:
        gone = PictureUnavailable("The server can't be reached.", again=True)
        world.pictures.refusals.extend([gone, gone, gone])
        job = await world.ask(await world.start(), group=2)
        await world.settled(job)
        assert [image.picture for image in world.row(job).images] == [None, None]
        assert world.charged(job) == 2
        await world.until(lambda: all(image.attachment for image in world.row(job).images), within=HOUR)
        await world.settled(job)
        row = world.row(job)
        assert (row.spent, row.retry_at, [image.failure for image in row.images]) == (2, None, [None, None])
        assert world.pictures.files == {}
        assert sum(world.pictures.fetched.values()) == 5


@in_virtual_time
async def test_a_picture_that_can_not_be_downloaded_is_tried_until_its_link_has_died(unhurried):
    async with a_world() as world:
        world.pictures.refusals.extend([PictureUnavailable("The server can't be reached.", again=True)] * 99)
        job = await world.ask(await world.start())
        await world.settled(job)
        await world.until(lambda: world.row(job).retry_at is None, within=50 * HOUR)
        assert 5 < sum(world.pictures.fetched.values()) < 20
        assert world.row(job).images[0].link


@in_virtual_time
async def test_what_is_no_picture_is_not_downloaded_again(unhurried):
    async with a_world() as world:
        world.pictures.refusals.append(PictureUnavailable("Picture 1 is a web page."))
        job = await world.ask(await world.start())
        await world.settled(job)
        await asyncio.sleep(2 * HOUR)
        assert sum(world.pictures.fetched.values()) == 1


@pytest.mark.parametrize(("path", "known"), [(Path.STREAM, 1), (Path.PLAIN, 3)])
@in_virtual_time
async def test_pictures_whose_links_were_known_when_the_process_died_are_fetched_by_the_next(path, known, unhurried):
    async with a_world() as world:
        world.api.plans.append(Plan(named=False))
        world.pictures.hold = asyncio.Event()
        process = await world.start(path)
        job = await world.ask(process, group=3)
        await world.until(lambda: bool(world.pictures.fetched))
        assert [image.picture for image in world.row(job).images] == [None] * known
        process.die()
        world.pictures.hold = None
        await world.start(path)
        await world.settled(job)
        row = world.row(job)
        assert (row.state, row.failure.reason, row.spent, world.charged(job)) == (
            JobState.DONE,
            Reason.INTERRUPTED,
            known,
            known,
        )
        await world.until(lambda: all(image.attachment for image in world.row(job).images))
        assert len(world.row(job).images) == known


@in_virtual_time
async def test_a_picture_that_is_being_fetched_when_the_time_is_over_comes_later(unhurried):
    async with a_world() as world:
        world.api.plans.append(Plan(named=False))
        world.pictures.hold = asyncio.Event()
        job = await world.ask(await world.start())
        await world.settled(job)
        assert (world.row(job).failure.reason, world.charged(job)) == (Reason.EXPIRED, 1)
        world.pictures.hold.set()
        await world.until(lambda: all(image.attachment for image in world.row(job).images), within=3 * HOUR)


@in_virtual_time
async def test_a_set_on_its_way_counts_what_was_fetched():
    async with a_world() as world:
        world.api.plans.append(Plan(named=False))
        job = await world.ask(await world.start(Path.PLAIN), group=3)
        await world.settled(job)
        assert world.charged(job) == 3
        assert sum(world.pictures.fetched.values()) == 3
