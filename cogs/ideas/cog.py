"""Makes several requests together, after a private preview: the ideas in a prompt, or models that are compared."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord.ext import commands

from cogs.delivery.transports import QUIET
from cogs.i18n.translate import ngettext
from cogs.ideas.offers import SetOffer, SetOffers
from cogs.ideas.preview import (
    PATTERN,
    cost_of,
    pictures_of,
    render_preview,
    too_many_ideas,
    too_many_pictures,
    written_view,
)
from cogs.requests.dynamic_items import persistent_item
from cogs.requests.ideas import prepare_ideas, prepare_words
from cogs.texts.refusal import RefusalError
from seedream.errors import InvalidRequest
from studio.jobs.ideas import TooManyIdeasError
from studio.jobs.sets import MOST_TOGETHER

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from discord import ui

    from cogs.delivery.message_images import FoundImage
    from cogs.requests.submission import Requester, RequestSubmitter
    from studio.jobs.job import PreparedRequest
    from studio.jobs.options import GenerationOptions


class Ideas(commands.Cog):
    def __init__(self, bot: commands.AutoShardedBot, submitter: RequestSubmitter) -> None:
        self._bot = bot
        self._submitter = submitter
        self._offers = SetOffers()

    async def cog_load(self) -> None:
        self._bot.add_dynamic_items(persistent_item(PATTERN, self.press))

    async def imagine(
        self,
        interaction: discord.Interaction,
        options: GenerationOptions,
        references: Sequence[FoundImage] = (),
        *,
        private: bool | None = None,
    ) -> None:
        """Make a prompt's picture at once; if its braces hold several ideas, show what they would be first."""
        requester = await self._submitter.requester(interaction)
        written = _written(requester, options, references)
        offer = SetOffer(requests=(), written=written, options=options, private=private, shown_by=interaction)
        try:
            requests = prepare_ideas(requester.defaults, options, references)
        except TooManyIdeasError as error:
            raise self._refusal(offer, too_many_ideas(error.count)) from error
        if requests:
            title = ngettext("{n} combination", "{n} combinations", len(requests))
            await self.preview(interaction, replace(offer, requests=tuple(requests)), title)
            return
        prepared = prepare_words(requester.defaults, options, references)
        await self._make(interaction, requester, replace(offer, requests=(prepared,)))

    async def make_or_preview(
        self, interaction: discord.Interaction, requester: Requester, offer: SetOffer, title: str, *, most: int
    ) -> None:
        """Make several requests at once if they cost at most `most` credits; else show the price first."""
        quota_status = await self._submitter.service.quota(requester.member)
        if cost_of(offer.requests, quota_status) > most or pictures_of(offer.requests) > MOST_TOGETHER:
            await self.preview(interaction, offer, title)
        else:
            await self._make(interaction, requester, offer)

    async def preview(self, interaction: discord.Interaction, offer: SetOffer, title: str) -> None:
        """Show privately what would be made, and for how much. Raises: RefusalError."""
        if (pictures := pictures_of(offer.requests)) > MOST_TOGETHER:
            raise self._refusal(replace(offer, requests=()), too_many_pictures(pictures))
        requester = await self._submitter.requester(interaction)
        quota_status = await self._submitter.service.quota(requester.member)
        name, written = self._offers.add(offer), offer.written is not None
        view = render_preview(name, title, offer.requests, quota_status, written=written)
        await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=QUIET)

    def _refusal(self, offer: SetOffer, text: str) -> RefusalError:
        """Refuse too many requests; with a button if the prompt can be made as it was written."""
        view = written_view(self._offers.add(offer)) if offer.written else None
        return RefusalError(text, view=view)

    # --- the buttons of a preview -----------------------------------------------------------------------------------

    async def press(self, interaction: discord.Interaction, custom_id: re.Match[str], _item: ui.Item[Any]) -> None:
        name, choice = custom_id["offer"], custom_id["choice"]
        with self._submitter.presses.once(interaction), self._offers.taken(name) as offer:
            as_written = (offer.written,) if offer.written else ()
            wanted = replace(offer, requests=as_written if choice == "written" else offer.requests)
            await self._make(interaction, await self._submitter.requester(interaction), await self._living(wanted))
        with suppress(discord.HTTPException, aiohttp.ClientError, OSError):  # its buttons say that they were used
            await offer.shown_by.delete_original_response()

    async def _living(self, offer: SetOffer) -> SetOffer:
        """Return the offer with links that work: its requests have the same pictures. Raises: ReferencesGoneError."""
        first = offer.requests[0]
        images = await self._submitter.living(first.request.images, first.sources)
        requests = (replace(one, request=replace(one.request, images=images)) for one in offer.requests)
        return replace(offer, requests=tuple(requests))

    async def _make(self, interaction: discord.Interaction, requester: Requester, offer: SetOffer) -> None:
        first, *together = offer.requests
        await self._submitter.accept(interaction, requester, first, together=together, private=offer.private)
        options = offer.options
        await self._submitter.remember(interaction.user.id, model=options.model, size=options.size, ratio=options.ratio)


def _written(
    requester: Requester, options: GenerationOptions, references: Sequence[FoundImage]
) -> PreparedRequest | None:
    """Prepare the prompt as it was written, braces and all; None if it can't be made."""
    try:
        return prepare_words(requester.defaults, options, references)
    except InvalidRequest:
        return None
