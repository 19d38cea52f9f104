"""Reminds members of results that couldn't be delivered, the next time they use the bot."""

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

MOST_REMEMBERED = 10_000  # results


class Reminders:
    """Reminds each member once of each waiting result. `waiting`: gives a member's waiting jobs by their user id."""

    def __init__(self, waiting: Callable[[int], Awaitable[list[Job]]]) -> None:
        self._waiting = waiting
        self._reminded: OrderedDict[str, None] = OrderedDict()

    async def remind(self, interaction: discord.Interaction) -> None:
        """Remind the member after their interaction was answered. Never raises, because their request is done."""
        if interaction.response.type in {None, discord.InteractionResponseType.modal}:
            return
        try:
            new = [job for job in await self._waiting(interaction.user.id) if job.id not in self._reminded]
            if new:
                self.mark_reminded(new)
                await interaction.followup.send(_reminder(len(new)), ephemeral=True, allowed_mentions=QUIET)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.debug("member %d could not be reminded of a waiting result: %s", interaction.user.id, error)
        except Exception:
            log.exception("the waiting results of member %d could not be read", interaction.user.id)

    def mark_reminded(self, jobs: Iterable[Job]) -> None:
        """Remember that the member knows these results."""
        self._reminded |= dict.fromkeys(job.id for job in jobs)
        while len(self._reminded) > MOST_REMEMBERED:
            self._reminded.popitem(last=False)


def _reminder(count: int) -> str:
    # Translators: /me is a command, and stays as it is.
    return ngettext(
        "📬 I couldn't deliver {n} of your results. Get it with /me within a week.",
        "📬 I couldn't deliver {n} of your results. Get them with /me within a week.",
        count,
    )
