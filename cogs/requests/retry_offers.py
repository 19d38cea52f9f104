"""Offers the nearest possible request with a refusal: one press of its button submits it.

Offers are kept in memory only. Nothing was accepted, so a restart loses nothing: the button then says that it expired.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.i18n.translate import _, sentences
from cogs.requests.member_memory import make_room
from cogs.texts.prices import request_cost
from cogs.texts.quota import offer_label, offer_sentence, refusal_sentence
from cogs.texts.refusal import RefusalError, UnknownHereError
from seedream.models import known_model
from studio.jobs.editing import alternative
from studio.jobs.turns import acting_member
from studio.quota.prices import price_of

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from seedream import ImageRequest
    from studio.jobs.images import SetSlot
    from studio.jobs.job import PreparedRequest
    from studio.quota.decide import Refused
    from studio.quota.prices import Prices

OFFER_PATTERN = r"sd:fewer:(?P<offer>[\w-]{1,32}):(?P<images>\d{1,2})"
MOST_OFFERS_EACH = 20  # of one member
MOST_OFFERS = 1_000  # the oldest is dropped for a new one


@dataclass(frozen=True, slots=True)
class RetryOffer:
    """A refused request that can be submitted with fewer images or another model.

    `slot`: where a set shows its pictures, if one does. `used`: it was.
    """

    prepared: PreparedRequest
    private: bool
    slot: SetSlot | None = None
    member: int = field(default_factory=acting_member)
    used: bool = False

    def with_request(self, request: ImageRequest) -> RetryOffer:
        return replace(self, prepared=replace(self.prepared, request=request))

    def of(self, images: int) -> RetryOffer:
        """Return the same request with that many images. The number of layers can't be chosen."""
        request = self.prepared.request
        return self if images == request.max_images else self.with_request(replace(request, group=images))


class RetryOffers:
    """The offers of this process. A button holds its number of images, so that an expired one can still name it."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, RetryOffer] = OrderedDict()

    def refusal(self, refused: Refused, offer: RetryOffer) -> RefusalError:
        """Explain a refusal by the quota; with a button if fewer images are possible."""
        text = refusal_sentence(refused)
        if not refused.fits:
            return RefusalError(text)
        view = self._opened(offer, refused.fits, offer_label(refused.fits, refused.price))
        return RefusalError(f"{text}\n{offer_sentence(refused.fits, offer.prepared.request.max_images)}", view=view)

    def other_model(self, model: str, offer: RetryOffer, models: AbstractSet[str], prices: Prices) -> RefusalError:
        """Explain that the model is gone; with a button if one of `models` can make the request."""
        gone = _("{model} is no longer available. Nothing was charged.", model=known_model(model).label)
        nearest = alternative(offer.prepared.request, models)
        if nearest is None:
            return RefusalError(gone)
        label = nearest.capabilities.label
        # Translators: {model} is the model closest to one that is gone.
        text = sentences(gone, _("The closest available model is {model}.", model=label))
        use = _use_label(label, request_cost(nearest, price_of(nearest, prices)))
        return RefusalError(text, view=self._opened(offer.with_request(nearest), nearest.max_images, use))

    def _opened(self, offer: RetryOffer, images: int, label: str) -> ui.View:
        make_room(self._known, offer.member, each=MOST_OFFERS_EACH, most=MOST_OFFERS)
        name = secrets.token_urlsafe(9)
        self._known[name] = offer
        view = ui.View(timeout=None)
        view.add_item(offer_button(name, images, label))
        view.stop()  # its button is a dynamic item
        return view

    def open(self, name: str, images: int) -> RetryOffer:
        """Find an open offer. Raises: UnknownHereError, RefusalError if it was used."""
        if name not in self._known:
            # Translators: images is an option of a command: {option} is such as "images:4"
            raise UnknownHereError(
                _(
                    "This offer has expired. Make the request again with {option}.",
                    option=f"images:{images}",
                )
            )
        offer = self._known[name]
        if offer.used:
            raise RefusalError(_("You've already used this offer. Make a new request for more."))
        return offer.of(images)

    def used(self, name: str) -> None:
        """Mark an offer as used: each makes one request."""
        if name in self._known:
            self._known[name] = replace(self._known[name], used=True)


def _use_label(model: str, cost: str | None) -> str:
    if cost is None:
        # Translators: a button, at most 80 characters. {model} is a model.
        return _("Use {model}", model=model)
    # Translators: a button, at most 80 characters. {credits} is such as "8 credits" or "up to 8 credits".
    return _("Use {model} for {credits}", model=model, credits=cost)


def offer_button(name: str, images: int, label: str) -> ui.Button[ui.View]:
    style = discord.ButtonStyle.primary
    return ui.Button(label=label, style=style, custom_id=f"sd:fewer:{name}:{images}")
