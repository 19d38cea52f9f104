"""What images cost, in credits. Pure.

Credits are whole numbers. Sums of them are exact in every database, a refund never leaves a rest, and Discord's own
number option takes them. Where one model costs half of another, the cheap one is 1 and the other 2.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from seedream.errors import InvalidRequest
from seedream.models import find_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from seedream import ImageRequest

USUAL_PRICE = 1
MOST_PRICE = 1_000

Prices = MappingProxyType[str, int]
"""A model's name -> what one image costs. A model that is not in it costs `USUAL_PRICE`; 0 is for nothing."""

NO_PRICES: Prices = MappingProxyType({})


def parse_prices(text: str) -> Prices:
    """From "doubao-seedream-5.0-pro=2, 4.0=1". Raises: ValueError, whose text says what is wrong and what is taken."""
    prices: dict[str, int] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, equals, price = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise ValueError(f"“{part[:80]}” is no model=price")
        try:
            model = find_model(name).name
        except InvalidRequest as error:
            raise ValueError(f"“{name[:80]}” is no model; {error.refusals[0].remedy}") from None
        if model in prices:
            raise ValueError(f"{model} is named twice")
        prices[model] = _price(price)
    return MappingProxyType(prices)


def _price(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST_PRICE)) and int(text) <= MOST_PRICE):
        remedy = "; where a model costs half, give the others 2" if "." in text else ""
        raise ValueError(f"the price “{text[:20]}” is no whole number from 0 to {MOST_PRICE}{remedy}")
    return int(text)


def price_of(request: ImageRequest, prices: Mapping[str, int]) -> int:
    """Credits that each image of a request costs."""
    return prices.get(request.model, USUAL_PRICE)
