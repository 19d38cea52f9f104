"""Shows an undelivered result to its member, privately."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from cogs.delivery.channels import place_of
from cogs.delivery.origins import origin_of
from cogs.i18n.translate import N_, _
from cogs.requests.access_rules import check_result
from cogs.texts.refusal import RefusalError
from studio.jobs.errors import DeliveredAlreadyError, DeliveryDelayedError, NotYoursError, UndeliverableError
from studio.jobs.pictures import PictureUnavailable

if TYPE_CHECKING:
    import discord

    from cogs.requests.submission import RequestSubmitter
    from studio.jobs.job import Job

log = logging.getLogger(__name__)

_HAVE_IT = N_("You already have this result.")


async def hand_over(submitter: RequestSubmitter, interaction: discord.Interaction, job: Job) -> None:
    """Raises: NotYoursError, RefusalError."""
    if interaction.user.id != job.origin.user_id:
        raise NotYoursError
    if not job.undelivered:
        raise RefusalError(_(_HAVE_IT))
    place = await place_of(interaction.client, interaction.channel)
    check_result(job, origin_of(interaction, place, private=True))
    await interaction.response.defer(ephemeral=True, thinking=True)
    try:
        await submitter.service.hand_over(job, partial(submitter.presenter.hand_over, interaction, place))
    except DeliveredAlreadyError as error:
        raise RefusalError(_(_HAVE_IT)) from error
    except PictureUnavailable as error:
        raise RefusalError(_("These pictures have expired.")) from error
    except (UndeliverableError, DeliveryDelayedError) as error:
        log.debug("job %s could not be handed over: %s", job.id, error)
        raise RefusalError(_("Discord doesn't accept this result right now. Try again in a minute.")) from error
