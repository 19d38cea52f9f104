"""What cut-outs and layers look like: names, files, the ZIP, buttons, and Discord's limits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.delivery.buttons import picture_buttons, rows
from cogs.delivery.job_message import render
from cogs.delivery.render_options import RenderOptions, filename
from cogs.results.details import render_details
from seedream import BoundingBox, ImageRequest
from studio.jobs.advance import advance
from studio.jobs.events import Broke, Finished, ImageMissed, Shown
from studio.jobs.job import Parent, Verb
from studio.jobs.messages import Attachment, MessageForm, Shape
from studio.jobs.pictures import Bundle
from studio.jobs.states import Failure, JobState, Reason
from studio.quota.prices import parse_prices
from tests.cogs.delivery.test_job_message import components, labels, text
from tests.support.jobs import MESSAGE, ORIGIN, a_job, a_picture, an_attachment, arrived
from tests.support.layers import LAYERED, LINK, a_layer, after, in_layers, layer_arrived, layered_job

ZIP = RenderOptions(bundle=Bundle(path="job-bundle.zip", size=5000))
CUT_OUT = ImageRequest(prompt="Cut it out.", model="pro", images=(LINK,), background="transparent")


def many(count):
    return in_layers(*(a_layer(f"layer {index}", index) for index in range(count)))


def galleries(job, options=ZIP):
    return [
        item for page in render(job, options) for c in components(page.view) if c["type"] == 12 for item in c["items"]
    ]


def shown_files(page):
    return [c["file"]["url"] for c in components(page.view) if c["type"] == 13]


async def test_layers_are_shown_from_the_back_to_the_front_with_their_names():
    job = in_layers(a_layer("fox", 1), a_layer("", 0), a_layer("tail"))
    assert [(item["media"]["url"], item["description"]) for item in galleries(job)] == [
        ("attachment://01-background.png", "Layer 1 of 3: background"),
        ("attachment://02-fox.png", "Layer 2 of 3: fox"),
        ("attachment://03-tail.png", "Layer 3 of 3: tail"),
    ]
    words = text(job, ZIP)
    assert "**Layers**" in words
    assert "From back to front: 1 background · 2 fox · 3 tail" in words.replace("\xa0", " ")
    assert "of 17" not in words
    assert "2048 × 2048" in words


async def test_the_zip_lies_beside_the_pictures():
    (page,) = render(many(3), ZIP)
    assert (page.archive, shown_files(page)) == ("seedream-layers.zip", ["attachment://seedream-layers.zip"])


@pytest.mark.parametrize(("count", "parts"), [(1, [1]), (9, [9]), (10, [9, 1]), (17, [9, 8])])
async def test_nine_layers_and_the_zip_are_a_message_and_the_rest_another(count, parts):
    pages = render(many(count), ZIP)
    assert [len(page.images) for page in pages] == parts
    assert [bool(page.archive) for page in pages] == [True, *[False] * (len(parts) - 1)]
    assert [image.index for page in pages for image in page.images] == list(range(count))


async def test_without_a_zip_ten_layers_are_a_message_and_the_card_says_why_there_is_none():
    assert [len(page.images) for page in render(many(17))] == [10, 7]
    large = in_layers(*(a_layer("", at) for at in range(3)), job=layered_job(origin=replace(ORIGIN, upload_limit=2500)))
    assert "exceeds this channel's upload limit of 0.002 MiB" in text(large)
    assert "The ZIP file of the layers couldn't be attached here" in text(
        many(3), RenderOptions(shape=Shape(form=MessageForm.LINKS))
    )
    assert "ZIP" not in text(many(3), ZIP)


async def test_nothing_of_layers_is_shown_before_all_are_there():
    running = after()
    some = after(*(layer_arrived(index, a_layer("", index)) for index in range(4)), job=layered_job())
    some = replace(some, id=running.id)
    assert "Splitting into layers" in text(running)
    assert "auto" not in text(running)
    assert [page.digest for page in render(some)] == [page.digest for page in render(running)]
    assert some.shown_version == some.version


async def test_a_zip_that_is_held_is_drawn_as_before_and_kept():
    job = many(3)
    (page,) = render(job, ZIP)
    held = Attachment(
        id=9, message_id=MESSAGE.id, filename="seedream-layers.zip", size=5000, url="https://cdn.example/z"
    )
    shown = Shown(job.version, (replace(MESSAGE, archive=held),), {0: an_attachment(0)})
    after_it = advance(job, shown)
    assert render(after_it)[0].archive == page.archive
    assert render(after_it, RenderOptions(fresh=True))[0].archive is None


async def test_layers_that_did_not_all_come_say_why():
    job = after(layer_arrived(0, a_layer("", 0)), ImageMissed(1, Failure(reason=Reason.CONTENT_REFUSED)), Finished(9.0))
    assert "1 of 2 made" in text(job)
    broken = after(layer_arrived(0, a_layer("", 0)), Broke(Failure(reason=Reason.CUT), 9.0))
    assert broken.state is JobState.DONE
    assert "The connection was lost" in text(broken)


async def test_a_layer_that_could_not_be_fetched_is_linked_by_its_number():
    gone = ImageMissed(0, Failure(reason=Reason.PICTURE), "https://files.example/0.png", a_layer("fox", 1))
    assert "[Layer 2](https://files.example/0.png)" in text(
        after(gone, layer_arrived(1, a_layer("", 0)), Finished(9.0))
    )


@pytest.mark.parametrize(
    ("verb", "request_", "head"),
    [
        (Verb.LAYERS, LAYERED, "**Layers of [this](LINK)**"),
        (Verb.CUT_OUT, CUT_OUT, "**Cut out of [this](LINK)**"),
        (Verb.REROLL, LAYERED, "**Layers**\n-# ↪ Another try at [this](LINK)"),
        (Verb.RETRY, CUT_OUT, "**Cut-out**\n-# ↪ A retry of [this](LINK)"),
    ],
)
async def test_what_was_taken_out_of_a_picture_is_not_headed_by_words_that_nobody_wrote(verb, request_, head):
    link = "https://discord.com/channels/1/2/3"
    job = after(job=layered_job(request=request_, parent=Parent(verb=verb, link=link)))
    assert text(job).startswith(head.replace("LINK", link) + "\n🎨")


# --- buttons --------------------------------------------------------------------------------------------------------


async def test_a_result_offers_both():
    job = after(arrived(0), Finished(2.0), job=a_job(model="pro", size="1K"))
    job = replace(job, images=(replace(job.images[0], picture=a_picture(width=1024, height=1024)),))
    assert labels(job) == ["Details", "Reroll", "Vary", "Edit", "More", "Delete"]
    more = [one.label for one in picture_buttons(job, job.images[0])][2:]
    assert more == ["Upscale", "Reframe", "Zoom out", "Cut out", "Layers · up to 17 credits"]


async def test_a_picture_of_several_offers_both():
    job = after(arrived(0), arrived(1), Finished(2.0), job=a_job(group=2, model="4.0", size="1K"))
    image = replace(job.images[1], picture=a_picture(width=1024, height=1024))
    offered = [one.label for one in picture_buttons(job, image)]
    assert offered == ["Vary", "Edit", "Upscale", "Reframe", "Zoom out", "Cut out", "Layers · up to 17 credits"]


@pytest.mark.parametrize(
    ("prices", "most"), [("pro=3, pro:layer=2", 34), ("pro=1, pro>2600000=4", 68), ("pro:layer=0, flash:layer=0", 0)]
)
async def test_layers_says_beforehand_what_it_may_cost(prices, most):
    job = after(arrived(0), Finished(2.0), job=a_job(model="4.0", size="1K"))
    image = replace(job.images[0], picture=a_picture(width=1024, height=1024))
    assert picture_buttons(job, image, parse_prices(prices))[-1].label == f"Layers · up to {most} credits"


async def test_what_was_taken_out_already_offers_neither():
    cut_out = after(arrived(0), Finished(2.0), job=replace(layered_job(request=CUT_OUT), reserved=1))
    assert labels(cut_out) == ["Details", "Reroll", "Edit", "More", "Delete"]
    assert len(rows(cut_out)) == 1
    layers = many(2)
    assert labels(layers) == ["Details", "1", "2", "Reroll", "Delete"]
    assert [one.label for one in picture_buttons(layers, layers.images[0])] == ["Edit"]


async def test_the_select_names_the_layers():
    job = in_layers(a_layer("fox", 1), *(None for _ in range(5)))
    (select,) = (c for page in render(job, ZIP) for c in components(page.view) if c["type"] == 3)
    assert [(one["label"], one["value"]) for one in select["options"]][:2] == [
        ("Layer 1 of 6: fox", "0"),
        ("Layer 2 of 6", "1"),
    ]


# --- cut-outs -------------------------------------------------------------------------------------------------------


async def test_a_cut_out_says_so_to_who_can_not_see_it():
    parent = Parent(verb=Verb.CUT_OUT, link="https://discord.com/channels/1/2/3")
    job = after(arrived(0, format="png"), Finished(2.0), job=layered_job(request=CUT_OUT, parent=parent))
    (item,) = galleries(job)
    assert item["description"] == "The subject of a picture, cut out on a transparent background"
    assert filename(job, job.images[0], RenderOptions()) == "cut-out-1.png"
    assert "Cut out of [this](https://discord.com/channels/1/2/3)" in text(job)
    assert "**Background:** transparent" in details(job)[0]


# --- details, and what comes from outside ---------------------------------------------------------------------------


def details(job):
    view, texts = render_details(job)
    return "\n".join(c["content"] for c in components(view) if c["type"] == 10), texts


async def test_details_tell_where_the_layers_lie_and_give_it_to_programs_as_well():
    words, texts = details(in_layers(a_layer("fox", 1), a_layer("", 0, bounding_box=BoundingBox())))
    assert "1. background\n-# 2. fox (10, 20) – (300, 400)" in words
    assert "**Layers:** 2" in words
    assert "```" not in words
    assert '"name": "fox"' in texts["layers.json"]


@pytest.mark.parametrize("name", ["", "\u200b", " \u3164\u202e"])
async def test_a_name_that_nobody_can_see_is_none(name):
    job = in_layers(a_layer(name, 0), a_layer(name, 1))
    assert [item["description"] for item in galleries(job)] == ["Layer 1 of 2: background", "Layer 2 of 2"]


async def test_no_name_can_ping_link_or_break_the_layout():
    name = "@everyone <@123> **x** [a](https://evil.example) \u202e|| `"
    words = text(in_layers(a_layer(name, 0)), ZIP)
    assert "@everyone" not in words
    assert "[a]" not in words.replace(r"\[", "")
    assert "**x**" not in words


@pytest.mark.parametrize("letter", ["*", "名", "a", "`", "\u202e", "🦊"])
async def test_seventeen_layers_with_long_names_have_room(letter):
    """However long names and links are, Discord takes the message."""
    job = in_layers(*(a_layer(letter * 100, index, description=letter * 500) for index in range(17)))
    job = replace(job, images=tuple(replace(one, link=f"https://files.example/{'x' * 200}") for one in job.images))
    linked = RenderOptions(shape=Shape(form=MessageForm.LINKS))
    for options in (ZIP, linked, RenderOptions(fitted={at: a_picture(at, size=1) for at in range(17)})):
        for page in render(job, options):
            found = list(components(page.view))
            assert sum(len(c["content"]) for c in found if c["type"] == 10) <= 4000
            assert len(found) <= 40
            assert all(len(item["description"]) <= 1024 for c in found if c["type"] == 12 for item in c["items"])
            assert all(len(one["label"]) <= 100 for c in found if c["type"] == 3 for one in c["options"])
    assert len(details(job)[0]) <= 4000
