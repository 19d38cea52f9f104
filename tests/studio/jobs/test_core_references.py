"""How a job's reference pictures are sent: as links, as base64, or as they were prepared."""

from __future__ import annotations

import pytest

from studio.jobs.states import Reason
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
async def test_a_picture_that_had_to_change_is_never_sent_as_a_link():
    async with a_world() as world:
        world.pictures.converted.add(OWL)
        job = await world.ask(await world.start(), images=(FOX, OWL))
        await world.settled(job)
        assert [request.images for request in world.api.requests] == [(FOX, data_url(OWL))]


@in_virtual_time
async def test_a_picture_whose_link_dies_in_the_queue_is_sent_as_it_was():
    async with a_world() as world:
        process = await world.start(most=1)
        world.api.plans.append(Plan(seconds=100))
        await world.ask(process, user_id=1)
        job = await world.ask(process, user_id=2, images=(FOX, OWL))
        await world.until(lambda: len(world.pictures.prepared.get(job.id, ())) == 2)
        world.pictures.gone_links.add(OWL)
        await world.settled(job)
        assert world.api.requests[-1].images == (FOX, data_url(OWL))


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
