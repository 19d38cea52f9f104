"""A request that can't be made as it is, and what is offered in its place."""

from __future__ import annotations

import pytest

from cogs.requests.retry_offers import RetryOffer, RetryOffers
from seedream import ImageRequest
from studio.jobs.job import PreparedRequest
from studio.quota.prices import NO_PRICES, parse_prices
from tests.support.layers import LAYERED

FLASH = "doubao-seedream-5.0-flash"
FOX = ImageRequest(prompt="a red fox", model="pro", size="2K")
SET = ImageRequest(prompt="a red fox", model="4.5", group=4)


def offered(request, models, prices=NO_PRICES):
    """The label of the button for another model, and the request that a press makes."""
    offers = RetryOffers()
    offer = RetryOffer(PreparedRequest(request=request), private=False)
    (button,) = offers.other_model(request.model, offer, {models}, prices).view.children
    _, _, name, images = button.custom_id.split(":")
    return button.label, offers.open(name, int(images)).prepared.request


@pytest.mark.parametrize(
    ("request_", "model", "prices", "label"),
    [
        (FOX, FLASH, "", "Use SeeDream 5.0 flash"),
        (FOX, FLASH, "flash=1, flash>2600000=2", "Use SeeDream 5.0 flash for 2 credits"),
        (SET, "doubao-seedream-4.0", "4.0=3", "Use SeeDream 4.0 for 12 credits"),
        (LAYERED, FLASH, "", "Use SeeDream 5.0 flash for up to 17 credits"),
    ],
)
async def test_another_model_is_offered_with_what_it_costs_and_a_press_makes_the_same_with_it(
    request_, model, prices, label
):
    told, made = offered(request_, model, parse_prices(prices))
    assert told == label
    assert (made.model, made.group, made.layer_decomposition) == (model, request_.group, request_.layer_decomposition)
