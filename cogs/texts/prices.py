"""Describes prices to members. Beforehand, nothing is said where every picture costs one credit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cogs.i18n.translate import _, all_of, listing, ngettext, number
from cogs.texts.common import credit_count, labelled, picture_count, plain
from seedream import MODELS
from studio.jobs.sets import cost_again
from studio.quota.prices import USUAL_PRICE, model_price

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from seedream import ImageRequest, Model
    from studio.jobs.job import Job
    from studio.quota.prices import ModelPrice, Prices

_MEGA = 1_000_000
_MOST_LINES = 4
_LONGEST_LINE = 400  # of the 4,000 characters that a message's texts may have together


def price_words(price: ModelPrice) -> str:
    """ "1 credit, 2 above 2.6 megapixels, 1 more per reference after the first"."""
    return listing([credit_count(price.picture), *_particulars(price)])


def short_price(price: ModelPrice) -> str:
    """Return the price in few words: "1 credit", or "from 1 credit" if it varies."""
    if price.flat:
        return credit_count(price.picture)
    least = min(price.picture, price.above.price) if price.above else price.picture
    # Translators: the least that a picture costs: {credits} is such as "1 credit"
    return _("from {credits}", credits=credit_count(least))


def _particulars(price: ModelPrice) -> list[str]:
    """Return surcharges of a model: for large pictures and for references."""
    words = []
    if price.above and price.above.price != price.picture:
        size = number(round(price.above.pixels / _MEGA, 2))
        # Translators: what larger pictures cost; it follows "1 credit, "
        words.append(_("{price} above {size} megapixels", price=number(price.above.price), size=size))
    if price.reference:
        # Translators: a price that is added; it follows "1 credit, "
        words.append(_("{price} more per reference after the first", price=number(price.reference)))
    return words


def model_costs(
    models: Iterable[Model], prices: Prices, words: Callable[[ModelPrice], str] = price_words
) -> dict[str, str]:
    """Return prices by model name, as `words` says them; empty if each model takes one credit a picture."""
    costs = {model.name: model_price(model, prices) for model in models}
    if all(price.usual for price in costs.values()):
        return {}
    return {name: words(price) for name, price in costs.items()}


def request_cost(request: ImageRequest, price: int) -> str | None:
    """Return what a request costs at `price` credits a picture; None if that is one credit a picture."""
    credits_ = credit_count(request.max_images * price)
    if request.layer_decomposition:
        return up_to(credits_)
    return None if price == USUAL_PRICE else credits_


def up_to(most: str) -> str:
    # Translators: what a request may cost: {credits} is such as "8 credits"
    return _("up to {credits}", credits=most)


def cost_range(prices: Collection[int]) -> str:
    """Return what one picture costs at any of these prices: "1 credit", or "from 1 credit"."""
    least = credit_count(min(prices))
    # Translators: the least that a picture costs: {credits} is such as "1 credit"
    return least if len(set(prices)) == 1 else _("from {credits}", credits=least)


def cost_line(job: Job) -> str | None:
    """Return what a job cost in the end, or may cost with its set; until then None if each picture costs one credit."""
    if job.state.final:
        return credit_count(job.cost) if job.spent else None
    prices = {job.price, *(child.reserved // child.count for child in job.children if child.together)}
    if prices == {USUAL_PRICE} and not job.request.layer_decomposition:
        return None
    return up_to(credit_count(cost_again(job)))


def group_label(pictures: int, price: int | None, *, limited: bool = True) -> str:
    """Label a choice of how many pictures: "4 pictures · 4 credits".

    price: credits for each, None while it isn't known. limited: whether anything limits credits; if nothing does, the
    usual price goes without saying, as it does for one picture.
    """
    if price is None or (price == USUAL_PRICE and (pictures == 1 or not limited)):
        return picture_count(pictures)
    return f"{picture_count(pictures)} · {credit_count(pictures * price)}"


def price_lines(prices: Prices) -> list[str]:
    """Say what a picture costs, the models that cost something else, and the surcharges."""
    costs = {model.label: model_price(model, prices) for model in MODELS.values() if model.offered}
    lines = [_general({label: price.picture for label, price in costs.items()})]
    alike: dict[str, list[str]] = {}
    for label, price in costs.items():
        alike.setdefault(listing(_all_particulars(price)), []).append(label)
    lines += [labelled(all_of(labels), words) for words, labels in alike.items() if words]
    return [plain(line, _LONGEST_LINE) for line in lines[:_MOST_LINES]]


def _general(costs: Mapping[str, int]) -> str:
    """Return the price with most models, followed by the others' prices. `costs`: by the model's label."""
    usual = Counter(costs.values()).most_common(1)[0][0] if costs else USUAL_PRICE
    others = listing(
        # Translators: of "A picture costs 1 credit; 3 with SeeDream 5.0 pro, 0 with SeeDream 4.0."
        _("{price} with {model}", price=number(price), model=label)
        for label, price in costs.items()
        if price != usual
    )
    if not others:
        return ngettext("A picture costs {n} credit.", "A picture costs {n} credits.", usual)
    return ngettext(
        "A picture costs {n} credit; {others}.", "A picture costs {n} credits; {others}.", usual, others=others
    )


def _all_particulars(price: ModelPrice) -> list[str]:
    words = _particulars(price)
    if price.layer not in {None, price.picture}:
        # Translators: what each layer costs of a picture that is taken apart
        words.append(_("{price} per layer", price=number(price.layer or 0)))
    return words
