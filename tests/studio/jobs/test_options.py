"""What a member asks for, with their defaults, as a request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream import MODELS, RATIOS, InvalidRequest
from seedream.capabilities import Size
from studio.jobs.options import GenerationOptions, nearest_ratio
from studio.members.defaults import Defaults
from studio.members.models import can_edit, editor_near

LINK = "https://cdn.example/fox.png"
LITE = Defaults(model="doubao-seedream-5.0-lite", size="2K")


def generation(defaults=LITE, **options):
    return GenerationOptions(prompt="a red fox", **options).generation(defaults)


def edit(pictures=1, defaults=LITE, *, sides=None, **options):
    images = tuple(f"{LINK}?{number}" for number in range(pictures))
    return GenerationOptions(prompt="make it night", images=images, **options).edit(defaults, sides)


# --- pictures from words ----------------------------------------------------------------------------------------------


def test_what_was_left_open_is_filled_in_from_the_defaults():
    defaults = Defaults(model="4.5", size="4K", ratio="16:9", watermark=True)
    request = generation(defaults)
    assert (request.model, request.size, request.ratio, request.watermark) == (
        "doubao-seedream-4.5", "4K", "16:9", True,
    )  # fmt: skip


def test_what_was_chosen_wins_over_the_defaults():
    defaults = Defaults(model="4.5", size="4K", ratio="16:9", watermark=True)
    request = generation(defaults, model="4.0", size="1K", ratio="1:1", watermark=False, group=3)
    assert (request.model, request.size, request.ratio, request.watermark, request.group) == (
        "doubao-seedream-4.0", "1K", "1:1", False, 3,
    )  # fmt: skip


def test_a_default_size_that_the_model_does_not_take_gives_way_to_the_next():
    assert generation(Defaults(model="5.0-lite", size="1K", sizes=("3K",))).size == "3K"
    assert generation(Defaults(model="5.0-lite", size="1K")).size is None


def test_a_default_ratio_gives_way_to_a_size_in_pixels():
    request = generation(Defaults(model="4.5", ratio="16:9"), size="2048x2048")
    assert (request.size, request.ratio) == ("2048x2048", None)


@pytest.mark.parametrize("model", [name for name, model in MODELS.items() if model.presets])
def test_a_chosen_ratio_is_taken_without_a_size(model):
    assert generation(Defaults(model=model, sizes=("99999x1",)), ratio="16:9").ratio == "16:9"


def test_a_default_format_is_left_out_where_the_model_has_no_choice_and_a_chosen_one_is_refused():
    without = next(model for model in MODELS.values() if not model.output_formats and not model.references.low)
    assert generation(Defaults(model=without.name, output_format="png")).output_format is None
    with pytest.raises(InvalidRequest):
        generation(Defaults(model=without.name), output_format="png")


@given(
    st.sampled_from([name for name, model in MODELS.items() if not model.references.low]),
    st.sampled_from([None, "1K", "2K", "3K", "4K", "768x512", "99999x1"]),
    st.sampled_from([None, *RATIOS]),
)
def test_no_default_keeps_a_request_from_being_made(model, size, ratio):
    assert generation(Defaults(model=model, size=size, ratio=ratio, output_format="png")).model == model


# --- pictures from pictures -------------------------------------------------------------------------------------------


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
    request = edit(pictures, Defaults(model=usual))
    assert request.model == taken


def test_more_pictures_than_any_model_takes_are_refused():
    with pytest.raises(InvalidRequest, match="14"):
        edit(15)


def test_a_model_that_was_chosen_is_never_exchanged():
    with pytest.raises(InvalidRequest, match=r"3\.0 t2i"):
        edit(model="3.0-t2i")


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
    request = edit(sides=sides, **options)
    assert Size.parse(request.wire_size if "x" in request.wire_size else "2048x2048") == size


def test_a_model_that_keeps_the_pictures_own_size_is_told_to():
    request = edit(defaults=Defaults(model="seededit"), sides=(1200, 800))
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
    request = edit(defaults=Defaults(model=model, size=size), sides=(width, height))
    assert request.model == model
