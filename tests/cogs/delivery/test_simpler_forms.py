"""What a result looks like where Discord does not take it whole."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cogs.delivery.job_message import render, render_moved
from cogs.delivery.render_options import RenderOptions, filename
from seedream.phrases import Phrase
from studio.jobs.events import Broke, Finished
from studio.jobs.messages import MessageForm, Part, Shape
from studio.jobs.states import Failure, Reason
from tests.cogs.delivery.test_job_message import after, components
from tests.support.jobs import MESSAGE, a_job, a_picture, an_attachment, arrived


def shaped(form, *without, **changes):
    return RenderOptions(shape=Shape(form=form, without=frozenset(without)), **changes)


def done(count=2):
    return after(*map(arrived, range(count)), Finished(9.0), group=count)


def said(page):
    """All that the page says."""
    return json.dumps([page.content, page.view.to_components()], ensure_ascii=False)


def buttons(page):
    return [one["label"] for one in components(page.view) if one["type"] == 2]


async def test_a_plain_message_has_the_same_words_and_buttons_and_no_gallery():
    page = render(done(), shaped(MessageForm.ATTACHMENTS, fresh=True))[0]
    whole = render(done())[0]
    assert {one["type"] for one in components(page.view)} == {1, 2}
    assert sorted(buttons(page)) == sorted(buttons(whole))
    assert page.content == "\n".join(one["content"] for one in components(whole.view) if one["type"] == 10)
    assert len(page.images) == 2


async def test_the_words_of_a_plain_message_are_within_discords_limit():
    job = replace(done(), note="note " * 1000)
    assert len(render(job, shaped(MessageForm.ATTACHMENTS, fresh=True))[0].content) == 2000


async def test_a_message_stays_plain_when_it_is_edited():
    job = replace(done(), messages=(replace(MESSAGE, plain=True),))
    for form in MessageForm:
        assert render(job, shaped(form))[0].content
    assert render(replace(job, messages=(MESSAGE,)), shaped(MessageForm.LINKS))[0].content is None


async def test_links_keep_what_the_message_holds_and_link_the_rest():
    job = done(3)
    job = replace(job, images=(replace(job.images[0], attachment=an_attachment(0)), *job.images[1:]))
    page = render(job, shaped(MessageForm.LINKS))[0]
    assert [one.index for one in page.images] == [0]
    assert ("Picture 1]" in said(page), "Picture 2]" in said(page), "Picture 3]" in said(page)) == (False, True, True)


async def test_the_card_holds_nothing_says_where_the_pictures_are_and_has_details():
    job = done(3)
    job = replace(job, images=(replace(job.images[0], attachment=an_attachment(0)), *job.images[1:]))
    page = render(job, shaped(MessageForm.CARD))[0]
    assert (page.images, page.archive, buttons(page)) == ((), None, ["Details", "Delete"])
    assert "*Details* has links" in said(page)
    assert "files.example" not in said(page)


async def test_a_failure_is_told_by_the_card_as_well():
    job = after(Broke(Failure(reason=Reason.CONTENT_REFUSED), 2.0))
    assert "content rules" in said(render(job, shaped(MessageForm.CARD))[0])


@pytest.mark.parametrize("form", MessageForm)
async def test_a_prompt_that_is_refused_is_nowhere(form):
    job = replace(done(), note="a red fox was too much")
    options = shaped(form, Part.PROMPT)
    page = render(job, options)[0]
    assert "fox" not in said(page)
    assert "fox" not in " ".join(filename(job, one, options) for one in job.images)
    assert "AutoMod blocked it" in said(page)


async def test_the_services_words_may_repeat_a_prompt_that_is_refused():
    job = after(Broke(Failure(reason=Reason.BAD_REQUEST, detail=Phrase("a red fox is too red")), 2.0))
    assert "too red" in said(render(job)[0])
    assert "too red" not in said(render(job, shaped(MessageForm.GALLERY, Part.PROMPT))[0])


async def test_links_that_are_refused_are_nowhere_and_details_has_them():
    smaller = {index: a_picture(index, size=1) for index in range(2)}
    for form in (MessageForm.GALLERY, MessageForm.CARD):
        page = render(done(), shaped(form, Part.LINKS, fitted=smaller))[0]
        assert "files.example" not in said(page)
        assert "links are left out" in said(page)


async def test_explicit_pictures_are_linked_and_why_is_said():
    page = render(done(), shaped(MessageForm.LINKS, Part.PICTURES))[0]
    assert page.images == ()
    assert "explicit content" in said(page)
    assert "files.example" in said(page)


async def test_what_is_covered_is_linked_covered():
    links = [f"||[Picture {one.index + 1}]({one.link})||" for one in done().images]
    page = render(replace(done(), spoiler=True), shaped(MessageForm.LINKS))[0]
    assert " · ".join(links) in said(page)


async def test_what_was_replaced_says_nothing_but_where_it_goes_on():
    new = replace(MESSAGE, id=99)
    for old in (MESSAGE, replace(MESSAGE, plain=True)):
        page = render_moved(a_job(), old, new)
        assert "Continued in [this message](https://discord.com/channels/2/3/99)" in said(page)
        assert ("Painting" in said(page), page.images, (page.content is not None)) == (False, (), old.plain)


async def test_the_way_to_a_direct_message_leads_there():
    elsewhere = replace(MESSAGE, id=99, channel_id=77)
    assert "https://discord.com/channels/@me/77/99" in said(render_moved(a_job(), MESSAGE, elsewhere))
