"""Mentions the member whose job took long, in a short message of its own.

Results are shown by edits, which notify nobody, whomever they mention. Source: discord/discord-api-docs #5497.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from cogs.delivery.attempts import RefusedError, attempt
from cogs.delivery.fallbacks import token_lives
from cogs.delivery.transports import reply_nonce, webhook_of
from cogs.i18n.translate import _, ngettext, using_locale
from cogs.texts.layers import shown_images
from studio.jobs.errors import DeliveryDelayedError
from studio.jobs.states import JobState

if TYPE_CHECKING:
    from studio.jobs.job import Job

log = logging.getLogger(__name__)


async def mention_member(client: discord.Client, job: Job, now: float) -> None:
    """Reply to a job's message as the bot, or follow up by the interaction's token where the bot may not post.

    What Discord refuses is left out: the message was deleted, or the bot may not write there. A private result is
    mentioned privately, or not at all.
    """
    try:
        async with attempt():
            if job.origin.private or job.origin.token_only:
                await _follow_up(client, job, now)
            else:
                await _reply(client, job)
    except (RefusedError, DeliveryDelayedError) as error:
        log.debug("job %s: its member can't be mentioned: %s", job.id, error)


async def _reply(client: discord.Client, job: Job) -> None:
    message = job.messages[0]
    channel = client.get_partial_messageable(message.channel_id, guild_id=job.origin.guild_id)
    nonce = reply_nonce(message.id, "mention")
    await channel.get_partial_message(message.id).reply(_words(job), allowed_mentions=_only(job), nonce=nonce)


async def _follow_up(client: discord.Client, job: Job, now: float) -> None:
    if token_lives(job, now):
        webhook = webhook_of(client, job.origin)
        await webhook.send(_words(job), ephemeral=job.origin.private, allowed_mentions=_only(job), wait=True)


def _only(job: Job) -> discord.AllowedMentions:
    """Allow nobody but the member to be mentioned."""
    member = discord.Object(job.origin.user_id)
    return discord.AllowedMentions(everyone=False, roles=False, users=[member], replied_user=False)


def _words(job: Job) -> str:
    with using_locale(job.origin.locale):
        if job.state is JobState.DONE:
            words = ngettext("Your picture is ready.", "Your pictures are ready.", len(shown_images(job)))
        else:
            # Translators: a request for a picture; its result, which says why, is the message that this one replies to.
            words = _("Your request failed.")
    return f"<@{job.origin.user_id}> {words}"
