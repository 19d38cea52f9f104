"""The largest request that would pass, offered with a refusal: one press makes it."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.errors import RefusalError
from cogs.ui.language import _
from cogs.ui.quota_texts import offer_label, offer_sentence, refusal_sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seedream import ImageRequest
    from studio.jobs import Parent, Source
    from studio.quotas import Refused

OFFER_PATTERN = r"sd:fewer:(?P<offer>[\w-]{1,32}):(?P<images>\d{1,2})"
MOST_OFFERS = 1_000  # the oldest is given up for a new one: nothing was accepted, so nothing is lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A request as it was refused, and what belongs to it."""

    request: ImageRequest
    private: bool
    parent: Parent | None
    sources: Sequence[Source | None]
    note: str

    def of(self, images: int) -> Offer:
        """The same with so many images."""
        return replace(self, request=replace(self.request, group=images))


class Offers:
    """Those of this process. The button holds how many it was, so that more can be said than that it is over."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Offer] = OrderedDict()

    def refusal(self, refused: Refused, offer: Offer) -> RefusalError:
        """What is told of a refused request; with a button, if fewer images would pass."""
        told = refusal_sentence(refused)
        if not refused.fits:
            return RefusalError(told)
        while len(self._open) >= MOST_OFFERS:
            self._open.popitem(last=False)
        name = secrets.token_urlsafe(9)
        self._open[name] = offer
        view = ui.View(timeout=None)
        view.add_item(offer_button(name, refused.fits, refused.price))
        view.stop()  # its button is a dynamic item
        return RefusalError(f"{told}\n{offer_sentence(refused.fits, offer.request.max_images)}", view=view)

    def take(self, name: str, images: int) -> Offer:
        """An offer, once. Raises: RefusalError where it is over."""
        offer = self._open.pop(name, None)
        if offer is None:
            # Translators: images is an option of a command: {option} is such as "images:4"
            raise RefusalError(
                _(
                    "This offer is over: it was taken, or I was restarted. Ask again with {option}, please.",
                    option=f"images:{images}",
                )
            )
        return offer.of(images)


def offer_button(name: str, images: int, price: int) -> ui.Button[ui.View]:
    style = discord.ButtonStyle.primary
    return ui.Button(label=offer_label(images, price), style=style, custom_id=f"sd:fewer:{name}:{images}")
