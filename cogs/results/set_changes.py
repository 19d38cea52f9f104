"""Changes a set in its own message: redoes one picture in its place, adds more, goes back to an older version."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from cogs.delivery.transports import QUIET
from cogs.i18n.translate import _
from cogs.requests.job_images import image_of, shown_image
from cogs.results.missing_images import images_gone
from cogs.results.redone_cards import RedoneCards, card_of
from cogs.results.together import maker_of
from cogs.texts.layers import image_name
from cogs.texts.refusal import RefusalError
from seedream.limits import MAX_SEED
from studio.jobs.editing import rerolled
from studio.jobs.errors import ReferencesGoneError
from studio.jobs.images import SetSlot
from studio.jobs.job import Parent, PreparedRequest, Verb
from studio.jobs.sets import room_for_more

if TYPE_CHECKING:
    import discord

    from cogs.requests.submission import RequestSubmitter
    from seedream import ImageRequest
    from studio.jobs.job import Job


class SetChanges:
    def __init__(self, submitter: RequestSubmitter) -> None:
        self._submitter = submitter
        self._service = submitter.service
        self.cards = RedoneCards(submitter)

    async def redo(self, interaction: discord.Interaction, job: Job, index: int) -> None:
        """Make a picture again: the new one takes its place in the set's message."""
        image = shown_image(job, index)
        if any(child.slot == image.shown_slot and not child.state.final for child in job.children):
            raise RefusalError(_("{name} is already being redone.", name=image_name(job, image)))
        maker = await maker_of(self._service, job, image.index)
        request = replace(_again(maker), group=None)
        slot = SetSlot(set_id=job.id, slot=image.shown_slot)
        child = await self._add(interaction, job, Verb.REDO, maker, request, slot)
        note = _(
            # Translators: {name} is such as "Picture 2"; [set]({link}) leads to the message with all its pictures.
            "🎨 {name} is being redone. The new one will take its place in the [set]({link}).",
            name=image_name(job, image),
            link=job.link or "",
        )
        view = await card_of(self._submitter, interaction, await self._service.job(job.id), image, note=note)
        await interaction.response.edit_message(view=view, allowed_mentions=QUIET)
        self.cards.add(interaction, child, image.index)

    async def more(self, interaction: discord.Interaction, job: Job, _index: int) -> None:
        """Make further pictures by the same request, which the set's message shows after the others."""
        count = room_for_more(job)
        if not count:
            raise RefusalError(_("This set can't have more pictures. Use Reroll to make another one."))
        request = replace(_again(job), group=count if count > 1 else None)
        await self._add(interaction, job, Verb.MORE, job, request, SetSlot(set_id=job.id))
        await interaction.response.defer()

    async def version(self, interaction: discord.Interaction, job: Job, index: int) -> None:
        """Show another version of a picture in the set's message, and on the card that was pressed."""
        await interaction.response.defer()
        job = await self._service.choose(job.id, index, by=interaction.user.id)
        view = await card_of(self._submitter, interaction, job, image_of(job, index))
        await interaction.edit_original_response(view=view, allowed_mentions=QUIET)

    async def _add(
        self,
        interaction: discord.Interaction,
        job: Job,
        verb: Verb,
        maker: Job,
        request: ImageRequest,
        slot: SetSlot,
    ) -> Job:
        """Submit a child, with links that work. Returns it."""
        try:
            images = await self._submitter.living(request.images, maker.sources)
        except ReferencesGoneError as error:
            raise images_gone(maker, verb, error.missing) from error
        prepared = PreparedRequest(
            request=replace(request, images=images),
            sources=maker.sources,
            parent=Parent(verb=verb, link=job.link or "", job_id=job.id),
            spoiler=job.spoiler,
            label=maker.label,
        )
        return await self._submitter.accept_child(interaction, prepared, slot)


def _again(job: Job) -> ImageRequest:
    return rerolled(job.request, random.randint(0, MAX_SEED))
