"""Layers as the service tells of them, in every form that has been seen, and in none that makes sense."""

from __future__ import annotations

import json
from math import isfinite

import pytest
from hypothesis import given

from seedream import BoundingBox, Layer
from seedream.responses import parse_event, parse_result
from tests.seedream.samples import sample
from tests.seedream.strategies import any_json

NOWHERE = BoundingBox()


def layer_of(**fields):
    """What is read of an item's fields."""
    item = {"image_url": "https://files.example/a.png", **fields}
    (image,) = parse_result({"data": [item]}).images
    streamed = parse_event({"type": "image_generation.partial_succeeded", "image_index": 0, **item})
    assert streamed.layer == image.layer
    return image.layer


def box_of(value):
    return layer_of(name="fox", bounding_box=value).bounding_box


def test_older_answers_give_boxes_in_pixels():
    assert [image.layer for image in parse_result(json.loads(sample("layers.json"))).images] == [
        Layer(name="background", z_index=0, bounding_box=BoundingBox(absolute=(0, 0, 1024, 1024))),
        Layer(name="fox", z_index=1, bounding_box=BoundingBox(absolute=(100, 200, 300, 400))),
    ]


def test_newer_answers_describe_layers_and_give_boxes_twice():
    assert [image.layer for image in parse_result(json.loads(sample("layers_described.json"))).images] == [
        Layer(
            name="sky",
            z_index=0,
            description="a clear winter sky",
            bounding_box=BoundingBox(absolute=(0, 0, 1024, 1024), normalized=(0.0, 0.0, 1.0, 1.0)),
        ),
        Layer(
            name="fox",
            z_index=1,
            bounding_box=BoundingBox(absolute=(100, 200, 300, 400), normalized=(0.098, 0.195, 0.293, 0.391)),
        ),
        Layer(name="tail"),
        None,
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"name": None, "z_index": None, "bounding_box": [0, 0, 1, 1]}, None),
        ({"name": " \n ", "z_index": "2"}, None),
        ({"name": 7, "z_index": True}, None),
        ({"name": "fox", "z_index": -1}, Layer(name="fox")),
        ({"name": "a\nfox\u202e", "z_index": 2.0}, Layer(name="a fox", z_index=2)),
        ({"z_index": 3, "description": ["x"]}, Layer(name="", z_index=3)),
    ],
)
def test_a_layer_has_a_place_in_the_order_or_a_name(fields, expected):
    assert layer_of(**fields) == expected


def test_long_names_and_descriptions_are_cut():
    layer = layer_of(name="n" * 1000, description="d" * 100_000)
    assert (len(layer.name), len(layer.description)) == (100, 500)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        [],
        "0,0,1,1",
        [0, 0, 1],
        [0, 0, 1, 1, 1],
        [0, 0, 1, None],
        [0, 0, 1, "1"],
        [0, 0, 1, True],
        [0, 0, 1, float("inf")],
        [0, 0, 1, float("nan")],
        [0, 0, 1, 10**400],
        {"absolute": None, "normalized": "0"},
        {"absolute": {"x": 1}, "normalized": [[0], 0, 0, 0]},
    ],
)
def test_a_box_that_makes_no_sense_is_left_out(value):
    assert box_of(value) == NOWHERE


def test_each_form_of_a_box_counts_without_the_other():
    assert box_of({"absolute": [0, 1.6, -3, 9]}) == BoundingBox(absolute=(0, 2, -3, 9))
    assert box_of({"absolute": [1], "normalized": [0, 0.5, 1, 1]}) == BoundingBox(normalized=(0, 0.5, 1, 1))


@given(value=any_json, name=any_json, z_index=any_json)
def test_whatever_comes_a_layer_is_whole(value, name, z_index):
    layer = layer_of(name=name, z_index=z_index, bounding_box=value)
    if layer is not None:
        box = layer.bounding_box
        assert {len(box.absolute), len(box.normalized)} <= {0, 4}
        assert all(map(isfinite, (*box.absolute, *box.normalized)))
        json.dumps([layer.name, *box.absolute, *box.normalized], allow_nan=False)
