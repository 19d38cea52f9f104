"""Explains refusals by a server's access rules, which `ImageService.submit` checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from cogs.delivery.channels import is_hidden
from cogs.i18n.translate import N_, _
from cogs.texts.access import public_sentence, rule_sentence
from cogs.texts.refusal import RefusalError
from studio.jobs.access import is_out_of_place
from studio.jobs.job import Origin, PictureSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.guilds.errors import AccessDeniedError
    from studio.jobs.job import Job

OUT_OF_PLACE = N_("That picture is from an age-restricted channel, so you can use it only in age-restricted channels.")


def access_denied(error: AccessDeniedError, member: discord.User | discord.Member) -> RefusalError:
    """Explain a refusal to the member, and to others who can read it."""
    return RefusalError(rule_sentence(error.refusal, names_for(member)), public=public_sentence(error.refusal))


def check_result(job: Job, origin: Origin) -> None:
    """Check that a job's own pictures may be shown where `origin` says. Raises: RefusalError."""
    source = PictureSource(channel_id=job.origin.channel_id, message_id=0, age_restricted=job.origin.age_restricted)
    if is_out_of_place(source, origin):
        raise RefusalError(_(OUT_OF_PLACE))


def names_for(requester: discord.User | discord.Member) -> Callable[[int], str | None]:
    """Return a function that names roles and channels by id: None for those that the requester can't see."""

    def named(identity: int) -> str | None:
        if not isinstance(requester, discord.Member):
            return None
        if role := requester.guild.get_role(identity):
            return "@everyone" if role.is_default() else role.mention
        channel = requester.guild.get_channel_or_thread(identity)
        orphan = isinstance(channel, discord.Thread) and channel.parent is None
        if channel is None or orphan or is_hidden(channel) or not channel.permissions_for(requester).view_channel:
            return None
        if isinstance(channel, discord.CategoryChannel):
            # Translators: a category of channels, after "in" or in a list of channels: "#general or “Art” (category)"
            return _("“{name}” (category)", name=discord.utils.escape_markdown(channel.name))
        return channel.mention

    return named
