"""What pictures cost, in credits. Pure.

Credits are whole numbers. Sums of them are exact in every database, a refund never leaves a rest, and Discord's own
number option takes them. Where one model costs half of another, the cheap one is 1 and the other 2.

A request's price is that of each of its pictures. It is decided once, when the request is accepted, so a request costs
the pictures that were made times its price, whatever size they turn out to have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from seedream import sizes
from seedream.capabilities import MAX_PRICE, SQUARE, PriceAbove
from seedream.errors import InvalidRequest
from seedream.models import MODELS, find_model

if TYPE_CHECKING:
    from seedream import ImageRequest, Model

USUAL_PRICE = 1
_SUFFIXES = {"picture": "", "above": ">", "reference": ":reference", "layer": ":layer"}
_PIXELS = re.compile(r"[1-9][0-9]{0,11}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPrice:
    """What a model's pictures cost.

    picture: each picture. above: each that is larger than a bound. reference: added to each picture for every reference
    after the first. layer: each layer; None is as a picture.
    """

    picture: int = USUAL_PRICE
    above: PriceAbove | None = None
    reference: int = 0
    layer: int | None = None

    @classmethod
    def of(cls, model: Model) -> ModelPrice:
        """As the models' files have it."""
        return cls(
            picture=model.price, above=model.price_above, reference=model.price_reference, layer=model.price_layer
        )

    @property
    def flat(self) -> bool:
        """Whether pictures cost the same, whatever their size and references."""
        return not self.reference and (self.above is None or self.above.price == self.picture)

    @property
    def usual(self) -> bool:
        """Whether a picture is a credit, and there is nothing more to say."""
        return self.flat and self.picture == USUAL_PRICE

    def sized(self, pixels: int) -> int:
        """A picture of so many pixels."""
        return self.above.price if self.above and pixels > self.above.pixels else self.picture


Prices = Mapping[str, ModelPrice]
"""By models' names: the prices that the operator has set. The others are those of the models' files."""

NO_PRICES: Prices = MappingProxyType({})


def model_price(model: Model, prices: Prices) -> ModelPrice:
    return prices.get(model.name) or ModelPrice.of(model)


def price_of(request: ImageRequest, prices: Prices) -> int:
    """Credits that each picture of a request costs, or each layer."""
    price = model_price(request.capabilities, prices)
    if request.layer_decomposition and price.layer is not None:
        return price.layer
    further_references = max(0, len(request.images) - 1)
    return _sized(price, request) + further_references * price.reference


def _sized(price: ModelPrice, request: ImageRequest) -> int:
    """A picture of the request's size; the dearest, where only the service knows the size."""
    model = request.capabilities
    size = sizes.exact_size(request.wire_size) or model.sizes.get(request.wire_size, {}).get(SQUARE)
    return price.sized(size.pixels) if size else max(price.picture, price.sized(model.most_pixels))


# --- the operator's ---------------------------------------------------------------------------------------------------


class _Entry(NamedTuple):
    """One price of a model; `field`: of ModelPrice."""

    model: str
    field: str
    value: Any


def parse_prices(text: str) -> Prices:
    """From "5.0-pro=1, 5.0-pro>2600000=2, 5.0-pro:reference=1, 5.0-pro:layer=1".

    What is not said of a model stays as the models' files have it. Raises: ValueError, whose text says what is wrong
    and what is taken.
    """
    changes: dict[str, dict[str, Any]] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        entry = _entry(part)
        changed = changes.setdefault(entry.model, {})
        if entry.field in changed:
            raise ValueError(f"{entry.model}{_SUFFIXES[entry.field]} is set twice")
        changed[entry.field] = entry.value
    return MappingProxyType(
        {name: replace(ModelPrice.of(MODELS[name]), **changed) for name, changed in changes.items()}
    )


def _entry(part: str) -> _Entry:
    target, equals, value = (piece.strip() for piece in part.partition("="))
    if not equals:
        raise ValueError(f"“{part[:80]}” isn't model=price")
    name, suffix = _split(target)
    model, price = _model(name).name, _credits(value)
    if suffix.startswith(">"):
        return _Entry(model, "above", PriceAbove(pixels=_pixels(suffix[1:].strip()), price=price))
    field = next((field for field, known in _SUFFIXES.items() if known == suffix), None)
    if field is None:
        raise ValueError(f"“{target[:80]}” isn't a price; a model can be followed by >PIXELS, :reference or :layer")
    return _Entry(model, field, price)


def _split(target: str) -> tuple[str, str]:
    """A model's name, and which of its prices is meant. A service's own ids may hold these marks themselves."""
    if not _is_model(target):
        for mark in ">:":
            name, found, rest = target.rpartition(mark)
            if found:
                return name.strip(), mark + rest.strip().lower()
    return target, ""


def _is_model(name: str) -> bool:
    try:
        find_model(name)
    except InvalidRequest:
        return False
    return True


def _model(name: str) -> Model:
    try:
        return find_model(name)
    except InvalidRequest as error:
        raise ValueError(f"“{name[:80]}” isn't a model. {error.problems[0].remedy}".rstrip(".?")) from None


def _credits(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_PRICE)) and int(text) <= MAX_PRICE):
        remedy = "; where a model costs half, give the others 2" if "." in text else ""
        raise ValueError(f"the price “{text[:20]}” isn't a whole number from 0 to {MAX_PRICE}{remedy}")
    return int(text)


def _pixels(text: str) -> int:
    if not _PIXELS.fullmatch(text):
        raise ValueError(f"“{text[:20]}” isn't a number of pixels such as 2600000")
    return int(text)
