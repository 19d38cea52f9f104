"""What pictures cost, in credits. Pure.

Credits are whole numbers: their sums are exact in every database, a refund leaves no remainder, and Discord's number
option accepts them. If one model costs half of another, the cheap one costs 1 and the other 2.

The price per picture is fixed when a request is accepted. The request costs the number of pictures made times that
price, whatever size they turn out to have.
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
from seedream.limits import MAX_LAYERS
from seedream.models import MODELS, find_model

if TYPE_CHECKING:
    from collections.abc import Iterable

    from seedream import ImageRequest, Model

USUAL_PRICE = 1
_SUFFIXES = {"picture": "", "above": ">", "reference": ":reference", "layer": ":layer"}
_PIXELS = re.compile(r"[1-9][0-9]{0,11}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPrice:
    """What a model's pictures cost, in credits.

    picture: per picture. above: per picture larger than a bound. reference: added per picture for every reference after
    the first. layer: per layer; None costs the same as a picture.
    """

    picture: int = USUAL_PRICE
    above: PriceAbove | None = None
    reference: int = 0
    layer: int | None = None

    @classmethod
    def of(cls, model: Model) -> ModelPrice:
        """Return the price in the models' files."""
        return cls(
            picture=model.price, above=model.price_above, reference=model.price_reference, layer=model.price_layer
        )

    @property
    def flat(self) -> bool:
        """Whether all pictures cost the same, whatever their size and references."""
        return not self.reference and (self.above is None or self.above.price == self.picture)

    @property
    def usual(self) -> bool:
        """Whether every picture costs one credit."""
        return self.flat and self.picture == USUAL_PRICE

    def sized(self, pixels: int) -> int:
        """Return the price of a picture with so many pixels."""
        return self.above.price if self.above and pixels > self.above.pixels else self.picture


Prices = Mapping[str, ModelPrice]
"""The operator's prices by model name. Other models have the prices of their files."""

NO_PRICES: Prices = MappingProxyType({})


def model_price(model: Model, prices: Prices) -> ModelPrice:
    return prices.get(model.name) or ModelPrice.of(model)


def price_of(request: ImageRequest, prices: Prices) -> int:
    """Return the credits that each picture of a request costs, or each layer."""
    price = model_price(request.capabilities, prices)
    if request.layer_decomposition and price.layer is not None:
        return price.layer
    further_references = max(0, len(request.images) - 1)
    return _sized(price, request) + further_references * price.reference


def layers_cost(models: Iterable[Model], prices: Prices) -> int:
    """Return the most credits that splitting a picture into layers costs, by whichever of these models."""
    return MAX_LAYERS * max((_layer(model_price(model, prices), model) for model in models), default=0)


def _layer(price: ModelPrice, model: Model) -> int:
    return max(price.picture, price.sized(model.most_pixels)) if price.layer is None else price.layer


def _sized(price: ModelPrice, request: ImageRequest) -> int:
    """Return the price for the request's size; the highest one if only the service knows the size."""
    model = request.capabilities
    size = sizes.exact_size(request.wire_size) or model.sizes.get(request.wire_size, {}).get(SQUARE)
    return price.sized(size.pixels) if size else max(price.picture, price.sized(model.most_pixels))


# --- the operator's prices --------------------------------------------------------------------------------------------


class _Entry(NamedTuple):
    """One price of a model. field: of `ModelPrice`."""

    model: str
    field: str
    value: Any


def parse_prices(text: str) -> Prices:
    """Parse "5.0-pro=1, 5.0-pro>2600000=2, 5.0-pro:reference=1, 5.0-pro:layer=1".

    Prices that are not named stay as in the models' files. Raises: ValueError, whose text says what is wrong and what
    is accepted.
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
    """Split into a model's name and the suffix of a price. A service's own ids may contain these marks."""
    if not _is_model(target):
        for mark in ">:":
            name, separator, rest = target.rpartition(mark)
            if separator:
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
