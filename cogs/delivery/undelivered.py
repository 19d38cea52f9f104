"""Results that could not be delivered at all: their members learn of them when they next use the bot."""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.delivery.transports import QUIET
from cogs.i18n.translate import ngettext

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from studio.jobs.job import Job

log = logging.getLogger(__name__)

MOST_TOLD = 10_000


class Reminders:
    """Tells each member once of each result that waits for them. `waiting`: a member's, by their id."""

    def __init__(self, waiting: Callable[[int], Awaitable[list[Job]]]) -> None:
        self._waiting = waiting
        self._told: OrderedDict[str, None] = OrderedDict()

    async def remind(self, interaction: discord.Interaction) -> None:
        """After the interaction was answered. It never raises: what the member asked for is done."""
        if interaction.response.type in {None, discord.InteractionResponseType.modal}:
            return
        try:
            news = [job for job in await self._waiting(interaction.user.id) if job.id not in self._told]
            if news:
                self.told(news)
                await interaction.followup.send(_words(len(news)), ephemeral=True, allowed_mentions=QUIET)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("member %d could not be told of a result that waits: %s", interaction.user.id, error)
        except Exception:
            log.exception("whether a result waits for member %d is not known", interaction.user.id)

    def told(self, jobs: Iterable[Job]) -> None:
        """The member knows of these."""
        self._told |= dict.fromkeys(job.id for job in jobs)
        while len(self._told) > MOST_TOLD:
            self._told.popitem(last=False)


def _words(count: int) -> str:
    # Translators: /me is a command, and stays as it is.
    return ngettext(
        "📬 I couldn't deliver {n} of your results. Get it with /me within a week.",
        "📬 I couldn't deliver {n} of your results. Get them with /me within a week.",
        count,
    )
