"""Turns exceptions into the sentences that members read: one table."""

from __future__ import annotations

import asyncio
import logging
from itertools import chain
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord import app_commands

from cogs.delivery.discord_errors import ALREADY_ANSWERED, is_answerable, is_expected, refusal_words
from cogs.delivery.transports import QUIET
from cogs.i18n.translate import N_, _, number, sentences
from cogs.requests.access_rules import OUT_OF_PLACE
from cogs.texts.access import FREE
from cogs.texts.common import gone_sentences, invalid_sentences, out_of_service
from cogs.texts.quota import CROWDED, closed_sentence, refusal_sentence
from cogs.texts.refusal import RefusalError, UnknownHereError
from seedream.errors import InvalidRequest
from seedream.models import known_model
from studio.errors import UnavailableError
from studio.jobs.errors import (
    AgeRestrictedSourceError,
    ClosingError,
    DrainingError,
    JobNotFoundError,
    ModelUnavailableError,
    NotYoursError,
    OutOfServiceError,
    ReferencesGoneError,
    SetFullError,
    TooLateError,
    VersionGoneError,
)
from studio.quota.errors import ClosedError, CrowdedError, QuotaExceededError, TooManyUnderWayError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


log = logging.getLogger(__name__)

_LONGEST = 1900  # of Discord's 2,000
OTHERS_FIRST_SECONDS = 1.0  # of the three seconds that Discord waits for an answer


class OneLineFilter(logging.Filter):
    """Shortens expected refusals that discord.py itself logs with a traceback, as for autocomplete, to one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error and is_expected(error):
            record.msg, record.args, record.exc_info = "%s: %s", (record.getMessage(), error), None
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


_SENTENCES: dict[type[Exception], str] = {
    JobNotFoundError: N_(
        "I no longer have this result: it was deleted or has expired, or another copy of this bot made it."
    ),
    NotYoursError: N_("Only the person who made this request, or someone with Manage Messages, can do this."),
    # Translators: Delete is the button under a result.
    TooLateError: N_("It's already done and can't be stopped. Use Delete to remove the result."),
    SetFullError: N_("This set can't have more pictures. Use Reroll to make another one."),
    VersionGoneError: N_("This version is no longer kept, so it can't be shown again."),
    ClosingError: N_("The bot is restarting. Try again in a minute."),
    UnavailableError: N_("The bot's database can't be used right now. Try again in a minute."),
    CrowdedError: CROWDED,
    DrainingError: N_("The bot is under maintenance. Try again in a few minutes. Nothing was made or charged."),
}
_SENTENCE_OF: dict[type[Exception], Callable[[Any], str]] = {
    RefusalError: str,
    InvalidRequest: lambda error: invalid_sentences(error.problems),
    QuotaExceededError: lambda error: refusal_sentence(error.refused),
    ClosedError: lambda error: closed_sentence(error.closed),
    AgeRestrictedSourceError: lambda _error: sentences(_(OUT_OF_PLACE), _(FREE)),
    ReferencesGoneError: lambda error: gone_sentences(error.missing),
    TooManyUnderWayError: lambda error: _(
        "You already have {most} requests under way. Wait until some of them are done. Nothing was charged.",
        most=number(error.most),
    ),
    OutOfServiceError: lambda error: out_of_service(error.reason),
    ModelUnavailableError: lambda error: _(
        "{model} is no longer available. Nothing was charged. Choose another model.",
        model=known_model(error.model).label,
    ),
    # Translators: {why} comes from Discord's library, in English.
    app_commands.AppCommandError: lambda error: _("That didn't work: {why}", why=error),
}


def sentence(error: BaseException) -> str | None:
    """Return the sentence for a member; None for a bug, which only the log can explain."""
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    special = (sentence_of(error) for kind, sentence_of in _SENTENCE_OF.items() if isinstance(error, kind))
    fixed = (_(text) for kind, text in _SENTENCES.items() if isinstance(error, kind))
    refused = (_(text) for text in [refusal_words(error)] if text)
    return next(chain(special, fixed, refused), None)


def fault_sentence(number: int) -> str:
    """Return the sentence for a bug. `number`: the id in its log line."""
    return _(
        "Something went wrong in the bot. Its owner can find the error in the log under `{number}`.", number=number
    )


def origin_fields(source: discord.Interaction | discord.Message) -> dict[str, object]:
    """Return the server and the member that a line of the log is about, for `extra`."""
    if isinstance(source, discord.Interaction):
        return {"guild": source.guild_id, "member": source.user.id}
    return {"guild": source.guild.id if source.guild else None, "member": source.author.id}


async def tell(interaction: discord.Interaction, error: BaseException) -> None:
    """Tell only the member what went wrong, and log bugs with a traceback.

    What this process doesn't know, another process with the same token may know. So it waits OTHERS_FIRST_SECONDS
    before it says so: the process that knows answers first, and this answer is refused.
    """
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    text = sentence(cause)
    if isinstance(cause, UnavailableError):
        log.warning("interaction %d failed: the database is unavailable: %s", interaction.id, cause)
    if is_expected(cause):
        log.info("interaction %d was refused by Discord: %s", interaction.id, cause, extra=origin_fields(interaction))
    if not is_answerable(cause):
        return
    if text is None:
        log.error("interaction %d failed", interaction.id, exc_info=cause, extra=origin_fields(interaction))
        text = fault_sentence(interaction.id)
    if isinstance(cause, JobNotFoundError | UnknownHereError):
        await asyncio.sleep(OTHERS_FIRST_SECONDS)
    view = {"view": cause.view} if isinstance(cause, RefusalError) and cause.view else {}
    await _answer(interaction, text if len(text) <= _LONGEST else text[:_LONGEST] + "…", **view)


async def _answer(interaction: discord.Interaction, text: str, **view: Any) -> None:
    send: Callable[..., Awaitable[object]] = (
        interaction.followup.send if interaction.response.is_done() else interaction.response.send_message
    )
    try:
        await send(text, ephemeral=True, allowed_mentions=QUIET, **view)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as failed:
        answered = isinstance(failed, discord.HTTPException) and failed.code == ALREADY_ANSWERED
        level = logging.INFO if answered else logging.WARNING
        log.log(level, "interaction %d could not be answered: %s", interaction.id, failed)
