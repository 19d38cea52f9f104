"""Remembers what a preview offers to make, until its member decides.

Offers are kept in memory only. Nothing was accepted, so a restart loses nothing: the buttons then say that it expired.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cogs.i18n.translate import _
from cogs.requests.member_memory import make_room
from cogs.texts.refusal import RefusalError, UnknownHereError
from studio.jobs.turns import acting_member

if TYPE_CHECKING:
    from collections.abc import Iterator

    import discord

    from studio.jobs.job import PreparedRequest
    from studio.jobs.options import GenerationOptions

MOST_EACH = 20  # previews of one member
MOST = 500  # each with up to twelve requests; the oldest is dropped for a new one


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOffer:
    """Several requests that can be made together, or their prompt as it was written.

    `requests`: none if there are too many. `written`: None if it can't be made. `options`: as they were chosen.
    `title`: of the preview. `shown_by`: the interaction that a private preview has answered. `message_id`: of the
    message that a preview has answered, in its channel; such an offer isn't kept, as the message says it all.
    `used`: something was made, or is being made.
    """

    requests: tuple[PreparedRequest, ...] = ()
    written: PreparedRequest | None = None
    options: GenerationOptions
    private: bool | None
    title: str = ""
    shown_by: discord.Interaction | None = None
    message_id: int | None = None
    member: int = field(default_factory=acting_member)
    used: bool = False


class SetOffers:
    """The previews of this process."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, SetOffer] = OrderedDict()

    def add(self, offer: SetOffer) -> str:
        """Remember an offer, and return its name for the buttons' custom ids."""
        make_room(self._known, offer.member, each=MOST_EACH, most=MOST)
        name = secrets.token_urlsafe(9)
        self._known[name] = offer
        return name

    @contextmanager
    def taken(self, name: str) -> Iterator[SetOffer]:
        """Use an offer once; if that is refused, it can be used again. Raises: UnknownHereError, RefusalError."""
        if name not in self._known:
            raise UnknownHereError(_("This preview has expired. Make your request again."))
        offer = self._known[name]
        if offer.used:
            raise RefusalError(_("You've already used this preview. Make your request again for more."))
        self._known[name] = replace(offer, used=True)
        try:
            yield offer
        except BaseException:
            if name in self._known:
                self._known[name] = offer
            raise
