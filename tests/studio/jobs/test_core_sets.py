"""Sets: a message that also shows what other jobs, its children, make."""

from __future__ import annotations

import asyncio
import logging

import pytest

from seedream import ImageRequest
from seedream.errors import ContentRefused
from studio.jobs.errors import AlreadySentError, JobNotFoundError, NotYoursError, SetFullError, VersionGoneError
from studio.jobs.images import Child, JobImage, SetSlot
from studio.jobs.job import PreparedRequest
from studio.jobs.sets import MOST_INDEXES, images_for_set
from studio.jobs.states import JobState, Path
from studio.quota.limits import Member
from tests.studio.jobs.test_core_cancellation import at_call
from tests.support.core import HOUR, ORIGIN, a_world, replace
from tests.support.jobs import a_job, a_picture
from tests.support.memory_api import Plan
from tests.support.virtual_time import in_virtual_time

MEMBER = Member(user_id=4, server_id=ORIGIN.guild_id)


@pytest.fixture(autouse=True)
def _quiet():
    """Every death interrupts something on purpose."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def prepared(words, **request):
    return PreparedRequest(request=ImageRequest(**{"prompt": words, "size": "2K"} | request), label=words)


async def together(world, process, *words):
    """Accept several requests as one, post their message, and return the set."""
    first, *others = map(prepared, words)
    origin = replace(ORIGIN, token_expires=world.clock() + 900)
    channels = (ORIGIN.channel_id,)
    job = await process.do(process.service.submit(origin, first, member=MEMBER, channels=channels, together=others))
    if job is not None:
        await world.post(process, job)
    return job


async def add(process, job, slot=None, *, user_id=4, words="again", **request):
    origin, place = replace(ORIGIN, user_id=user_id), SetSlot(set_id=job.id, slot=slot)
    member = Member(user_id=user_id, server_id=ORIGIN.guild_id)
    channels = (ORIGIN.channel_id,)
    submitting = process.service.submit_child(
        origin, prepared(words, **request), place, member=member, channels=channels
    )
    return await process.do(submitting)


def slots(world, job):
    """By slot, the job that made the picture which is shown there: the set's own are below index 20."""
    row = world.row(job)
    maker = {child.base + number: child.job_id for child in row.children for number in range(child.count)}
    return {image.shown_slot: maker.get(image.index, row.id) for image in row.current if image.picture}


@in_virtual_time
async def test_a_redone_picture_takes_its_slot_and_the_old_version_comes_back():
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process, group=4)
        await world.settled(job)
        child = await add(process, job, 2)
        await world.settled(job, child)

        assert slots(world, job) == {0: job.id, 1: job.id, 2: child.id, 3: job.id}
        assert world.shown(job).images == (0, 1, 20, 3)
        assert (world.charged(job), world.charged(child)) == (4, 1)

        back = await process.do(process.service.choose(job.id, 2, by=4))
        assert back.settled
        assert world.shown(job).images == (0, 1, 2, 3)
        assert len(back.versions(2)) == 2


@in_virtual_time
async def test_versions_stay_after_a_restart_and_the_newest_is_shown_after_another_redo():
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process, group=4)
        await world.settled(job)
        first = await add(process, job, 2)
        await world.settled(job, first)
        process.die()
        process = await world.start()
        await process.do(process.service.choose(job.id, 2, by=4))
        assert slots(world, job)[2] == job.id
        second = await add(process, job, 2)
        await world.settled(job, second)
        assert slots(world, job)[2] == second.id
        assert [image.index for image in world.row(job).versions(2)] == [2, 20, 21]


@in_virtual_time
async def test_files_of_older_versions_are_kept_for_a_week():
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process, group=2)
        await world.settled(job)
        assert job.id not in world.pictures.files
        child = await add(process, job, 1)
        await world.settled(job, child)
        kept = [image.picture for image in world.row(job).versions(1)]
        assert all([await world.pictures.holds(picture) for picture in kept])
        assert child.id not in world.pictures.files

        until = world.row(job).kept_until
        assert until - world.clock() > 7 * 24 * HOUR - 60
        ended = {"undelivered_since": until}
        assert await world.store.without_need({job.id, child.id}, kept_until=until, **ended) == {child.id}
        assert await world.store.without_need({job.id}, kept_until=until + 1, **ended) == {job.id}


@in_virtual_time
async def test_older_versions_go_before_a_full_spool_refuses_new_results():
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process, group=2)
        await world.settled(job)
        await world.settled(job, await add(process, job, 1))
        world.pictures.full = 0.5
        await asyncio.sleep(HOUR)
        assert job.id in world.pictures.files
        world.pictures.full = 1.0
        await world.until(lambda: job.id not in world.pictures.files)
        world.pictures.gone_links.update(image.link for image in world.row(job).images)
        with pytest.raises(VersionGoneError):
            await process.do(process.service.choose(job.id, 1, by=4))


@in_virtual_time
async def test_a_set_grows_by_further_pictures_up_to_one_message():
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process, group=4)
        await world.settled(job)
        more = await add(process, job, group=4)
        await world.settled(job, more)
        assert [maker == more.id for maker in slots(world, job).values()] == [False] * 4 + [True] * 4
        with pytest.raises(SetFullError):
            await add(process, job, group=3)
        await add(process, job, group=2)
        await world.settled()
        assert len(slots(world, job)) == 10


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.FAILED])
def test_a_picture_that_is_still_being_fetched_is_not_shown_as_missing(state):
    """Its link is known before its file; a job that has ended fetches nothing more."""
    ready = JobImage(index=0, link="https://files.example/0.jpeg", picture=a_picture())
    awaited = JobImage(index=1, link="https://files.example/1.jpeg", fetch_again=True)
    child = replace(a_job(group=2), state=state, images=(ready, awaited))
    shown = images_for_set(child, Child(job_id=child.id, slot=4, base=20, count=2))
    assert [image.index for image in shown] == ([20] if state is JobState.RUNNING else [20, 21])


@in_virtual_time
async def test_a_refused_child_costs_nothing_and_the_set_says_why():
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process, group=4)
        await world.settled(job)
        world.api.plans.append(Plan(refused=ContentRefused(400, "content_policy", "no")))
        child = await add(process, job, 2)
        await world.settled(job, child)
        assert slots(world, job)[2] == job.id
        noted = world.row(job).children[0]
        assert (noted.state, noted.failure.reason, world.charged(child)) == (JobState.FAILED, "content_refused", 0)


@in_virtual_time
async def test_only_the_member_of_a_set_changes_it():
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process, group=2)
        await world.settled(job)
        with pytest.raises(NotYoursError):
            await add(process, job, 1, user_id=5)
        assert len(world.store.charges) == 1


FULL = (Child(job_id="other", slot=1, base=MOST_INDEXES - 1, count=1, state=JobState.DONE),)


@pytest.mark.parametrize(
    ("changes", "refusal"), [({"deleted_at": 1.0}, JobNotFoundError), ({"children": FULL}, SetFullError)]
)
@in_virtual_time
async def test_nothing_is_made_for_a_set_that_is_deleted_or_full_by_the_time_a_redo_is_accepted(changes, refusal):
    async with a_world() as world:
        process = await world.start()
        job = await world.ask(process, group=2)
        await world.settled(job)
        insert = world.store.insert

        async def changed_meanwhile(*accepted):
            inserted = await insert(*accepted)
            world.change(process, job, **changes)
            return inserted

        world.store.insert = changed_meanwhile
        with pytest.raises(refusal):
            await add(process, job, 1)
        await world.settled()
        assert world.api.begun["again"] == 0
        assert sum(charge.images for charge in world.store.charges.values()) == 2


@in_virtual_time
async def test_several_requests_are_shown_in_one_message_and_charged_one_by_one():
    async with a_world() as world:
        process = await world.start(most=2)
        job = await together(world, process, "red", "green", "blue")
        await world.settled()
        row = world.row(job)
        assert list(slots(world, job).values()) == [job.id, *(child.job_id for child in row.children)]
        assert [child.label for child in row.children] == ["green", "blue"]
        assert sorted(world.api.begun) == ["blue", "green", "red"]
        assert row.cost == 3
        assert [charge.images for charge in world.store.charges.values()] == [1, 1, 1]
        assert len(world.presenter.messages) == 1


@in_virtual_time
async def test_cancelling_several_requests_refunds_those_that_were_not_sent():
    async with a_world() as world:
        process = await world.start(most=1)
        job = await together(world, process, "red", "green", "blue")
        await world.until(lambda: world.row(job).state is JobState.RUNNING)
        with pytest.raises(AlreadySentError):
            await process.do(process.service.cancel(job.id, by=4, may_manage=False))
        await world.settled()
        assert sorted(world.api.begun) == ["red"]
        assert sum(charge.images for charge in world.store.charges.values()) == 1


@in_virtual_time
async def test_deleting_a_set_deletes_its_children():
    async with a_world() as world:
        process = await world.start(most=1)
        job = await together(world, process, "red", "green")
        await world.until(lambda: world.row(job).state is JobState.RUNNING)
        await process.do(process.service.delete(world.row(job)))
        await world.settled()
        assert sorted(world.api.begun) == ["red"]


@in_virtual_time
@pytest.mark.parametrize("path", [Path.STREAM, Path.POLL, Path.CALLBACK])
async def test_a_process_may_die_at_any_call_of_a_redo(path):
    """Nothing is lost or paid for twice, wherever the process dies."""
    number = 0
    while True:
        number += 1
        async with a_world() as world:
            process = await world.start(path)
            job = await world.ask(process, group=2)
            await carry(world, process)
            await world.settled(job)
            calls = at_call(process, number, process.die)
            child = await add(process, job, 1)
            reached = await dies_or_settles(world, process)
            if process.alive:
                assert calls[0] < number or reached
                break
            process = await world.start(path)
            await carry(world, process)
            await world.settled(within=3 * HOUR)
            judge(world, job, child)


@in_virtual_time
async def test_a_process_may_die_at_any_call_of_several_requests():
    number = 0
    while True:
        number += 1
        async with a_world() as world:
            process = await world.start(Path.POLL, most=2)
            at_call(process, number, process.die)
            job = await together(world, process, "red", "green", "blue")
            await dies_or_settles(world, process)
            if process.alive:
                break
            await world.start(Path.POLL, most=2)
            await world.settled(within=3 * HOUR)
            assert all(count == 1 for count in world.api.begun.values())
            charged = sum(charge.images for charge in world.store.charges.values())
            assert charged <= sum(world.api.made.values())
            if job is not None and world.row(job).messages:
                assert len(slots(world, job)) == charged


async def carry(world, process):
    await world.carry_callbacks(process)


async def dies_or_settles(world, process):
    def over():
        return not process.alive or all(job.settled for job in world.jobs)

    if process.alive and world.api.posts:
        await world.carry_callbacks(process)
    await world.until(over, within=3 * HOUR)
    return all(job.settled for job in world.jobs)


def judge(world, job, child):
    assert all(count == 1 for count in world.api.begun.values())
    children = [one for one in world.jobs if one.set_slot]
    assert len(children) <= 1
    for one in children:
        assert world.charged(one) <= world.api.made[one.request.prompt]
        if one.state is JobState.DONE:
            assert slots(world, job)[1] == one.id
            assert world.row(job).shown_version == world.row(job).version
    if child is not None:
        assert children
