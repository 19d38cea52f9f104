"""What images cost."""

from __future__ import annotations

import pytest

from seedream import MODELS, ImageRequest
from studio.prices import NO_PRICES, parse_prices, price_of


def test_models_are_named_as_people_name_them():
    prices = parse_prices("doubao-seedream-5.0-pro=4, 4.5 = 2,SeeDream 4.0=0,")
    assert prices == {"doubao-seedream-5.0-pro": 4, "doubao-seedream-4.5": 2, "doubao-seedream-4.0": 0}


def test_nothing_set_means_a_credit_an_image():
    assert parse_prices("") == NO_PRICES
    for name, model in MODELS.items():
        images = ("https://files.example/a.png",) * model.references.low
        assert price_of(ImageRequest(prompt="fox", model=name, images=images), NO_PRICES) == 1


def test_a_price_is_for_each_image_of_its_model():
    prices = parse_prices("lite=3")
    assert price_of(ImageRequest(prompt="fox", model="lite", group=4), prices) == 3
    assert price_of(ImageRequest(prompt="fox", model="4.5"), prices) == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("lite", "“lite” is no model=price"),
        ("lite=", "the price “” is no whole number from 0 to 1000"),
        ("lite=-1", "the price “-1” is no whole number from 0 to 1000"),
        ("lite=1001", "the price “1001” is no whole number from 0 to 1000"),
        ("lite=²", "the price “²” is no whole number from 0 to 1000"),
        ("lite=0.5", "the price “0.5” is no whole number from 0 to 1000; where a model costs half, give the others 2"),
        ("lite=" + "9" * 5000, f"the price “{'9' * 20}” is no whole number from 0 to 1000"),
        ("lite=1,5.0-lite=2", "doubao-seedream-5.0-lite is named twice"),
        ("seedream-5.0-lit=1", "“seedream-5.0-lit” is no model; did you mean doubao-seedream-5.0-lite"),
    ],
)
def test_what_is_wrong_is_told(text, problem):
    with pytest.raises(ValueError) as told:
        parse_prices(text)
    assert str(told.value) == problem
