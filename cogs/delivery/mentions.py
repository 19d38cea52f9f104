"""Mentions the member whose job took long, in a short message of its own.

Results are shown by edits, which notify nobody, whomever they mention. Source: discord/discord-api-docs #5497.
"""

from __future__ import annotations

import logging
from dataclasses import replace
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
    from studio.jobs.messages import PostedMessage

log = logging.getLogger(__name__)


async def mention_member(client: discord.Client, job: Job, now: float) -> int | None:
    """Reply to a job's message as the bot, or follow up by the interaction's token where the bot may not post.

    What Discord refuses is left out: the message was deleted, or the bot may not write there. A private result is
    mentioned privately, or not at all. Returns the id of the message, None if there is none.
    """
    try:
        async with attempt():
            by_token = job.origin.private or job.origin.token_only
            message = await (_follow_up(client, job, now) if by_token else _reply(client, job))
            return message.id if message else None
    except (RefusedError, DeliveryDelayedError) as error:
        log.debug("job %s: its member can't be mentioned: %s", job.id, error)
        return None


def mention_beside(job: Job, message: PostedMessage) -> PostedMessage | None:
    """Return the message that has mentioned the member beside a message of the job; None if none has."""
    by_token = job.origin.private or job.origin.token_only
    return replace(message, id=message.mention, by_token=by_token) if message.mention else None


async def _reply(client: discord.Client, job: Job) -> discord.Message:
    message = job.messages[0]
    channel = client.get_partial_messageable(message.channel_id, guild_id=job.origin.guild_id)
    nonce = reply_nonce(message.id, "mention")
    posted = channel.get_partial_message(message.id)
    return await posted.reply(_words(job), allowed_mentions=_only(job), nonce=nonce)


async def _follow_up(client: discord.Client, job: Job, now: float) -> discord.Message | None:
    if not token_lives(job, now):
        return None
    webhook = webhook_of(client, job.origin)
    return await webhook.send(_words(job), ephemeral=job.origin.private, allowed_mentions=_only(job), wait=True)


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
