"""What a result says of pictures that can't be attached, and what was charged for those that are missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.delivery.job_message import render
from cogs.delivery.message_state import is_kept_only
from cogs.delivery.render_options import RenderOptions
from cogs.results.details import render_details
from studio.jobs.events import Broke, Finished, ImageMissed
from studio.jobs.links import LINK_SECONDS
from studio.jobs.messages import MessageForm, Shape
from studio.jobs.states import Failure, Reason
from tests.cogs.delivery.test_job_message import after, components, labels, text
from tests.support.jobs import MESSAGE, a_picture, an_attachment, arrived

DIES = f"<t:{int(1 + LINK_SECONDS)}:f>"  # it started at second 1
REFUSED = Failure(reason=Reason.CONTENT_REFUSED)
LOST = Failure(reason=Reason.PICTURE)


def a_set(*events, count=4):
    return after(*events, Finished(9.0), group=count)


def without_link(job, index):
    return replace(job, images=tuple(replace(one, link=None) if one.index == index else one for one in job.images))


def gallery(page):
    return next((one["items"] for one in components(page.view) if one["type"] == 12), [])


async def test_a_picture_that_can_not_be_attached_is_linked_beside_the_others():
    job, options = a_set(*map(arrived, range(4))), RenderOptions(unattached=frozenset({2}))
    page = render(job, options)[0]
    assert [image.index for image in page.images] == [0, 1, 3]
    assert len(gallery(page)) == 3
    assert f"Save before {DIES}: [Picture 3](https://files.example/2.jpeg)" in text(job, options)


async def test_one_that_its_message_holds_already_stays():
    job = a_set(*map(arrived, range(2)), count=2)
    job = replace(job, messages=(MESSAGE,), images=(replace(job.images[0], attachment=an_attachment()), job.images[1]))
    page = render(job, RenderOptions(unattached=frozenset({0, 1})))[0]
    assert [image.index for image in page.images] == [0]


async def test_where_none_can_be_attached_all_are_linked():
    page = render(a_set(*map(arrived, range(4))), RenderOptions(unattached=frozenset(range(4))))[0]
    assert (page.images, gallery(page)) == ((), [])


async def test_one_without_a_link_is_kept_and_the_message_says_where():
    job = without_link(a_set(*map(arrived, range(4))), 1)
    words = text(job, RenderOptions(unattached=frozenset({1, 2})))
    assert "📬 Picture 2 couldn't be attached here. Get it with /me within a week." in words
    assert "[Picture 3](" in words
    both = without_link(job, 2)
    assert "Picture 2, Picture 3 couldn't be attached here. Get them" in text(
        both, RenderOptions(unattached=frozenset({1, 2}))
    )
    assert [is_kept_only(image) for image in job.images] == [False, True, False, False]


@pytest.mark.parametrize("form", [MessageForm.LINKS, MessageForm.CARD])
async def test_so_it_does_in_simpler_forms(form):
    words = text(without_link(a_set(arrived(0), count=1), 0), RenderOptions(shape=Shape(form=form)))
    assert "Get it with /me within a week." in words


async def test_links_say_until_when_they_work_by_their_own_signature():
    link = "https://files.example/0.jpeg?X-Tos-Date=20260102T030405Z&X-Tos-Expires=86400"
    job = a_set(arrived(0, size=9_000_000), count=1)
    job = replace(job, images=(replace(job.images[0], link=link),))
    words = text(job, RenderOptions(fitted={0: a_picture(0, size=900_000)}))
    assert "Full size, until <t:1767409445:f>: [Picture 1](" in words
    details, files = render_details(job)
    assert "**Links work until:** <t:1767409445:f>" in "\n".join(
        one["content"] for one in components(details) if one["type"] == 10
    )
    assert files["links.txt"] == f"Picture 1: {link}"


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ((arrived(0), ImageMissed(1, LOST)), "may still have charged for the rest"),
        ((arrived(0), ImageMissed(1, REFUSED), ImageMissed(2, LOST)), "may still have charged for the rest"),
        ((arrived(0), ImageMissed(1, REFUSED)), "wasn't charged"),
        ((arrived(0),), "The rest wasn't charged."),
        ((arrived(0), Broke(Failure(reason=Reason.CUT), 5.0)), "may still have charged for the rest"),
        ((arrived(0), Broke(REFUSED, 5.0)), "The rest wasn't charged."),
        ((ImageMissed(0, REFUSED), ImageMissed(1, LOST)), "A picture was made, but it couldn't be downloaded"),
        ((ImageMissed(0, REFUSED), ImageMissed(1, LOST)), "may still have charged for it"),
        ((ImageMissed(0, REFUSED), ImageMissed(1, REFUSED)), "Nothing was charged"),
    ],
)
async def test_that_nothing_was_charged_is_said_only_where_nothing_was_made(events, said):
    assert said in text(after(*events, Finished(9.0), group=3))


async def test_a_picture_whose_sides_are_unknown_is_shown_and_can_be_edited():
    job = a_set(arrived(0, width=0, height=0), count=1)
    assert "0\xa0×\xa00" not in text(job)
    assert "Edit" in labels(job)
    assert "Upscale" not in labels(job)


async def test_a_picture_that_is_still_to_be_downloaded_says_so_and_its_link():
    job = a_set(arrived(0), ImageMissed(1, LOST, "https://files.example/1.jpeg", again=True), count=2)
    words = text(job)
    assert f"🔗 Couldn't be downloaded so far. I'll keep trying until {DIES}: [Picture 2](https://files" in words
    assert "Couldn't be attached" not in words
    alone = replace(job, messages=(MESSAGE,), origin=replace(job.origin, private=True))
    assert f"🔗 Couldn't be attached here. Save before {DIES}: [Picture 2](" in text(alone)
