import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream import DEFAULT_MODEL, MODELS, ImageRequest, InvalidRequest, Size, find_model
from seedream.capabilities import PRESET_RATIOS
from seedream.models import model_like, presets_of
from seedream.sizes import nearest


def test_there_are_seven_models_and_the_default_is_one_of_them():
    assert [model.label for model in MODELS.values()] == [
        "SeeDream 5.0 lite",
        "SeeDream 4.5",
        "SeeDream 4.0",
        "SeeDream 5.0 pro",
        "SeeDream 5.0 flash",
        "SeeDream 3.0 t2i",
        "SeedEdit 3.0 i2i",
    ]
    assert DEFAULT_MODEL in MODELS


def test_presets_of_several_models_are_in_order_of_size():
    assert presets_of(MODELS.values()) == ["1K", "1.5K", "2K", "3K", "4K"]


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_every_pair_of_a_model_is_of_its_ratio_and_can_be_sent(model):
    for preset, pairs in model.sizes.items():
        assert tuple(pairs) == PRESET_RATIOS
        for ratio, size in pairs.items():
            width, height = map(int, ratio.split(":"))
            assert size.width / size.height == pytest.approx(width / height, rel=0.02), (preset, ratio)
            references = ("https://files.example/a.png",) * model.references.low
            assert ImageRequest(prompt="x", model=model.name, images=references, size=str(size)).wire_size == str(size)


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_every_name_of_a_model_finds_it(model):
    for name in (model.name, model.label, *model.wire_ids, model.name.upper(), f" {model.name} "):
        assert find_model(name) == model


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("4.5", "doubao-seedream-4.5"),
        ("5.0-lite", "doubao-seedream-5.0-lite"),
        ("5.0", "doubao-seedream-5.0-lite"),
        ("seedream-4.0", "doubao-seedream-4.0"),
        ("SeeDream 4", "doubao-seedream-4.0"),
        ("3.0-t2i", "doubao-seedream-3.0-t2i"),
        ("seededit", "doubao-seededit-3.0-i2i"),
        ("5.0 Pro", "doubao-seedream-5.0-pro"),
    ],
)
def test_loose_forms_of_a_name_are_understood(text, name):
    assert find_model(text).name == name


def test_an_unknown_model_is_refused_with_the_nearest():
    with pytest.raises(InvalidRequest) as caught:
        find_model("seedream-4.6")
    assert str(caught.value) == "model seedream-4.6: SeeDream has no such model. Did you mean doubao-seedream-4.5?"


def test_a_model_unlike_any_is_refused_with_all_names():
    with pytest.raises(InvalidRequest, match=r"Choose one of doubao-seedream-5\.0-lite, doubao-seedream-4\.5,"):
        find_model("???")


@given(st.text(max_size=300))
def test_any_text_is_a_model_or_a_refusal(text):
    with contextlib.suppress(InvalidRequest):
        assert find_model(text).name in MODELS


def test_sizes_are_read_as_people_write_them():
    assert Size.parse(" 2048 × 1024 ") == Size.parse("2048X1024") == Size(2048, 1024)
    assert str(Size(2048, 1024)) == "2048x1024"
    assert Size(2048, 1024).pixels == 2_097_152
    with pytest.raises(ValueError, match="width x height"):
        Size.parse("2K")


sides = st.integers(0, 999_999) | st.integers(0, 9000) | st.integers(0, 700)


@given(st.sampled_from(list(MODELS.values())), sides, sides)
def test_the_nearest_size_is_always_accepted(model, width, height):
    suggested = nearest(model, Size(width, height))
    references = ("https://files.example/a.png",) * model.references.low
    request = ImageRequest(prompt="x", model=model.name, images=references, size=str(suggested))
    assert request.wire_size == str(suggested)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("SeeDream 5.0 flash", "doubao-seedream-5.0-flash"),
        ("5.0-lite", "doubao-seedream-5.0-lite"),
        ("4.5", "doubao-seedream-4.5"),
        ("seedream", None),
        ("fla", None),
        ("gpt", None),
        ("", None),
    ],
)
def test_a_part_of_a_label_names_a_model_where_only_one_has_it(text, name):
    model = model_like(text)
    assert (model and model.name) == name
