"""Makes requests in members' own words: at once, or after a preview if their braces hold several ideas.

Every command, form and message with a prompt gives its draft to `make` or `answer`. /compare previews its models here.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord.ext import commands

from cogs.delivery.transports import QUIET
from cogs.i18n.translate import _, ngettext
from cogs.ideas.offers import SetOffer, SetOffers
from cogs.ideas.preview import (
    ANSWER,
    FEATURE,
    PATTERN,
    cost_of,
    pictures_of,
    render_preview,
    too_many_ideas,
    too_many_pictures,
    written_view,
)
from cogs.requests.dynamic_items import persistent_item
from cogs.texts.refusal import RefusalError
from seedream.errors import InvalidRequest
from studio.jobs.ideas import TooManyIdeasError
from studio.jobs.sets import MOST_TOGETHER

if TYPE_CHECKING:
    import re

    from discord import ui

    from cogs.ideas.preview import Key
    from cogs.requests.drafts import Draft
    from cogs.requests.submission import Requester, RequestSubmitter
    from studio.jobs.job import PreparedRequest


class Ideas(commands.Cog):
    def __init__(self, bot: commands.AutoShardedBot, submitter: RequestSubmitter) -> None:
        self._bot = bot
        self._submitter = submitter
        self._offers = SetOffers()

    async def cog_load(self) -> None:
        self._bot.add_dynamic_items(persistent_item(PATTERN, self.press))

    async def make(
        self, interaction: discord.Interaction, requester: Requester, draft: Draft, *, private: bool | None = None
    ) -> None:
        """Make a draft's picture at once; if its braces hold several ideas, show privately what they would be first.

        `private`: None is the server's setting.
        """
        offer = SetOffer(options=draft.options, private=private, shown_by=interaction)
        if several := self._several(offer, draft):
            await self.preview(interaction, requester, several)
        else:
            await self._make(interaction, requester, replace(offer, requests=(draft.as_words(),)))

    async def answer(self, message: discord.Message, requester: Requester, draft: Draft) -> ui.LayoutView | None:
        """Make the picture of a message's draft as a reply; if there are several ideas, return the preview to post.

        A press of its buttons ends in `make_answered`.
        """
        offer = self._several(SetOffer(options=draft.options, private=False, message_id=message.id), draft)
        if offer is None:
            await self._submitter.accept_reply(self._bot, message, requester, draft.as_words())
            return None
        await self._submitter.check_reply(self._bot, message, requester, offer.requests)
        return await self._render(requester, offer)

    async def make_answered(
        self, interaction: discord.Interaction, requester: Requester, draft: Draft, cost: int | None, *, written: bool
    ) -> None:
        """Make a message's draft in place of the answer whose button was pressed.

        `cost`: of its ideas as the preview has shown them, None if it was a question without any. `written`: make its
        prompt as it was written. Raises: RefusalError if the message has changed since then.
        """
        ideas = () if written else _ideas(draft)
        quota_status = await self._submitter.service.quota(requester.member)
        if not written and cost != (cost_of(ideas, quota_status) if ideas else None):
            raise RefusalError(_("Your message or its price has changed since then. Send it again."))
        requests = ideas or (draft.as_words(),)
        offer = SetOffer(requests=requests, options=draft.options, private=False)
        await self._make(interaction, requester, offer, in_place=True)

    def _several(self, offer: SetOffer, draft: Draft) -> SetOffer | None:
        """Return the offer of a draft's ideas; None unless there are several. Raises: RefusalError, InvalidRequest."""
        try:
            requests = draft.ideas()
        except TooManyIdeasError as error:
            raise self._refusal(replace(offer, written=_written(draft)), too_many_ideas(error.count)) from error
        if not requests:
            return None
        title = ngettext("{n} combination", "{n} combinations", len(requests))
        return replace(offer, requests=tuple(requests), written=_written(draft), title=title)

    async def make_or_preview(
        self, interaction: discord.Interaction, requester: Requester, offer: SetOffer, *, most: int
    ) -> None:
        """Make several requests at once if they cost at most `most` credits; else show the price first."""
        quota_status = await self._submitter.service.quota(requester.member)
        if cost_of(offer.requests, quota_status) > most or pictures_of(offer.requests) > MOST_TOGETHER:
            await self.preview(interaction, requester, offer)
        else:
            await self._make(interaction, requester, offer)

    async def preview(self, interaction: discord.Interaction, requester: Requester, offer: SetOffer) -> None:
        """Show privately what would be made, and for how much. Raises: RefusalError."""
        view = await self._render(requester, offer)
        await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=QUIET)

    async def _render(self, requester: Requester, offer: SetOffer) -> ui.LayoutView:
        if (pictures := pictures_of(offer.requests)) > MOST_TOGETHER:
            raise self._refusal(replace(offer, requests=()), too_many_pictures(pictures))
        quota_status = await self._submitter.service.quota(requester.member)
        return render_preview(self._key(offer, cost_of(offer.requests, quota_status)), offer, quota_status)

    def _refusal(self, offer: SetOffer, text: str) -> RefusalError:
        """Refuse too many requests; with a button if the prompt can be made as it was written."""
        view = written_view(self._key(offer)) if offer.written else None
        return RefusalError(text, view=view)

    def _key(self, offer: SetOffer, cost: int = 0) -> Key:
        """Return where a press finds the offer again: in memory, or in the message that has asked for it."""
        return (ANSWER, offer.message_id, cost) if offer.message_id else (FEATURE, self._offers.add(offer))

    # --- the buttons of a preview -----------------------------------------------------------------------------------

    async def press(self, interaction: discord.Interaction, custom_id: re.Match[str], _item: ui.Item[Any]) -> None:
        name, choice = custom_id["offer"], custom_id["choice"]
        with self._submitter.presses.once(interaction), self._offers.taken(name) as offer:
            as_written = (offer.written,) if offer.written else ()
            wanted = replace(offer, requests=as_written if choice == "written" else offer.requests)
            await self._make(interaction, await self._submitter.requester(interaction), await self._living(wanted))
        if offer.shown_by:
            with suppress(discord.HTTPException, aiohttp.ClientError, OSError):  # its buttons say that they were used
                await offer.shown_by.delete_original_response()

    async def _living(self, offer: SetOffer) -> SetOffer:
        """Return the offer with links that work: its requests have the same pictures. Raises: ReferencesGoneError."""
        first = offer.requests[0]
        images = await self._submitter.living(first.request.images, first.sources)
        requests = (replace(one, request=replace(one.request, images=images)) for one in offer.requests)
        return replace(offer, requests=tuple(requests))

    async def _make(
        self, interaction: discord.Interaction, requester: Requester, offer: SetOffer, *, in_place: bool = False
    ) -> None:
        first, *together = offer.requests
        await self._submitter.accept(
            interaction, requester, first, together=together, private=offer.private, in_place=in_place
        )
        options = offer.options
        await self._submitter.remember(interaction.user.id, model=options.model, size=options.size, ratio=options.ratio)


def _written(draft: Draft) -> PreparedRequest | None:
    """Prepare the prompt as it was written, braces and all; None if it can't be made."""
    with suppress(InvalidRequest, RefusalError):
        return draft.as_words()
    return None


def _ideas(draft: Draft) -> tuple[PreparedRequest, ...]:
    """Prepare a request for each idea; none if there are too many by now."""
    with suppress(TooManyIdeasError):
        return tuple(draft.ideas())
    return ()
