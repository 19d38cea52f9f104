"""Shows the private card of a picture, and brings it up to date once its redo has ended.

A card is no row's projection: after a restart, only the set's message shows what was made.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.delivery.set_text import end_lines
from cogs.delivery.transports import QUIET
from cogs.requests.job_images import found_image, shown_image
from cogs.results.picture_card import render_picture
from cogs.results.together import as_made
from cogs.texts.refusal import RefusalError
from studio.errors import UnavailableError
from studio.jobs.errors import JobNotFoundError
from studio.patience import waiting

if TYPE_CHECKING:
    from cogs.requests.submission import RequestSubmitter
    from studio.jobs.images import JobImage
    from studio.jobs.job import Job

log = logging.getLogger(__name__)


async def card_of(
    submitter: RequestSubmitter, interaction: discord.Interaction, job: Job, image: JobImage, *, note: str = ""
) -> discord.ui.LayoutView:
    """Return a picture's card for the member who pressed, with what the request that made it allows.

    Raises: JobNotFoundError, RefusalError.
    """
    made = await as_made(submitter.service, job, image.index)
    picture = found_image(made, image, interaction.message)
    mine = interaction.user.id == job.origin.user_id
    return render_picture(made, image, picture, interaction.created_at, submitter.prices, note=note, mine=mine)


class RedoneCards:
    """Waits for pictures that are being redone, each with the press whose token edits its card."""

    def __init__(self, submitter: RequestSubmitter) -> None:
        self._submitter = submitter
        self._waiting: set[asyncio.Task[None]] = set()

    def add(self, interaction: discord.Interaction, child: Job, index: int) -> None:
        """Show a new version on the card that was pressed, as soon as it is in the set. `index`: an older version's."""
        task = asyncio.create_task(self._follow(interaction, child, index), name=f"card-{child.id}")
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def close(self) -> None:
        for task in (left := tuple(self._waiting)):
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _follow(self, interaction: discord.Interaction, child: Job, index: int) -> None:
        try:
            with waiting():
                view = await self._as_it_ended(interaction, child, index)
            await interaction.edit_original_response(view=view, allowed_mentions=QUIET)
        except (JobNotFoundError, RefusalError, UnavailableError) as error:  # deleted meanwhile
            log.debug("job %s: its card stays as it is: %s", child.id, error)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:  # dismissed, or its token has expired
            log.debug("job %s: its card can't be edited: %s", child.id, error)

    async def _as_it_ended(self, interaction: discord.Interaction, child: Job, index: int) -> discord.ui.LayoutView:
        job = await self._submitter.service.joined(child)
        ended = [one for one in job.children if one.job_id == child.id]
        note = "\n".join(line for one in ended for line in end_lines(job, one))
        return await card_of(self._submitter, interaction, job, shown_image(job, index), note=note)
