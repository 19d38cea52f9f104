"""Until when a link works, and when a job's links are looked up again."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest

from studio.jobs.advance import advance
from studio.jobs.events import Finished, ImageMissed, Shown, Started, Submitted
from studio.jobs.links import LINK_SECONDS, RENEWAL_SHARE, dies_at, image_link_dies_at, renews_at
from studio.jobs.states import Failure, Path, Reason
from tests.support.jobs import MESSAGE, a_job, an_attachment, arrived, posted

LINK = "https://files.example/a.png"
MISSED = ImageMissed(0, Failure(reason=Reason.PICTURE), LINK)


def done(*events, task="task-1"):
    steps = (posted(), Started(Path.POLL, 50.0), Submitted(task, None), *events, Finished(90.0))
    return reduce(advance, steps, a_job(group=2))


@pytest.mark.parametrize(
    ("query", "ends"),
    [
        ("ex=65a0c8f0&is=1&hm=2", 0x65A0C8F0),
        ("X-Tos-Algorithm=TOS4&X-Tos-Date=20260102T030405Z&X-Tos-Expires=86400", 1767409445.0),
        ("X-Amz-Date=20260102T030405Z&X-Amz-Expires=60", 1767323105.0),
        ("", None),
        ("ex=no", None),
        ("ex=", None),
        ("X-Tos-Date=yesterday&X-Tos-Expires=86400", None),
        ("X-Tos-Date=20260102T030405Z&X-Tos-Expires=long", None),
        ("X-Tos-Date=20260102T030405Z", None),
    ],
)
def test_a_signed_link_says_until_when_it_works(query, ends):
    assert dies_at(f"{LINK}?{query}") == ends


def test_a_link_that_does_not_say_so_surely_works_for_a_day_from_the_start():
    job = done(MISSED)
    assert image_link_dies_at(job, job.images[0]) == 50.0 + LINK_SECONDS
    signed = replace(job.images[0], link=f"{LINK}?X-Amz-Date=20260102T030405Z&X-Amz-Expires=60")
    assert image_link_dies_at(job, signed) == 1767323105.0
    assert image_link_dies_at(job, replace(job.images[0], renewed_at=500.0)) == 500.0 + LINK_SECONDS


def test_links_that_stand_for_pictures_are_renewed_before_they_die():
    assert renews_at(done(MISSED)) == 50.0 + LINK_SECONDS * RENEWAL_SHARE
    assert renews_at(done(arrived(0))) == 50.0 + LINK_SECONDS * RENEWAL_SHARE


def test_where_no_picture_depends_on_a_link_none_is_renewed():
    job = done(arrived(0), arrived(1))
    shown = advance(job, Shown(job.version, (MESSAGE,), {0: an_attachment(0), 1: an_attachment(1)}))
    assert renews_at(shown) is None
    assert renews_at(done(MISSED, task=None)) is None
    assert renews_at(replace(done(MISSED), images=())) is None


def test_a_link_that_lives_for_an_hour_is_renewed_within_it():
    job = done(MISSED)
    short = replace(job.images[0], link=f"{LINK}?X-Amz-Date=19700101T000100Z&X-Amz-Expires=3600")  # second 60
    assert renews_at(replace(job, images=(short,))) == 50.0 + (3660.0 - 50.0) * RENEWAL_SHARE
