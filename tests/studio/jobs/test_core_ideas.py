"""Several ideas of one member: whose turn is next, and how many pictures one set may have."""

from __future__ import annotations

import pytest

from studio.jobs.errors import SetFullError
from studio.jobs.ideas import read_ideas
from studio.jobs.sets import MOST_TOGETHER
from studio.quota.limits import Member
from tests.studio.jobs.test_core_sets import prepared, together
from tests.support.core import ORIGIN, a_world, replace
from tests.support.memory_api import Plan
from tests.support.virtual_time import in_virtual_time

TWELVE = [idea.words for idea in read_ideas("{a, b, c} {d, e} {f, g}")]


@in_virtual_time
async def test_a_single_request_is_next_however_many_ideas_of_somebody_else_wait():
    async with a_world() as world:
        process = await world.start(most=2)
        world.api.plans += [Plan(seconds=30)] * 13
        ideas = await together(world, process, *TWELVE)
        await world.until(lambda: len(world.api.begun) == 1)  # the second place stays free for others
        single = await world.ask(process, user_id=5)
        await world.until(lambda: len(world.api.begun) == 2)
        assert list(world.api.begun)[1] == world.row(single).request.prompt
        await world.settled(single, ideas, within=3600)
        assert len(world.api.begun) == 13


@in_virtual_time
async def test_the_ideas_of_two_members_take_turns():
    async with a_world() as world:
        process = await world.start(most=1)
        world.api.plans += [Plan(seconds=30)] * 12
        await together(world, process, *TWELVE[:4])
        others = [await world.ask(process, user_id=5) for _ in range(2)]
        await world.settled(within=3600)
        prompts = [world.row(job).request.prompt for job in others]
        order = list(world.api.begun)
        assert [order.index(prompt) for prompt in prompts] == [2, 4]  # the first idea ran before anybody else asked


@in_virtual_time
async def test_a_set_has_no_more_pictures_than_two_messages_show():
    async with a_world() as world:
        process = await world.start()
        first, *others = (
            replace(one, request=replace(one.request, group=5)) for one in map(prepared, ["a", "b", "c", "d", "e"])
        )
        assert sum(one.request.max_images for one in (first, *others)) > MOST_TOGETHER
        with pytest.raises(SetFullError):
            await process.service.submit(
                ORIGIN, first, member=Member(user_id=4, server_id=ORIGIN.guild_id), channels=(), together=others
            )
        assert world.store.charges == {}
