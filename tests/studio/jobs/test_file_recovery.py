"""Files that a job still needs: fetched again one by one, and given up only if nothing is left."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import reduce

import pytest

from seedream import ImageReady, Result, TaskStatus
from seedream.errors import ServiceError
from studio.jobs.advance import advance
from studio.jobs.events import Finished, Started
from studio.jobs.file_recovery import new_links, require, restore
from studio.jobs.links import LINK_SECONDS
from studio.jobs.pictures import PictureUnavailable
from studio.jobs.states import Path
from tests.support.jobs import a_job, an_attachment, arrived, posted
from tests.support.memory import MemoryPictures

LATE = 10.0 + LINK_SECONDS


def done(count=2):
    events = (posted(), Started(Path.POLL, 1.0), *map(arrived, range(count)), Finished(9.0))
    return reduce(advance, events, a_job(group=count))


def files(*, gone=()):
    pictures = MemoryPictures()
    pictures.gone_links = {f"https://files.example/{index}.jpeg" for index in gone}
    return pictures


async def test_lost_files_are_fetched_again_and_those_that_can_not_be_are_named():
    pictures = files(gone={1})
    job = done(3)
    assert await restore(job, pictures) == {1}
    assert set(pictures.files[job.id]) == {0, 2}


async def test_pictures_that_are_on_discord_need_no_file():
    job = done(1)
    job = replace(job, images=(replace(job.images[0], attachment=an_attachment()),))
    assert await restore(job, files(gone={0})) == frozenset()


async def test_a_result_of_which_something_is_left_is_not_gone():
    await require(done(2), files(gone={1}), LATE)
    attached = done(2)
    attached = replace(attached, images=(replace(attached.images[0], attachment=an_attachment()), attached.images[1]))
    await require(attached, files(gone={0, 1}), LATE)


async def test_a_result_is_gone_once_its_files_are_and_its_links_have_died():
    pictures = files(gone={0, 1})
    await require(done(2), pictures, LATE - 60.0)
    with pytest.raises(PictureUnavailable):
        await require(done(2), pictures, LATE)
    without_links = done(1)
    without_links = replace(without_links, images=(replace(without_links.images[0], link=None),))
    with pytest.raises(PictureUnavailable):
        await require(without_links, pictures, 10.0)


class Service:
    def __init__(self, outcome):
        self.outcome = outcome

    async def tasks(self, ids):
        await asyncio.sleep(0)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return {one: TaskStatus(id=one, state="succeeded", result=self.outcome) for one in ids}


@pytest.mark.parametrize(
    ("outcome", "links"),
    [
        (
            Result(images=(ImageReady(0, "https://files.example/new"), ImageReady(1, None, b"bytes"))),
            {0: "https://files.example/new"},
        ),
        (None, {}),
        (ServiceError(500), {}),
    ],
    ids=["links", "no result", "out of order"],
)
async def test_links_are_looked_up_again_by_the_task(outcome, links):
    assert await new_links(replace(done(2), task_id="task-1"), Service(outcome)) == links


async def test_without_a_task_there_is_nothing_to_look_up():
    assert await new_links(done(2), None) == {}
