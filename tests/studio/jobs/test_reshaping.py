"""Reframe and Zoom out: what they ask of a model, and whose words their results keep."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream import MODELS, ImageRequest, InvalidRequest, Size
from seedream.sizes import exact_size, has_shape, nearest
from studio.guilds.errors import AccessDeniedError
from studio.guilds.settings import GuildSettings
from studio.jobs.access import check_settings
from studio.jobs.editing import rerolled, upscaled, varied
from studio.jobs.job import Parent, PreparedRequest, Verb
from studio.jobs.reshaping import SHAPES, as_prompted, own_prompt, reframed, shapes_for, zoomed_out
from studio.members.defaults import Defaults
from studio.members.models import can_edit
from studio.quota.limits import Member
from tests.support.jobs import ORIGIN, a_job

LINK = "https://cdn.example/fox.png"
LITE = Defaults(model="doubao-seedream-5.0-lite", size="2K")
EDITORS = [name for name, model in MODELS.items() if can_edit(model)]
sides_of_pictures = st.one_of(st.none(), st.tuples(st.integers(1, 20_000), st.integers(1, 20_000)))


def request_by(model: str, **options) -> ImageRequest:
    images = (LINK,) * MODELS[model].references.low
    return ImageRequest(**{"prompt": "a red fox", "model": model, "images": images} | options)


def wire(request: ImageRequest) -> Size:
    size = exact_size(request.wire_size)
    assert size is not None
    return size


# --- what is asked ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", SHAPES)
@pytest.mark.parametrize("model", MODELS)
@given(sides=sides_of_pictures)
def test_each_model_or_the_nearest_that_can_edit_makes_each_shape_of_any_picture(model, ratio, sides):
    request = reframed(request_by(model), LINK, sides, LITE, ratio=ratio)
    assert request.images == (LINK,)
    assert can_edit(request.capabilities)
    assert (request.model == model) is (model in EDITORS)
    assert has_shape(wire(request), ratio)
    assert request.capabilities.allows(wire(request))
    assert f"a {ratio} frame" in request.prompt


@pytest.mark.parametrize("model", MODELS)
@given(sides=sides_of_pictures)
def test_zooming_out_keeps_the_size_as_far_as_the_model_makes_it(model, sides):
    request = zoomed_out(request_by(model), LINK, sides, LITE)
    if sides:
        assert wire(request) == nearest(request.capabilities, Size(*sides))
    assert "Zoom out" in request.prompt


@pytest.mark.parametrize(
    ("model", "sides", "ratio", "expected"),
    [
        ("5.0-lite", (2048, 2048), "21:9", "3136x1344"),
        ("5.0-lite", (4096, 4096), "16:9", "5504x3040"),
        ("4.0", (1280, 720), "1:1", "1024x1024"),
        ("pro", (1536, 1536), "4:5", "1344x1680"),
        ("4.5", (1600, 2848), "4:5", "1792x2240"),
        ("seededit", (1024, 1024), "9:16", "720x1280"),
        ("3.0-t2i", (1024, 1024), "9:16", "720x1280"),
        ("5.0-lite", None, "3:2", "2496x1664"),
    ],
)
def test_another_shape_is_about_as_large(model, sides, ratio, expected):
    images = (LINK,) if model == "seededit" else ()
    request = ImageRequest(prompt="a fox", model=model, images=images)
    assert reframed(request, LINK, sides, LITE, ratio=ratio).wire_size == expected


def test_only_other_shapes_are_offered():
    assert tuple(shapes_for(request_by("doubao-seedream-4.0"), LINK, (2048, 2048), LITE)) == SHAPES[1:]
    assert tuple(shapes_for(request_by("doubao-seedream-4.0"), LINK, (5504, 3040), LITE)) == (*SHAPES[:4], "21:9")
    assert tuple(shapes_for(request_by("doubao-seedream-4.0"), LINK, (2304, 1728), LITE)) == SHAPES


def test_format_and_watermark_stay_and_the_rest_goes():
    first = request_by(
        "doubao-seedream-5.0-lite", output_format="png", watermark=True, web_search=True, optimize_prompt="standard",
        group=4,
    )  # fmt: skip
    request = zoomed_out(first, LINK, (2048, 2048), LITE)
    assert (request.output_format, request.watermark) == ("png", True)
    assert (request.web_search, request.optimize_prompt, request.group) == (False, None, None)
    plain = zoomed_out(request_by("doubao-seedream-4.5"), LINK, None, replace(LITE, output_format="png"))
    assert plain.output_format is None


def test_where_no_allowed_model_can_edit_the_refusal_says_so():
    only = replace(LITE, models=frozenset({"doubao-seedream-3.0-t2i"}))
    with pytest.raises(InvalidRequest, match="can't use reference images"):
        zoomed_out(request_by("doubao-seedream-3.0-t2i"), LINK, (1024, 1024), only)
    assert shapes_for(request_by("doubao-seedream-3.0-t2i"), LINK, (1024, 1024), only) == {}


# --- whose words it keeps ---------------------------------------------------------------------------------------------


def reframed_job():
    first = a_job()
    request = reframed(first.request, LINK, (2048, 2048), LITE, ratio="21:9")
    parent = Parent(verb=Verb.REFRAME, link="", prompt=own_prompt(first, Verb.REFRAME))
    return replace(first, request=request, parent=parent)


def test_what_is_made_of_a_reframed_picture_begins_with_its_members_words():
    job, words = reframed_job(), a_job().request.prompt
    assert job.prompt == words != job.request.prompt
    assert as_prompted(job).prompt == words
    assert varied(as_prompted(job), LINK, (3136, 1344), LITE).wire_size == "3136x1344"
    assert upscaled(as_prompted(job), LINK, (3136, 1344)).prompt == words
    assert own_prompt(job, Verb.VARY) == ""
    assert own_prompt(job, Verb.ZOOM_OUT) == words


def test_a_reroll_of_it_extends_the_picture_again_under_the_same_title():
    job = reframed_job()
    parent = Parent(verb=Verb.REROLL, link="", prompt=own_prompt(job, Verb.REROLL))
    again = replace(a_job(), request=rerolled(job.request, 7), parent=parent)
    assert again.request.prompt == job.request.prompt
    assert again.prompt == job.prompt


def test_the_words_of_the_bot_are_not_moderated_but_its_members_are():
    settings = GuildSettings(blocked_words=("frame", "fox"))
    request = reframed(ImageRequest(prompt="a red cat"), LINK, None, LITE, ratio="21:9")
    member = Member(user_id=1, server_id=1)

    def check(prompt: str) -> None:
        prepared = PreparedRequest(request=request, parent=Parent(verb=Verb.REFRAME, link="", prompt=prompt))
        check_settings(settings, prepared, origin=ORIGIN, member=member, channels=(1,))

    check("a red cat")
    with pytest.raises(AccessDeniedError):
        check("a red fox")
