"""How a job's reference pictures are sent: as links, as base64, or as they were read in advance."""

from __future__ import annotations

import asyncio

import pytest

from studio.jobs.job import Path, Reason
from tests.support.core import a_world
from tests.support.memory import data_url
from tests.support.memory_api import Plan
from tests.support.virtual_time import in_virtual_time

FOX, OWL = "https://cdn.example/fox.png", "https://cdn.example/owl.png"


@pytest.mark.parametrize("inline", [False, True])
@in_virtual_time
async def test_reference_pictures_are_sent_as_links_or_where_the_service_takes_none_as_base64(inline):
    async with a_world() as world:
        job = await world.ask(await world.start(inline=inline), images=(FOX, OWL))
        await world.settled(job)
        sent = (data_url(FOX), data_url(OWL)) if inline else (FOX, OWL)
        assert [request.images for request in world.api.requests] == [sent]
        assert job.request.images == (FOX, OWL)


@in_virtual_time
async def test_a_picture_that_was_read_in_advance_is_sent_as_it_was_though_its_link_is_dead():
    async with a_world() as world:
        process = await world.start()
        world.pictures.gone_links.add(OWL)
        job = await world.submit(process, images=(FOX, OWL))
        world.pictures.kept[job.id] = frozenset({1})
        await world.post(process, job)
        await world.settled(job)
        assert [request.images for request in world.api.requests] == [(FOX, data_url(str((job.id, 1))))]


@in_virtual_time
async def test_a_picture_that_is_gone_ends_the_job_and_says_what_to_do():
    async with a_world() as world:
        process = await world.start()
        world.pictures.gone_links.add(OWL)
        job = await world.ask(process, images=(FOX, OWL))
        await world.settled(job)
        failure = world.row(job).failure
        assert (failure.reason, failure.detail.startswith("A reference picture is no longer on Discord.")) == (
            Reason.REFERENCE,
            True,
        )
        assert (world.api.requests, world.charged(job), process.metrics.errors) == ([], 0, [])


@in_virtual_time
async def test_reading_pictures_in_advance_ends_with_the_process():
    async with a_world() as world:
        process = await world.start(Path.STREAM, most=1)
        reading, ended = asyncio.Event(), []

        async def keep(job_id, _index, _url):
            reading.set()
            try:
                await asyncio.sleep(10_000)
            finally:
                ended.append(job_id)

        world.pictures.keep_reference = keep
        world.api.plans.append(Plan(seconds=100))
        await world.ask(process, user_id=1)
        dying = f"{FOX}?ex={int(world.clock()) + 600:x}&is=1&hm=1"
        job = await world.ask(process, user_id=2, images=(dying,))
        await reading.wait()
        await process.do(process.service.close(grace=1))
        assert ended == [job.id]
