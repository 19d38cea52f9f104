"""A request held against what the server's admins have set: the one place, before anything is written or spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from cogs.delivery.channels import is_hidden
from cogs.i18n.translate import _, marked, sentences
from cogs.texts.access import FREE, public_sentence, rule_sentence
from cogs.texts.refusal import RefusalError
from studio.guilds.settings import Asked, refusal
from studio.jobs.job import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cogs.delivery.channels import Place
    from seedream import ImageRequest
    from studio.guilds.settings import GuildSettings
    from studio.jobs.job import Job
    from studio.quota.limits import Member

_OUT_OF_PLACE = marked(
    "That picture is in an age-restricted channel, and this channel isn't one. Use it in one that is."
)


def check_rules(
    settings: GuildSettings,
    member: Member,
    place: Place,
    request: ImageRequest,
    asker: discord.User | discord.Member,
) -> None:
    """Raises: RefusalError, in the words of the rule."""
    asked = Asked(
        user_id=member.user_id,
        role_ids=member.role_ids | {member.server_id},  # everyone's role is the server itself
        channels=place.lies_in,
        age_restricted=place.age_restricted,
        model=request.model,
        prompt=request.prompt,
    )
    if refused := refusal(settings, asked):
        raise RefusalError(rule_sentence(refused, names_for(asker)), public=public_sentence(refused))


def check_sources(place: Place, interaction: discord.Interaction, sources: Sequence[Source | None]) -> None:
    """Pictures from age-restricted channels stay in such channels; but a member may work on theirs in their own DMs.

    Raises: RefusalError.
    """
    if any(one and _is_out_of_place(one, place, interaction) for one in sources):
        raise RefusalError(sentences(_(_OUT_OF_PLACE), _(FREE)))


def check_result(place: Place, interaction: discord.Interaction, job: Job) -> None:
    """The same for a job's own pictures, where they are to be shown. Raises: RefusalError."""
    origin = job.origin
    lies_in = Source(channel_id=origin.channel_id, message_id=0, age_restricted=origin.age_restricted)
    if _is_out_of_place(lies_in, place, interaction):
        raise RefusalError(_(_OUT_OF_PLACE))


def _is_out_of_place(source: Source, place: Place, interaction: discord.Interaction) -> bool:
    elsewhere = source.age_restricted and source.channel_id != interaction.channel_id
    return elsewhere and not place.age_restricted and not interaction.context.dm_channel


def names_for(asker: discord.User | discord.Member) -> Callable[[int], str | None]:
    """How roles and channels are called to a member, without a word of what they can't see."""

    def named(identity: int) -> str | None:
        if not isinstance(asker, discord.Member):
            return None
        if role := asker.guild.get_role(identity):
            return "@everyone" if role.is_default() else role.mention
        channel = asker.guild.get_channel_or_thread(identity)
        orphan = isinstance(channel, discord.Thread) and channel.parent is None
        if channel is None or orphan or is_hidden(channel) or not channel.permissions_for(asker).view_channel:
            return None
        if isinstance(channel, discord.CategoryChannel):
            # Translators: a category of channels, after "in" or in a list of channels: "#general or “Art” (category)"
            return _("“{name}” (category)", name=discord.utils.escape_markdown(channel.name))
        return channel.mention

    return named
