"""The local SeeDream takes a picture apart and cuts one out as BytePlus's schema says."""

from __future__ import annotations

import base64
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sandbox.seedream.layers import LEAST_AUTO, MOST_AUTO, MOST_LAYERS, THOUSANDTHS, canvas_of, documented_layer
from tests.sandbox.seedream_client import FLASH, PRO, V4, data_url, local_client

PICTURE = data_url(1200, 800)
SIDES = st.integers(64, 6000)


@pytest.fixture
async def client():
    async with local_client() as client:
        yield client


async def picture_of(client, item: dict) -> Image.Image:
    picture = Image.open(io.BytesIO(await client.fetch(item["image_url"])))
    picture.load()
    return picture


async def taken_apart(client, model: str = PRO, **asked) -> list[dict]:
    answer = await client.ask(model, **{"image": PICTURE, "layer_decomposition": True, "prompt": ""} | asked)
    return answer.json["data"]


@pytest.mark.parametrize("model", [PRO, FLASH])
async def test_the_base_comes_first_and_the_layers_follow_from_the_lowest(client, model):
    base, *layers = await taken_apart(client, model)
    assert (base["z_index"], base["size"], base["output_format"]) == (0, "1200x800", "jpeg")
    assert (base["name"], base["description"], base["bounding_box"]) == (None, None, None)
    assert [layer["z_index"] for layer in layers] == [1, 2, 3]
    assert all(layer["name"] and layer["description"] and layer["output_format"] == "png" for layer in layers)
    assert layers[0]["bounding_box"] == {"absolute": [0, 0, 600, 240], "normalized": [0, 0, 500, 300]}


async def test_layers_are_transparent_pngs_that_differ(client):
    await client.settings(layers=17)
    base, *layers = await taken_apart(client)
    assert (await picture_of(client, base)).format == "JPEG"
    pictures = [await picture_of(client, layer) for layer in layers]
    assert len({picture.tobytes() for picture in pictures}) == 16
    for layer, picture in zip(layers, pictures, strict=True):
        assert (picture.format, f"{picture.width}x{picture.height}") == ("PNG", layer["size"])
        assert picture.getchannel("A").getextrema() == (0, 255)


async def test_the_number_of_layers_can_be_set(client):
    for layers in (1, 2, 17):
        await client.settings(layers=layers)
        assert len(await taken_apart(client)) == layers


async def test_the_guide_has_three_layers_of_the_requested_size(client):
    await client.settings(profile="guide")
    data = await taken_apart(client, size="1K")
    assert [(item["name"], item["z_index"], item["size"], item["bounding_box"]) for item in data] == [
        (name, index, "1024x1024", [0, 0, 1024, 1024]) for index, name in enumerate(("background", "subject", "text"))
    ]


@pytest.mark.parametrize(
    ("asked", "size"),
    [({"size": "1K"}, "1254x836"), ({"size": "2K"}, "2508x1672"), ({"size": "auto"}, "1200x800"), ({}, "1200x800")],
)
async def test_the_base_keeps_the_ratio_of_the_picture(client, asked, size):
    assert (await taken_apart(client, **asked))[0]["size"] == size


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"size": "1024x1024"}, "size"),
        ({"size": "3K"}, "size"),
        ({"image": data_url(511, 512)}, "image[0]"),
        ({"image": [PICTURE, PICTURE]}, "image"),
        ({"image": None}, "image"),
        ({"background": "opaque"}, "background"),
        ({"sequential_image_generation": "disabled"}, "sequential_image_generation"),
        ({"stream": False}, "stream"),
        ({"tools": []}, "tools"),
        ({"layer_decomposition": 1}, "layer_decomposition"),
    ],
)
async def test_a_decomposition_refuses_incompatible_parameters(client, asked, named):
    body = {"image": PICTURE, "layer_decomposition": True} | asked
    answer = await client.ask(PRO, **body)
    assert (answer.status, answer.message.partition(" ")[0]) == (400, named)


async def test_only_the_5_0_models_that_support_layers_make_them(client):
    answer = await client.ask(V4, image=PICTURE, layer_decomposition=True)
    assert answer.message == "layer_decomposition is not a parameter of doubao-seedream-4.0."


async def test_a_decomposition_fails_as_a_whole(client):
    await client.fault("item_refused", index=2)
    answer = await client.ask(PRO, image=PICTURE, layer_decomposition=True)
    assert (answer.status, answer.code) == (403, "content_policy_violation")
    assert (await client.entry())["billed"] == 0


@pytest.mark.parametrize("model", [PRO, FLASH])
async def test_a_cut_out_is_transparent_around_its_subject(client, model):
    asked = {"size": "1K", "background": "transparent", "output_format": "png", "image": data_url(mode="RGBA")}
    item = (await client.ask(model, response_format="b64_json", **asked)).json["data"][0]
    alpha = Image.open(io.BytesIO(base64.b64decode(item["b64_json"]))).getchannel("A")
    corners = [alpha.getpixel(at) for at in ((0, 0), (1023, 0), (0, 1023), (1023, 1023), (512, 20))]
    assert (corners, alpha.getpixel((512, 512))) == ([0] * 5, 255)


@given(SIDES, SIDES, st.integers(1, MOST_LAYERS - 1))
def test_a_layer_lies_on_the_canvas_and_keeps_the_ratio_of_its_box(width, height, index):
    layer = documented_layer(index, (width, height))
    left, top, right, bottom = layer.box
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert all(0 <= share <= THOUSANDTHS for share in layer.normalized)
    assert layer.size[0] * (bottom - top) == pytest.approx(layer.size[1] * (right - left), rel=0.1)


@given(SIDES, SIDES)
def test_auto_keeps_sizes_between_1k_and_2k_and_scales_others_into_that_range(width, height):
    canvas = canvas_of((width, height), "auto")
    if LEAST_AUTO <= width * height <= MOST_AUTO:
        assert canvas == (width, height)
    assert canvas[0] * canvas[1] == pytest.approx(min(max(canvas[0] * canvas[1], LEAST_AUTO), MOST_AUTO), rel=0.05)
