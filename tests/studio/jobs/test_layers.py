"""The layers of a picture: their order, their files, and what programs are told of them."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream import BoundingBox
from studio.jobs.events import Finished, ImageMissed
from studio.jobs.layers import canvas, description, file_names, file_stems, layers, slug
from studio.jobs.states import Failure, Reason
from tests.support.layers import a_layer, after, in_layers, layer_arrived, layered_job

SAFE = re.compile(r"[0-9]{2}-[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\.png")


def test_layers_go_from_the_back_to_the_front_and_those_without_a_place_come_last():
    job = in_layers(a_layer("tail"), a_layer("fox", 5), a_layer("sky", 0), None)
    assert [image.index for image in layers(job)] == [2, 1, 0, 3]


def test_layers_at_the_same_depth_stay_as_they_came():
    assert [image.index for image in layers(in_layers(a_layer("a", 1), a_layer("b", 1), a_layer("c", 0)))] == [2, 0, 1]


def test_files_are_called_by_their_place_and_name():
    job = in_layers(a_layer("Red Fox", 1), a_layer("", 0), a_layer("", 2), a_layer("Red/Fox", 3))
    assert file_names(job) == {0: "02-red-fox.png", 1: "01-background.png", 2: "03-layer.png", 3: "04-red-fox.png"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\Windows\\con", "c-windows-con"),
        ("...", ""),
        ("a\0b\nc", "a-b-c"),
        ("Café Ärger", "cafe-arger"),
        ("背景", ""),
        ("\u202egnp.exe", "gnp-exe"),
        ("x" * 1000, "x" * 40),
        ("a" * 39 + " b", "a" * 39),
    ],
)
def test_a_file_name_is_plain_whatever_the_layer_is_called(name, expected):
    assert slug(name, 40) == expected


@given(st.lists(st.text(max_size=60), min_size=1, max_size=17))
def test_file_names_are_safe_and_never_the_same(names):
    found = file_names(in_layers(*(a_layer(name, 0) for name in names)))
    assert len({*found.values()}) == len(names)
    assert all(map(SAFE.fullmatch, found.values())), found


def test_programs_are_told_of_every_layer_in_order():
    job = in_layers(a_layer("fox", 1, description="a red fox"), a_layer("", 0, bounding_box=BoundingBox()))
    assert json.loads(description(job)) == {
        "canvas": {"width": 2048, "height": 2048},
        "layers": [
            {
                "order": 1,
                "name": "",
                "description": "",
                "z_index": 0,
                "bounding_box": {"absolute": None, "normalized": None},
                "file": "01-background.png",
            },
            {
                "order": 2,
                "name": "fox",
                "description": "a red fox",
                "z_index": 1,
                "bounding_box": {"absolute": [10, 20, 300, 400], "normalized": [5, 10, 146, 195]},
                "file": "02-fox.png",
            },
        ],
    }


def test_the_canvas_is_the_layer_behind_all_others_though_another_is_larger():
    job = after(
        layer_arrived(0, a_layer("fox", 1), width=4000, height=3000),
        layer_arrived(1, a_layer("", 0), width=1024, height=768),
        Finished(9.0),
    )
    assert canvas(job) == (1024, 768)
    assert canvas(layered_job()) is None


def test_a_layer_that_was_made_and_not_fetched_keeps_its_place_and_has_no_file():
    gone = ImageMissed(1, Failure(reason=Reason.PICTURE), "https://files.example/1.png", a_layer("fox", 1))
    job = after(layer_arrived(0, a_layer("", 0)), gone, layer_arrived(2, a_layer("tail", 2)), Finished(9.0))
    assert file_names(job) == {0: "01-background.png", 2: "03-tail.png"}
    assert [one["file"] for one in json.loads(description(job))["layers"]] == ["01-background.png", None, "03-tail.png"]


def test_a_layer_that_was_refused_is_none():
    job = after(layer_arrived(0, a_layer("", 0)), ImageMissed(1, Failure(reason=Reason.SERVICE)), Finished(9.0))
    assert file_stems(job) == {0: "01-background"}
