"""What a message of ours holds, by file name, in whatever shape Discord tells of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.delivery.job_message import mark_of, render
from cogs.delivery.posted_files import PostedFile, files_in, find_file, mark_in, name_key, texts_in
from cogs.delivery.render_options import RenderOptions, archive_name, filename
from studio.jobs.advance import advance
from studio.jobs.messages import MessageForm, Part, Shape
from studio.jobs.pictures import Bundle
from tests.cogs.delivery.test_message_images import attachment, gallery, media, message, state
from tests.support.jobs import a_job, a_picture, arrived
from tests.support.layers import a_layer, in_layers

__all__ = ["state"]

CDN = "https://cdn.discordapp.com/attachments/1"


def file_component(number, **changes):
    return {"type": 13, "id": 9, "file": media(number), "name": f"{number}.png", "size": 7} | changes


def held(number, size=None, signed="2"):
    return PostedFile(number, f"{number}.png", f"{CDN}/{number}/{number}.png?ex={signed}", size)


SHAPES = {
    "nothing": ({}, []),
    "a gallery": ({"components": [gallery(1, 2)]}, [held(1), held(2)]),
    "a gallery in a container": ({"components": [{"type": 17, "id": 1, "components": [gallery(1)]}]}, [held(1)]),
    "a gallery and a file": ({"components": [gallery(1), file_component(2)]}, [held(1), held(2, 7)]),
    "a file without a name": ({"components": [{"type": 13, "id": 9, "file": media(2)}]}, [held(2)]),
    "attachments alone": ({"attachments": [attachment(1)]}, [held(1, 1, "1")]),
    "attachments that a gallery shows as well": (
        {"attachments": [attachment(1)], "components": [gallery(1)]}, [held(1, 1, "1")],
    ),
    "some listed, some shown": (
        {"attachments": [attachment(2)], "components": [gallery(1)]}, [held(2, 1, "1"), held(1)],
    ),
    "a gallery in another order": ({"components": [gallery(2, 1)]}, [held(2), held(1)]),
    "media without the attachment's id": (
        {"components": [{"type": 12, "id": 1, "items": [{"media": media(1, attachment_id=None)}]}]}, [held(1)],
    ),
    "media from elsewhere": (
        {"components": [{"type": 12, "id": 1, "items": [
            {"media": media(1, attachment_id=None, url="https://example.com/fox.png")},
        ]}]},
        [],
    ),
    "a link that is none": (
        {"components": [{"type": 12, "id": 1, "items": [
            {"media": media(1, attachment_id=None, url="https://[broken")},
        ]}]},
        [],
    ),
    "a thumbnail, which is of another message": (
        {"components": [{"type": 9, "id": 1, "components": [], "accessory": {"type": 11, "id": 2, "media": media(1)}}]},
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "files"), SHAPES.values(), ids=list(SHAPES))
def test_files_are_found_by_name_in_each_shape(state, parts, files):
    assert files_in(message(state, **parts)) == {name_key(file.name): file for file in files}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("a fox.png", "a_fox.png"),
        ("fox (1).png", "fox_1_.png"),
        ("Fox.PNG", "fox.png"),
        ("füchse.png", "f_chse.png"),
        ("SPOILER_fox.png", "fox.png"),
        ("..fox.png", "fox.png"),
        ("a-red-fox-1.jpeg", "a-red-fox-1.jpeg"),
    ],
)
def test_a_file_is_found_under_the_name_that_discord_made_of_its_own(sent, stored):
    file = PostedFile(1, stored, "https://cdn.discordapp.com/attachments/1/1/x")
    assert find_file({name_key(stored): file}, sent) is file


@given(st.text(max_size=80))
def test_any_name_is_its_own_twice_over(name):
    assert name_key(name_key(name)) == name_key(name)


@given(
    st.text(max_size=80),
    st.integers(1, 15),
    st.sets(st.integers(0, 14)),
    st.sampled_from([frozenset[Part](), frozenset({Part.PROMPT})]),
)
def test_whatever_the_prompt_is_files_of_a_job_differ_by_name(prompt, count, shrunk, without):
    """Those that were shrunk have another format."""
    job = replace(a_job(), images=tuple(in_images(count)))
    job = replace(job, request=replace(job.request, prompt=f"x{prompt}", group=count, size="2K"))
    fitted = {index: a_picture(index, format="webp") for index in shrunk}
    names = [filename(job, image, RenderOptions(fitted=fitted, shape=Shape(without=without))) for image in job.images]
    assert len({name_key(name) for name in names}) == count
    assert all(name_key(name) == name for name in names)


def in_images(count):
    job = a_job(group=count)
    for index in range(count):
        job = advance(job, arrived(index))
    return job.images


@given(st.lists(st.text(max_size=60), min_size=1, max_size=17))
def test_whatever_layers_are_called_their_files_and_the_zip_differ_by_name(layer_names):
    job = in_layers(*(a_layer(name, index) for index, name in enumerate(layer_names)))
    options = RenderOptions(bundle=Bundle(path="job-bundle.zip", size=1))
    names = [*(filename(job, image, options) for image in job.images), archive_name(job, options)]
    assert len({name_key(name) for name in names}) == len(names)


async def test_the_texts_of_a_message_are_those_of_the_page_that_was_sent(state):
    page = render(a_job())[0]
    said = texts_in(message(state, components=numbered(page.view.to_components())))
    assert "a red fox in snow" in said[0]
    assert "Painting" in said[1]


async def test_a_message_is_told_from_another_jobs_that_looks_the_same(state):
    mine, other = a_job(), a_job()
    shown = message(state, components=numbered(render(mine)[0].view.to_components()))
    assert mark_in(shown) == mark_of(mine.id)
    assert mark_in(shown) != mark_of(other.id)
    looks = [
        json.dumps(render(job)[0].view.to_components()[0]["components"]).replace(job.id, "") for job in (mine, other)
    ]
    assert looks[0] == looks[1]


async def test_what_shows_no_job_has_no_mark(state):
    assert mark_in(message(state, content="There's no picture in that message.")) is None


async def test_a_plain_message_says_its_content(state):
    page = render(a_job(), RenderOptions(fresh=True, shape=Shape(form=MessageForm.ATTACHMENTS)))[0]
    assert texts_in(message(state, content=page.content)) == [page.content]


def numbered(components):
    """As Discord numbers components: those that have no number of their own."""
    return [
        {"id": at} | one | {"components": numbered(one.get("components", []))} for at, one in enumerate(components, 1)
    ]
