"""From an exception to the sentence a person reads: one place."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import aiohttp
import discord
from discord import app_commands

from cogs.ui.quota_texts import CROWDED, closed_sentence, refusal_sentence
from cogs.ui.texts import out_of_service
from cogs.ways import QUIET
from seedream.errors import InvalidRequest
from studio.errors import (
    ClosedError,
    ClosingError,
    CrowdedError,
    DrainingError,
    JobNotFoundError,
    NotYoursError,
    OutOfServiceError,
    QuotaExceededError,
    TooLateError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from discord import ui

log = logging.getLogger(__name__)

_LONGEST = 1900  # of Discord's 2,000


class RefusalError(Exception):
    """Something a cog will not do; its text is the sentence that the member reads, with a `view` if something helps."""

    def __init__(self, told: str, *, view: ui.View | None = None) -> None:
        super().__init__(told)
        self.view = view


_SENTENCES: dict[type[Exception], str] = {
    JobNotFoundError: "This result is not known here any more: it was deleted, or its time is over.",
    NotYoursError: "Only the member who asked for it, or someone who may manage messages, can do this.",
    TooLateError: "It is being made already, so it can't be cancelled any more. Delete takes the result away.",
    ClosingError: "The bot is restarting. Try again in a minute.",
    CrowdedError: CROWDED,
    DrainingError: "The bot is being serviced, try again in a few minutes. Nothing was made or charged.",
}


def sentence(error: BaseException) -> str | None:
    """The sentence for a person; None when it is a fault of ours that only the log can explain."""
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    if isinstance(error, RefusalError | InvalidRequest):
        return str(error)
    if isinstance(error, QuotaExceededError):
        return refusal_sentence(error.refused)
    if isinstance(error, ClosedError):
        return closed_sentence(error.closed)
    if isinstance(error, OutOfServiceError):
        return out_of_service(error.reason)
    if isinstance(error, app_commands.AppCommandError):
        return f"That didn't work: {error}"
    return next((words for kind, words in _SENTENCES.items() if isinstance(error, kind)), None)


async def tell(interaction: discord.Interaction, error: BaseException) -> None:
    """Tell the member, and them alone, what went wrong; what is our own fault goes to the log as well."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    text = sentence(cause)
    if text is None:
        log.error("interaction %d failed", interaction.id, exc_info=cause)
        text = f"Something went wrong inside the bot. Whoever runs it finds it in the log under `{interaction.id}`."
    text = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    send: Callable[..., Awaitable[object]] = (
        interaction.followup.send if interaction.response.is_done() else interaction.response.send_message
    )
    view = {"view": cause.view} if isinstance(cause, RefusalError) and cause.view else {}
    try:
        await send(text, ephemeral=True, allowed_mentions=QUIET, **view)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as failed:
        log.warning("interaction %d could not be answered: %s", interaction.id, failed)
