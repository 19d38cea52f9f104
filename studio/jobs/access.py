"""The rules that every request has to pass, whichever way it came: its server's settings, and age restriction. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from studio.guilds.errors import AccessDeniedError
from studio.guilds.settings import AccessRequest, refusal
from studio.jobs.errors import AgeRestrictedSourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seedream import ImageRequest
    from studio.guilds.settings import GuildSettings
    from studio.jobs.job import Origin, PictureSource, PreparedRequest
    from studio.quota.limits import Member


def check_settings(
    settings: GuildSettings, prepared: PreparedRequest, *, origin: Origin, member: Member, channels: tuple[int, ...]
) -> None:
    """`channels`: the channel of the request, and then the channel and category that it is in.

    Raises: AccessDeniedError.
    """
    asked = AccessRequest(
        user_id=member.user_id,
        role_ids=member.role_ids | {member.server_id},  # the id of @everyone is the server's
        channels=channels,
        age_restricted=origin.age_restricted,
        model=prepared.request.model,
        prompt="\n".join(filter(None, (prepared.prompt, prepared.title, prepared.label))),
        names=prepared.names,
    )
    if refused := refusal(settings, asked):
        raise AccessDeniedError(refused)


def as_required(settings: GuildSettings, request: ImageRequest) -> ImageRequest:
    """Return the request as the server's settings require it: with the service's watermark, whatever was chosen."""
    return replace(request, watermark=True) if settings.watermark_required and not request.watermark else request


def check_sources(sources: Sequence[PictureSource | None], origin: Origin) -> None:
    """Pictures of age-restricted channels stay in such channels, or go to the member's own direct messages.

    Raises: AgeRestrictedSourceError.
    """
    if any(source and is_out_of_place(source, origin) for source in sources):
        raise AgeRestrictedSourceError


def is_out_of_place(source: PictureSource, origin: Origin) -> bool:
    elsewhere = source.age_restricted and source.channel_id != origin.channel_id
    return elsewhere and not origin.age_restricted and not origin.direct
