"""Deletes results, and asks first if there are pictures to lose.

The question is the member's own message. The press that opened it can delete the result's message wherever that is, for
as long as its token lives; after a restart, or later, the message is deleted as the bot. If that isn't possible either,
Delete can be pressed again.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.delivery.buttons import button
from cogs.delivery.transports import QUIET
from cogs.i18n.translate import _, ngettext, sentences
from cogs.requests.cards import card
from cogs.texts.common import credit_count
from cogs.texts.layers import shown_images
from cogs.texts.prices import up_to
from studio.jobs.states import JobState

if TYPE_CHECKING:
    from cogs.delivery.presenter import DiscordPresenter
    from studio.jobs.job import Job
    from studio.jobs.service import ImageService

log = logging.getLogger(__name__)

MOST_QUESTIONS = 500  # whose presses are remembered; the oldest is forgotten first


class Deletions:
    """Keeps the presses that opened a question, by the question's message."""

    def __init__(self, service: ImageService, presenter: DiscordPresenter) -> None:
        self._service = service
        self._presenter = presenter
        self._presses: OrderedDict[int, discord.Interaction] = OrderedDict()

    async def ask(self, interaction: discord.Interaction, job: Job) -> None:
        """Ask whether to delete a result's pictures; delete it at once if there are none or it is deleted already."""
        await interaction.response.defer()
        if job.deleted_at is not None or not shown_images(job):
            await self._delete(job, interaction)
            return
        question = await interaction.followup.send(
            view=render_question(job, await self._sent(job)), ephemeral=True, allowed_mentions=QUIET, wait=True
        )
        self._presses[question.id] = interaction
        if len(self._presses) > MOST_QUESTIONS:
            self._presses.popitem(last=False)

    async def _sent(self, job: Job) -> int:
        """Return the credits of what was sent of a job and its children and hasn't ended."""
        under_way = [await self._service.job(child.job_id) for child in job.children if not child.state.final]
        return sum(part.reserved for part in (job, *under_way) if part.state is JobState.RUNNING)

    async def confirm(self, interaction: discord.Interaction, job: Job) -> None:
        """Delete the result, and the question."""
        pressed = self._presses.pop(interaction.message.id, None) if interaction.message else None
        await interaction.response.defer()
        await self._delete(job, pressed)
        await _remove_question(interaction)

    async def keep(self, interaction: discord.Interaction) -> None:
        """Delete only the question."""
        if interaction.message:
            self._presses.pop(interaction.message.id, None)
        await interaction.response.defer()
        await _remove_question(interaction)

    async def _delete(self, job: Job, pressed: discord.Interaction | None) -> None:
        """Delete a result. `pressed`: the press of its Delete. A message that stays can be deleted by another press."""
        job = await self._service.delete(job)
        gone = None
        if pressed and pressed.message and not pressed.is_expired():
            gone = pressed.message.id if await _remove_answer(pressed) else None
        await self._presenter.remove(job, but=gone)


def render_question(job: Job, sent: int) -> ui.LayoutView:
    """Ask whether to delete a result. `sent`: the credits of what is still being painted."""
    text = ngettext(
        "Delete this picture? This can't be undone.",
        "Delete these {n} pictures? This can't be undone.",
        len(shown_images(job)),
    )
    if sent:
        # Translators: pictures that join the set which is about to be deleted. {credits} is such as "up to 4 credits".
        billed = _("What is still being painted is billed either way ({credits}).", credits=up_to(credit_count(sent)))
        text = sentences(text, billed)
    return card(text, ui.ActionRow(button("confirm", job.id), button("keep", job.id)))


async def _remove_question(interaction: discord.Interaction) -> None:
    if interaction.message and interaction.message.flags.ephemeral:
        await _remove_answer(interaction)


async def _remove_answer(interaction: discord.Interaction) -> bool:
    """Delete the message of the pressed button. Returns whether it is gone."""
    try:
        await interaction.delete_original_response()
    except discord.NotFound:
        return True  # a second press has deleted it
    except discord.HTTPException as error:
        log.debug("message of interaction %d could not be deleted: %s", interaction.id, error)
        return False
    return True
