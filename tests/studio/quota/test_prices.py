"""What pictures cost."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream import MODELS, ImageRequest
from seedream.capabilities import PriceAbove
from seedream.models import use_models_file
from studio.quota.decide import cost_of
from studio.quota.prices import NO_PRICES, ModelPrice, parse_prices, price_of

PICTURE = "https://files.example/a.png"
PRO = ImageRequest(prompt="fox", model="pro")
LAYERS = ImageRequest(prompt="", model="pro", images=(PICTURE,), layer_decomposition=True)
DEAR_ABOVE = "pro=1, pro>2600000=2"


def above(pixels: int, price: int) -> PriceAbove:
    return PriceAbove(pixels=pixels, price=price)


# --- as an operator writes them ---------------------------------------------------------------------------------------


def test_models_are_named_as_people_name_them():
    assert parse_prices("doubao-seedream-5.0-pro=4, 4.5 = 2,SeeDream 4.0=0,") == {
        "doubao-seedream-5.0-pro": ModelPrice(picture=4),
        "doubao-seedream-4.5": ModelPrice(picture=2),
        "doubao-seedream-4.0": ModelPrice(picture=0),
    }


def test_every_price_of_a_model_can_be_set():
    text = "pro=1, SeeDream 5.0 pro > 2600000 = 2, doubao-seedream-5-0-pro-260628 : Reference=1, 5.0-pro:layer=3"
    expected = ModelPrice(picture=1, above=above(2_600_000, 2), reference=1, layer=3)
    assert parse_prices(text) == {"doubao-seedream-5.0-pro": expected}


def test_nothing_set_means_a_credit_a_picture():
    assert parse_prices("") == NO_PRICES
    for name, model in MODELS.items():
        images = (PICTURE,) * model.references.low
        assert price_of(ImageRequest(prompt="fox", model=name, images=images), NO_PRICES) == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("lite", "“lite” isn't model=price"),
        ("lite=", "the price “” isn't a whole number from 0 to 1000"),
        ("lite=-1", "the price “-1” isn't a whole number from 0 to 1000"),
        ("lite=1001", "the price “1001” isn't a whole number from 0 to 1000"),
        ("lite=²", "the price “²” isn't a whole number from 0 to 1000"),
        (
            "lite=0.5",
            "the price “0.5” isn't a whole number from 0 to 1000; where a model costs half, give the others 2",
        ),
        ("lite=" + "9" * 5000, f"the price “{'9' * 20}” isn't a whole number from 0 to 1000"),
        ("lite=1,5.0-lite=2", "doubao-seedream-5.0-lite is set twice"),
        ("lite>1=1,lite>2=2", "doubao-seedream-5.0-lite> is set twice"),
        ("lite:layer=1,lite:layer=1", "doubao-seedream-5.0-lite:layer is set twice"),
        ("seedream-5.0-lit=1", "“seedream-5.0-lit” isn't a model. Did you mean doubao-seedream-5.0-lite"),
        ("seedream-5.0-lit>9=1", "“seedream-5.0-lit” isn't a model. Did you mean doubao-seedream-5.0-lite"),
        ("lite>=1", "“” isn't a number of pixels such as 2600000"),
        ("lite>0=1", "“0” isn't a number of pixels such as 2600000"),
        ("lite>2.6MP=1", "“2.6mp” isn't a number of pixels such as 2600000"),
        ("lite>" + "9" * 5000 + "=1", f"“{'9' * 20}” isn't a number of pixels such as 2600000"),
        ("lite:=1", "“lite:” isn't a price; a model can be followed by >PIXELS, :reference or :layer"),
        ("lite:refs=1", "“lite:refs” isn't a price; a model can be followed by >PIXELS, :reference or :layer"),
    ],
)
def test_what_is_wrong_is_told(text, problem):
    with pytest.raises(ValueError) as told:
        parse_prices(text)
    assert str(told.value) == problem


@given(st.text(max_size=80) | st.text(alphabet="lite45.0-pro>:=,refnyc 29", max_size=60))
def test_whatever_is_written_is_taken_or_refused(text):
    with suppress(ValueError):
        assert set(parse_prices(text)) <= set(MODELS)


# --- what a request costs ---------------------------------------------------------------------------------------------


def test_a_price_is_for_each_picture_of_its_model():
    prices = parse_prices("lite=3")
    assert price_of(ImageRequest(prompt="fox", model="lite", group=4), prices) == 3
    assert price_of(ImageRequest(prompt="fox", model="4.5"), prices) == 1


@pytest.mark.parametrize(
    ("chosen", "price"),
    [
        ({"size": "1K"}, 1),
        ({"size": "1.5K"}, 1),  # 2,359,296 pixels
        ({"size": "2K"}, 2),
        ({}, 2),  # the model's own size
        ({"size": "1.5K", "ratio": "16:9"}, 1),
        ({"ratio": "21:9"}, 2),
        ({"size": "2000x1300"}, 1),  # exactly the bound
        ({"size": "2001x1300"}, 2),
    ],
)
def test_a_picture_with_more_pixels_than_the_bound_has_its_price(chosen, price):
    assert price_of(replace(PRO, **chosen), parse_prices(DEAR_ABOVE)) == price


@pytest.mark.parametrize(("prices", "price"), [("i2i>2600000=2", 2), ("i2i=3, i2i>2600000=2", 3), ("i2i>4194304=2", 1)])
def test_where_only_the_service_knows_the_size_it_is_the_dearest_that_the_model_makes(prices, price):
    request = ImageRequest(prompt="night", model="i2i", images=(PICTURE,), size="adaptive")
    assert price_of(request, parse_prices(prices)) == price


def test_references_after_the_first_are_added_to_each_picture():
    prices = parse_prices("pro=1, pro:reference=2")
    assert [price_of(replace(PRO, images=(PICTURE,) * number), prices) for number in range(4)] == [1, 1, 3, 5]


@pytest.mark.parametrize(
    ("prices", "chosen", "price"),
    [
        ("pro=5, pro:layer=2", {}, 2),
        ("pro=5, pro>2600000=9, pro:layer=0", {"size": "2K"}, 0),
        ("pro=5", {}, 5),
        ("pro=5, pro>2600000=9", {}, 9),
        ("pro=5, pro>2600000=9", {"size": "1K"}, 5),
    ],
)
def test_a_layer_has_its_own_price_or_a_pictures(prices, chosen, price):
    ask = cost_of(replace(LAYERS, **chosen), parse_prices(prices))
    assert (ask.price, ask.images, ask.divisible) == (price, 17, False)


def test_a_changed_request_is_priced_anew():
    prices = parse_prices(f"{DEAR_ABOVE}, pro:reference=3, 4.5=7")
    asked = replace(PRO, images=(PICTURE, PICTURE), size="2K")
    changes = [{}, {"size": "1K"}, {"images": (PICTURE,)}, {"images": ()}, {"model": "4.5"}]
    assert [price_of(replace(asked, **change), prices) for change in changes] == [5, 4, 2, 2, 7]


@pytest.fixture
def models_file(tmp_path):
    """Writes an operator's file of models, which is read; afterwards the built-in ones hold again."""

    def write(text):
        file = tmp_path / "models.toml"
        file.write_text(text)
        use_models_file(file)

    yield write
    use_models_file(None)


def test_prices_are_those_of_the_models_files_until_the_operator_sets_others(models_file):
    models_file(
        """
        [models."doubao-seedream-5.0-pro"]
        price = 2
        price_above = { pixels = 2_600_000, price = 4 }
        price_reference = 1
        """
    )
    asked = replace(PRO, images=(PICTURE, PICTURE), size="1K")
    large = replace(asked, size="2K")
    assert [price_of(one, NO_PRICES) for one in (asked, large)] == [3, 5]
    prices = parse_prices("pro:reference=0, pro=3")
    assert [price_of(one, prices) for one in (asked, large)] == [3, 4]


def test_a_model_that_is_in_no_file_any_more_costs_the_usual():
    gone = ImageRequest.restored(PRO.to_dict() | {"model": "gone-1.0", "size": "2K", "ratio": "16:9"})
    assert price_of(gone, parse_prices("pro=3")) == 1
