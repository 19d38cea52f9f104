"""What "change this picture" means as a request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream import MODELS, RATIOS, ImageRequest, InvalidRequest
from seedream.capabilities import Size
from studio.jobs.editing import edit_request, nearest_ratio, next_preset, rerolled, upscaled, varied
from studio.members.defaults import Look
from studio.members.models import can_edit, editor_near
from studio.members.preferences import Preferences

LINK = "https://cdn.example/fox.png"
LITE = Look(model="doubao-seedream-5.0-lite", size="2K")


@pytest.mark.parametrize(
    ("usual", "pictures", "taken"),
    [
        ("doubao-seedream-5.0-lite", 1, "doubao-seedream-5.0-lite"),
        ("doubao-seedream-3.0-t2i", 1, "doubao-seededit-3.0-i2i"),
        ("doubao-seedream-3.0-t2i", 2, "doubao-seedream-4.0"),
        ("doubao-seededit-3.0-i2i", 1, "doubao-seededit-3.0-i2i"),
        ("doubao-seededit-3.0-i2i", 3, "doubao-seedream-4.0"),
        ("doubao-seedream-5.0-pro", 10, "doubao-seedream-5.0-pro"),
        ("doubao-seedream-5.0-pro", 11, "doubao-seedream-5.0-lite"),
    ],
)
def test_the_usual_model_is_kept_where_it_can_edit_and_else_the_nearest_that_can(usual, pictures, taken):
    assert editor_near(usual, pictures).name == taken
    request = edit_request("make it night", [f"{LINK}?{n}" for n in range(pictures)], look=Look(model=usual))
    assert request.model == taken


def test_more_pictures_than_any_model_takes_are_refused():
    with pytest.raises(InvalidRequest, match="14"):
        edit_request("blend", [f"{LINK}?{n}" for n in range(15)], look=LITE)


def test_a_model_that_was_chosen_is_never_exchanged():
    with pytest.raises(InvalidRequest, match=r"3\.0 t2i"):
        edit_request("make it night", [LINK], look=LITE, model="3.0-t2i")


@pytest.mark.parametrize(
    ("sides", "options", "size"),
    [
        ((1200, 800), {}, Size(2496, 1664)),
        ((800, 1200), {}, Size(1664, 2496)),
        ((1000, 990), {}, Size(2048, 2048)),
        ((5000, 1000), {}, Size(3136, 1344)),
        (None, {}, Size(2048, 2048)),
        ((1200, 800), {"size": "4K"}, Size(4992, 3328)),
        ((1200, 800), {"size": " 4k"}, Size(4992, 3328)),
        ((1200, 800), {"ratio": "9:16"}, Size(1600, 2848)),
        ((1200, 800), {"size": "2048x2048"}, Size(2048, 2048)),
    ],
)
def test_the_size_follows_the_pictures_shape_unless_one_is_chosen(sides, options, size):
    request = edit_request("make it night", [LINK], look=LITE, sides=sides, **options)
    assert Size.parse(request.wire_size if "x" in request.wire_size else "2048x2048") == size


def test_a_model_that_keeps_the_pictures_own_size_is_told_to():
    request = edit_request("make it night", [LINK], look=Look(model="seededit"), sides=(1200, 800))
    assert request.size == "adaptive"


@given(st.integers(1, 20_000), st.integers(1, 20_000))
def test_the_nearest_ratio_is_always_one_that_exists_and_turns_with_the_picture(width, height):
    ratio = nearest_ratio(width, height)
    assert ratio in RATIOS
    if width > 1.2 * height:
        assert int(ratio.split(":")[0]) > int(ratio.split(":")[1])
    if ratio != "21:9":
        across, down = ratio.split(":")
        assert nearest_ratio(height, width) in {f"{down}:{across}", "21:9", "9:16"}


editors = st.sampled_from([name for name, model in MODELS.items() if can_edit(model)])


@given(editors, st.integers(64, 8000), st.integers(64, 8000), st.sampled_from([None, "1K", "2K", "4K", "768x512"]))
def test_no_picture_and_no_last_choice_keeps_an_edit_from_being_made(model, width, height, size):
    request = edit_request("x", [LINK], look=Look(model=model, size=size), sides=(width, height))
    assert request.model == model


def test_upscale_is_offered_only_where_a_larger_preset_has_the_shape():
    four, lite, pro = (MODELS[f"doubao-seedream-{name}"] for name in ("4.0", "5.0-lite", "5.0-pro"))
    assert next_preset(four, (1024, 1024)) == "2K"
    assert next_preset(four, (2848, 1600)) == "4K"
    assert next_preset(four, (4096, 4096)) is None
    assert next_preset(lite, (2048, 2048)) == "3K"
    assert next_preset(pro, (2048, 2048)) is None
    assert next_preset(MODELS["doubao-seedream-3.0-t2i"], (512, 512)) is None


def test_an_upscale_is_the_same_words_after_the_picture_at_the_next_preset():
    request = ImageRequest(prompt="a fox", model="4.0", size="1K", ratio="3:2", group=4)
    larger = upscaled(request, LINK, (1248, 832))
    assert (larger.prompt, larger.images, larger.wire_size, larger.max_images) == ("a fox", (LINK,), "2496x1664", 1)


def test_a_reroll_changes_nothing_but_the_seed_and_that_only_where_there_is_one():
    seeded = ImageRequest(prompt="a fox", model="3.0-t2i", seed=7)
    assert rerolled(seeded, 8).seed == 8
    free = ImageRequest(prompt="a fox")
    assert rerolled(free, 8) == free


def test_a_variation_keeps_words_model_and_shape():
    request = ImageRequest(prompt="a fox", model="4.5", size="4K", ratio="16:9", watermark=True)
    variation = varied(request, LINK, (5504, 3040), LITE)
    assert (variation.prompt, variation.model, variation.images) == ("a fox", request.model, (LINK,))
    assert variation.ratio == "16:9"
    assert variation.watermark


def test_what_was_chosen_last_is_kept_until_something_else_is_chosen():
    first = Preferences().chosen(model="a", size="2K", ratio="3:2")
    assert first == Preferences(model="a", size="2K", ratio="3:2")
    assert first.chosen(model=None, size=None, ratio=None) == first
    assert first.chosen(model=None, size="4K", ratio=None) == Preferences(model="a", size="4K", ratio="3:2")
    exact = first.chosen(model=None, size="2048x1536", ratio=None)
    assert exact == Preferences(model="a", size="2048x1536")
    assert exact.chosen(model=None, size=None, ratio="1:1") == Preferences(model="a", ratio="1:1")
