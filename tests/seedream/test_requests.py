import base64
import contextlib
import json
import os
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.seedream.models import accepted_names
from sandbox.seedream.validation import order_of
from seedream import ImageRequest, InvalidRequest
from seedream.limits import MAX_REFERENCE_BYTES
from tests.seedream.strategies import JPEG_URL, PNG_URL, any_json, valid_requests

LINK = "https://files.example/fox.png"


def refused(**fields) -> list[str]:
    with pytest.raises(InvalidRequest) as caught:
        ImageRequest(**{"prompt": "a fox"} | fields)
    assert str(caught.value).splitlines() == [problem.sentence for problem in caught.value.problems]
    return str(caught.value).splitlines()


def test_a_bare_request_says_only_what_it_must():
    assert ImageRequest(prompt=" a fox ").to_wire("id") == {
        "model": "id",
        "prompt": "a fox",
        "size": "2048x2048",
        "response_format": "url",
        "sequential_image_generation": "disabled",
        "watermark": False,
    }


def test_a_full_request_says_everything():
    request = ImageRequest(
        prompt="a fox",
        images=[LINK, PNG_URL],
        size="2k",
        ratio="16 : 9",
        group=4,
        stream=True,
        response_format="B64_JSON",
        watermark=True,
        output_format="PNG",
        web_search=True,
        optimize_prompt="standard",
    )
    assert request.to_wire("id") == {
        "model": "id",
        "prompt": "a fox",
        "size": "2848x1600",
        "image": [LINK, PNG_URL],
        "response_format": "b64_json",
        "output_format": "png",
        "tools": [{"type": "web_search"}],
        "optimize_prompt_options": {"mode": "standard"},
        "stream": True,
        "sequential_image_generation": "auto",
        "sequential_image_generation_options": {"max_images": 4},
        "watermark": True,
    }


def test_a_3_0_request_has_seed_and_guidance_and_no_group():
    request = ImageRequest(prompt="a fox", model="3.0-t2i", seed=-1, guidance_scale=2.5, group=1)
    assert request.to_wire("id") == {
        "model": "id",
        "prompt": "a fox",
        "size": "1024x1024",
        "seed": -1,
        "guidance_scale": 2.5,
        "response_format": "url",
        "watermark": False,
    }


def test_seededit_follows_its_input_unless_told():
    assert ImageRequest(prompt="x", model="seededit", images=(LINK,)).wire_size == "adaptive"
    assert ImageRequest(prompt="x", model="seededit", images=(LINK,), ratio="3:4").wire_size == "864x1152"


def test_an_asynchronous_request_says_so():
    wire = ImageRequest(prompt="x", run_async=True, callback_url="https://bot.example/1").to_wire("id")
    assert (wire["async"], wire["callback_url"]) == (True, "https://bot.example/1")


def test_a_transparent_background_makes_a_png():
    wire = ImageRequest(prompt="x", model="pro", images=(PNG_URL,), background="transparent").to_wire("id")
    assert (wire["background"], wire["output_format"]) == ("transparent", "png")


def test_layers_need_no_prompt_and_no_size_and_may_bring_17_images():
    request = ImageRequest(prompt="", model="pro", images=(LINK,), layer_decomposition=True)
    assert request.to_wire("id") == {
        "model": "id",
        "size": "auto",
        "image": [LINK],
        "response_format": "url",
        "layer_decomposition": True,
        "watermark": False,
    }
    assert request.max_images == 17


def test_a_format_that_a_model_makes_anyway_is_not_sent():
    request = ImageRequest(prompt="x", model="4.5", output_format="jpg")
    assert request.output_format == "jpeg"
    assert "output_format" not in request.to_wire("id")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "2048x2048"),
        ({"size": "2k"}, "2K"),
        ({"size": "3K", "ratio": "21:9"}, "4704x2016"),
        ({"ratio": "9x16"}, "1600x2848"),
        ({"size": "2048 × 2048"}, "2048x2048"),
        ({"model": "4.0", "size": "1k", "ratio": "4:3"}, "1152x864"),
        ({"model": "pro", "ratio": "16:9"}, "2816x1584"),
        ({"model": "pro", "size": "1.5k"}, "1.5K"),
        ({"model": "3.0-t2i", "ratio": "16:9"}, "1280x720"),
        ({"model": "3.0-t2i", "size": "512x2048"}, "512x2048"),
    ],
)
def test_size_and_ratio_become_what_is_sent(fields, expected):
    assert ImageRequest(prompt="x", **fields).wire_size == expected


REFUSALS = [
    ({"prompt": "  "}, "prompt: The prompt is empty. Describe the image you want."),
    ({"prompt": "\u200b\u202e\u2060 \u3164"}, "prompt: The prompt is empty. Describe the image you want."),
    ({"prompt": "x" * 4001}, "prompt: The prompt has 4,001 characters; the limit is 4,000. Shorten it."),
    ({"prompt": "\ud800"}, "prompt: The prompt contains half of a character (a lone surrogate). Type it again."),
    (
        {"model": "3.0-t2i", "images": (LINK, LINK)},
        (
            "references: SeeDream 3.0 t2i can't use reference images. "
            "Choose SeeDream 5.0 lite, SeeDream 4.5 or SeeDream 4.0, or remove them."
        ),
    ),
    (
        {"model": "seededit"},
        (
            "references: SeedEdit 3.0 i2i needs a reference image. "
            "Add the image to edit, or choose SeeDream 5.0 lite, SeeDream 4.5 or SeeDream 4.0."
        ),
    ),
    (
        {"model": "seededit", "images": (LINK, LINK)},
        "references: SeedEdit 3.0 i2i can use at most 1 reference image. Remove 1.",
    ),
    ({"images": (LINK,) * 15}, "references: SeeDream 5.0 lite can use at most 14 reference images. Remove 1."),
    (
        {"images": (LINK, "ftp://files.example/a.png")},
        (
            "reference 2 ftp://files.example/a.png: An address starts with https:// or http:// and a host name. "
            "Use an http(s) link or a data:image/...;base64, URL."
        ),
    ),
    (
        {"images": (PNG_URL.replace("png", "jpeg"),)},
        "references: The data URL says jpeg, but the image is png. State the format of the image.",
    ),
    (
        {"images": ("data:image/png;base64,....",)},
        "references: The data after the comma isn't base64. Encode the whole image, with padding.",
    ),
    (
        {"images": ("data:text/html,hello",)},
        (
            "references data:text/html,hello: A data URL must start with “data:image/<format>;base64,”. "
            "Encode the image this way."
        ),
    ),
    (
        {"images": (f"data:image/png;base64,{'A' * (4 * 10 * 2**20 // 3 + 5)}",)},
        "references: A reference image can have up to 10,000,000 bytes; this one has 10,485,763. Make it smaller.",
    ),
    (
        {"model": "seededit", "images": (PNG_URL.replace("png", "webp"),)},
        "references webp: SeedEdit 3.0 i2i can only use jpeg or png references. Convert the image to PNG or JPEG.",
    ),
    ({"size": "1K"}, "size: SeeDream 5.0 lite can't do 1K. Choose 2K, 3K or 4K."),
    (
        {"model": "3.0-t2i", "size": "2K"},
        "size: SeeDream 3.0 t2i can't do 2K. Choose 1024x1024, or another width x height.",
    ),
    (
        {"size": "1024x1024"},
        (
            "size: SeeDream 5.0 lite makes images of 3,686,400 to 16,777,216 pixels in all; 1024x1024 has "
            "1,048,576. The nearest is 1920x1920."
        ),
    ),
    (
        {"model": "3.0-t2i", "size": "100x4096"},
        "size 100x4096: SeeDream 3.0 t2i makes sides of 512 to 2048 pixels. The nearest is 512x2048.",
    ),
    (
        {"size": "10240x512"},
        "size 10240x512: Width and height can differ by a factor of at most 16. The nearest is 8960x560.",
    ),
    (
        {"ratio": "17:9"},
        (
            "ratio 17:9: The aspect ratio must be one of 1:1, 4:3, 3:4, 16:9, 9:16, 3:2, 2:3, 21:9, 4:5, 5:4. "
            "The nearest is 16:9."
        ),
    ),
    (
        {"size": "2048x2048", "ratio": "1:1"},
        "ratio: The size 2048x2048 already sets the shape. Leave the ratio out, or choose the size 2K, 3K or 4K.",
    ),
    (
        {"model": "seededit", "images": (LINK,), "size": "adaptive", "ratio": "1:1"},
        "ratio: The size adaptive takes the shape of the reference image. Leave one of them out.",
    ),
    ({"group": 16}, "images 16: You can make 1 to 15 images at once. Choose fewer."),
    ({"group": 0}, "images 0: You can make 1 to 15 images at once. Choose 1 or more."),
    (
        {"model": "pro", "group": 2},
        (
            "images 2: SeeDream 5.0 pro makes one image at a time. "
            "Choose 1, or SeeDream 5.0 lite, SeeDream 4.5 or SeeDream 4.0."
        ),
    ),
    (
        {"images": (LINK,) * 5, "group": 11},
        (
            "images: References and images to make can be at most 15 together; these are 5 and 11. "
            "Make 10 or fewer, or remove references."
        ),
    ),
    ({"seed": 1}, "seed: SeeDream 5.0 lite has no seed setting. Choose SeeDream 3.0 t2i, or leave it out."),
    (
        {"model": "3.0-t2i", "seed": 2**31},
        "seed 2147483648: Seeds go from -1 (random) to 2147483647. Choose a number in that range.",
    ),
    (
        {"model": "3.0-t2i", "guidance_scale": 10.5},
        "guidance 10.5: Guidance goes from 1 to 10. The default is 2.5.",
    ),
    (
        {"model": "3.0-t2i", "guidance_scale": float("nan")},
        "guidance nan: Guidance goes from 1 to 10. The default is 2.5.",
    ),
    (
        {"guidance_scale": 2},
        (
            "guidance: SeeDream 5.0 lite has no guidance setting. "
            "Choose SeeDream 3.0 t2i or SeedEdit 3.0 i2i, or leave it out."
        ),
    ),
    (
        {"model": "4.5", "output_format": "png"},
        (
            "format png: SeeDream 4.5 only makes jpeg. "
            "Choose jpeg, or SeeDream 5.0 lite, SeeDream 5.0 pro or SeeDream 5.0 flash."
        ),
    ),
    (
        {"response_format": "xml"},
        "response_format xml: The response format must be url or b64_json. Choose one of them.",
    ),
    (
        {"model": "4.0", "web_search": True},
        "web_search: SeeDream 4.0 can't search the web. Choose SeeDream 5.0 lite, or leave it out.",
    ),
    (
        {"optimize_prompt": "fast"},
        "optimize fast: SeeDream 5.0 lite optimizes prompts only in mode standard. Choose standard.",
    ),
    (
        {"model": "3.0-t2i", "optimize_prompt": "fast"},
        (
            "optimize: SeeDream 3.0 t2i can't optimize prompts. "
            "Choose SeeDream 5.0 lite, SeeDream 4.5 or SeeDream 4.0, or leave it out."
        ),
    ),
    (
        {"model": "pro", "stream": True},
        (
            "stream: SeeDream 5.0 pro can't stream. "
            "Choose SeeDream 5.0 lite, SeeDream 4.5 or SeeDream 4.0, or leave it out."
        ),
    ),
    (
        {"stream": True, "run_async": True},
        "stream: A stream can't be combined with async. Leave one of them out.",
    ),
    (
        {"stream": True, "callback_url": "https://bot.example"},
        "stream: A stream can't be combined with callback_url. Leave one of them out.",
    ),
    (
        {"callback_url": "bot.example/x"},
        (
            "callback_url bot.example/x: An address starts with https:// or http:// and a host name. "
            "Use an address that the service can reach."
        ),
    ),
    (
        {"background": "transparent"},
        (
            "background: SeeDream 5.0 lite can't make transparent backgrounds. "
            "Choose SeeDream 5.0 pro or SeeDream 5.0 flash, or leave it out."
        ),
    ),
    (
        {"model": "pro", "images": (JPEG_URL,), "background": "transparent"},
        "background: A transparent background needs exactly one PNG reference image. Add that image.",
    ),
    (
        {"model": "pro", "images": (LINK,), "background": "transparent", "output_format": "jpeg"},
        "background: Only a PNG can be transparent. Choose the format png.",
    ),
    (
        {"model": "pro", "images": (LINK,), "background": "green"},
        "background green: The background can only be transparent. Leave it out.",
    ),
    (
        {"layer_decomposition": True},
        (
            "layers: SeeDream 5.0 lite can't separate an image into layers. "
            "Choose SeeDream 5.0 pro or SeeDream 5.0 flash, or leave it out."
        ),
    ),
    (
        {"model": "pro", "layer_decomposition": True},
        "layers: Separating layers needs exactly one reference image. Add the image to separate.",
    ),
    ({"seed": "7"}, "seed: This must be a whole number, or left out."),
    ({"group": True}, "images: This must be a whole number, or left out."),
    ({"seed": 10**400}, "seed: This number is too large. Use a smaller one."),
    ({"images": ("x", 1)}, "references: References must be links or data URLs."),
]


@pytest.mark.parametrize(("fields", "sentence"), REFUSALS, ids=[sentence[:60] for _, sentence in REFUSALS])
def test_what_is_not_allowed_is_refused_with_a_remedy(fields, sentence):
    assert refused(**fields) == [sentence]


def test_all_problems_are_told_at_once():
    options = [
        line.split(":")[0].split()[0] for line in refused(prompt="", model="3.0-t2i", size="9K", stream=True, group=99)
    ]
    assert options == ["prompt", "size", "images", "stream"]


def test_what_does_not_hang_on_the_model_is_told_beside_an_unknown_model():
    assert [line.split(":")[0].split()[0] for line in refused(prompt="", model="6.0")] == ["model", "prompt"]


def test_a_long_refused_value_is_cut_and_kept_on_one_line():
    [sentence] = refused(size="x\n" * 500)
    assert len(sentence) < 200


def test_a_data_url_is_normalised_as_the_api_wants_it():
    shouted = JPEG_URL.replace("data:image/jpeg", "data:image/JPG")
    assert ImageRequest(prompt="x", images=[shouted]).images == (JPEG_URL,)


def test_a_reference_of_exactly_10_mb_is_accepted():
    content = b"\xff\xd8\xff" + bytes(MAX_REFERENCE_BYTES - 3)
    url = f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"
    assert ImageRequest(prompt="x", images=(url,)).images == (url,)


def test_a_request_is_changed_with_replace_and_checked_again():
    request = ImageRequest(prompt="x", size="3K")
    assert replace(request, group=3).max_images == 3
    with pytest.raises(InvalidRequest):
        replace(request, model="4.5")


@given(valid_requests())
def test_a_request_survives_being_written_down_as_json(request):
    assert ImageRequest.from_dict(json.loads(json.dumps(request.to_dict()))) == request


@given(valid_requests())
def test_normalising_twice_changes_nothing(request):
    assert replace(request) == request


@given(st.dictionaries(st.sampled_from(list(ImageRequest(prompt="x").to_dict())), any_json))
def test_any_fields_are_a_request_or_refused(fields):
    with contextlib.suppress(InvalidRequest):
        json.dumps(ImageRequest.from_dict(fields).to_wire("id")).encode()


def test_an_unknown_field_is_refused_with_the_nearest():
    with pytest.raises(InvalidRequest) as caught:
        ImageRequest.from_dict({"promt": "x"})
    assert str(caught.value).splitlines() == [
        "promt: A request has no such field. Did you mean prompt?",
        "prompt: A request needs a prompt. Add it.",
    ]


@given(valid_requests())
def test_the_local_service_which_was_written_apart_takes_every_valid_request(request):
    for wire_id in request.capabilities.wire_ids:
        order = order_of(request.to_wire(wire_id), accepted_names("both"))
        assert order.group is (request.max_images > 1)
        assert order.images == request.max_images or request.layer_decomposition


def published_schema():
    """The provider's own description of a body, with what is known to be missing in it put right."""
    default = Path(__file__).parents[2] / "../shared/specs/seedream-images.openapi.json"
    path = Path(os.environ.get("SEEDREAM_OPENAPI", default))
    if not path.exists():
        return None
    document = json.loads(path.read_text())
    body = document["paths"]["/seedream/images"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    properties = body["properties"]
    properties["model"].pop("enum")  # it lists the ids of one day
    del properties["size"]["enum"]  # its text allows width x height and 1.5K, its enum does not
    properties["guidance_scale"]["type"] = "number"  # "float" is no JSON type
    extra = {"background": {"const": "transparent"}, "layer_decomposition": {"const": True}}  # newer than the document
    return body | {"properties": properties | extra, "additionalProperties": False}


@pytest.mark.skipif(published_schema() is None, reason="the provider's OpenAPI document is not here")
def test_every_valid_request_fits_the_published_schema():
    validator = jsonschema_rs.validator_for(published_schema())

    @given(valid_requests())
    def fits(request):
        wire = request.to_wire(request.capabilities.wire_ids[0])
        validator.validate({"prompt": ""} | wire)  # with layers the prompt is optional; the document is older

    fits()
