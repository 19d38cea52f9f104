"""What "cut out" and "layers" mean as requests, and which model does it."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream import MODELS
from studio.jobs.editing import (
    CUT_OUT_WORDS,
    cut_out,
    extracted,
    extractors,
    extracts,
    has_words,
    layered,
    needs_prepared_reference,
    reference_formats,
    rerolled,
    too_small_for_layers,
    upscaled,
)
from studio.jobs.job import Verb
from studio.members.models import nearest_model
from tests.support.jobs import a_job

LINK = "https://cdn.example/fox.jpg"
PRO = MODELS["doubao-seedream-5.0-pro"]
VERBS = [Verb.CUT_OUT, Verb.LAYERS]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("usual", MODELS)
def test_whatever_the_usual_model_one_that_can_is_taken(verb, usual):
    model = nearest_model(usual, partial(extracts, verb))
    assert model in extractors(verb)


@pytest.mark.parametrize("verb", VERBS)
def test_none_is_taken_that_the_server_does_not_allow(verb):
    able = partial(extracts, verb)
    assert nearest_model(PRO.name, able, {"doubao-seedream-4.0", "doubao-seedream-4.5"}) is None
    assert nearest_model("doubao-seedream-4.0", able, {"doubao-seedream-4.0", PRO.name}) == PRO


@pytest.mark.parametrize(
    ("sides", "size"),
    [
        ((1200, 800), "1200x800"),
        ((4000, 3000), "2480x1856"),
        ((300, 200), "1184x784"),
        (None, "2048x2048"),
    ],
)
def test_a_cut_out_is_as_large_as_its_picture_as_far_as_the_model_goes(sides, size):
    request = cut_out(LINK, PRO, sides=sides)
    assert request.wire_size == size
    wire = request.to_wire("pro")
    assert (wire["prompt"], wire["background"], wire["output_format"]) == (CUT_OUT_WORDS, "transparent", "png")


@given(st.integers(15, 20_000), st.integers(15, 20_000))
def test_a_picture_of_any_sides_can_be_cut_out(width, height):
    assert cut_out(LINK, PRO, sides=(width, height)).max_images == 1


def test_for_layers_only_the_picture_is_sent_and_png_is_asked_for():
    assert layered(LINK, PRO).to_wire("pro") == {
        "model": "pro",
        "size": "auto",
        "image": [LINK],
        "response_format": "url",
        "output_format": "png",
        "layer_decomposition": True,
        "watermark": False,
    }


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_its_request_and_keeps_the_watermark(verb):
    request = extracted(verb, LINK, PRO, sides=(1200, 800), watermark=True)
    assert (request.layer_decomposition, request.background) == (
        verb is Verb.LAYERS,
        ["transparent", None][verb is Verb.LAYERS],
    )
    assert request.watermark
    assert not has_words(request)
    assert rerolled(request, 7) == request


def test_a_larger_cut_out_is_still_one():
    larger = upscaled(cut_out(LINK, PRO, sides=(1024, 1024)), LINK, (1024, 1024))
    assert (larger.background, larger.wire_size) == ("transparent", "1536x1536")


def test_references_have_the_formats_that_the_service_takes_for_it():
    assert reference_formats(cut_out(LINK, PRO)) == {"png"}
    assert reference_formats(layered(LINK, PRO)) == {"jpeg", "png"}
    plain = a_job().request
    assert reference_formats(plain) == plain.capabilities.reference_formats
    assert [needs_prepared_reference(one) for one in (cut_out(LINK, PRO), layered(LINK, PRO), plain)] == [
        True,
        True,
        False,
    ]


def test_small_pictures_are_not_taken_apart():
    assert [too_small_for_layers(sides) for sides in ((511, 512), (512, 512), (1024, 256), None)] == [
        True,
        False,
        False,
        False,
    ]
