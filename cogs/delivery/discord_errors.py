"""What Discord's refusals mean: one table, for every call that the bot makes.

Source: Discord API reference, "Opcodes and Status Codes", JSON error codes.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.i18n.translate import marked
from studio.jobs.errors import AnsweredElsewhereError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

# An interaction that Discord no longer takes an answer to, or has one already.
UNKNOWN_INTERACTION = 10062
ALREADY_ANSWERED = 40060
UNKNOWN_CHANNEL = 10003
UNKNOWN_MESSAGE = 10008
UNKNOWN_WEBHOOK = 10015
INVALID_TOKEN = 50027
MISSING_ACCESS = 50001
MISSING_PERMISSIONS = 50013
CANNOT_MESSAGE_USER = 50007
THREAD_ARCHIVED = 50083
THREAD_LOCKED = 160005
FILE_TOO_LARGE = 40005
UPLOAD_TOO_LARGE = 50045
EXPLICIT_CONTENT = 20009
BLOCKED_BY_AUTOMOD = 200000
TITLE_BLOCKED_BY_AUTOMOD = 200001
HARMFUL_LINK = 240000
INVALID_FORM = 50035

PAYLOAD_TOO_LARGE = 413  # HTTP's, and so are the next
_LATER = {408, 429}
_NOT_HERE = {401, 403, 404}


class Refusal(StrEnum):
    """What follows from a refusal."""

    LATER = "later"
    """None: the same may be taken another time."""
    TOKEN = "token"  # noqa: S105 - a name
    """The interaction's token is dead, whatever it is used for."""
    GONE = "gone"
    """The message or its channel is not there any more."""
    CLOSED = "closed"
    """This way leads nowhere; another may."""
    TOO_LARGE = "too large"
    PICTURES = "pictures"
    """What a picture shows is not taken."""
    WORDS = "words"
    """What the text says is not taken."""
    LINK = "link"
    """A link in it is not taken."""
    INVALID = "invalid"
    """Discord does not take a message of this form: all codes that nobody foresaw."""


# The same may be taken another time: slowmode and write limits (20016 to 20029), too many direct messages opened
# (40003), switched off for now (40004, 40006), overloaded (40062, 130000).
_LATER_CODES = (20016, 20022, 20028, 20029, 40003, 40004, 40006, 40062, 130000)
# Not this way: edits of old messages (30046) or follow-ups (40094) used up, no messages in such a channel (40058,
# 50008, 50024), not verified (50009), no such recipient (50033), no server in common (50278), no more threads may be
# open (160006, 160007).
_CLOSED_CODES = (30046, 40058, 40094, 50008, 50009, 50024, 50033, 50278, 160006, 160007)
_BY_CODE = {
    FILE_TOO_LARGE: Refusal.TOO_LARGE,
    UPLOAD_TOO_LARGE: Refusal.TOO_LARGE,
    EXPLICIT_CONTENT: Refusal.PICTURES,
    BLOCKED_BY_AUTOMOD: Refusal.WORDS,
    TITLE_BLOCKED_BY_AUTOMOD: Refusal.WORDS,
    HARMFUL_LINK: Refusal.LINK,
    UNKNOWN_INTERACTION: Refusal.TOKEN,
    UNKNOWN_WEBHOOK: Refusal.TOKEN,
    INVALID_TOKEN: Refusal.TOKEN,
    UNKNOWN_CHANNEL: Refusal.GONE,
    UNKNOWN_MESSAGE: Refusal.GONE,
    ALREADY_ANSWERED: Refusal.CLOSED,
    MISSING_ACCESS: Refusal.CLOSED,
    MISSING_PERMISSIONS: Refusal.CLOSED,
    CANNOT_MESSAGE_USER: Refusal.CLOSED,
    THREAD_ARCHIVED: Refusal.CLOSED,
    THREAD_LOCKED: Refusal.CLOSED,
    **dict.fromkeys(_LATER_CODES, Refusal.LATER),
    **dict.fromkeys(_CLOSED_CODES, Refusal.CLOSED),
}


def refusal_of(status: int, code: int) -> Refusal:
    """What an answer of Discord's means, by its HTTP status and its own code (0 for none)."""
    if status >= 500 or status in _LATER:  # noqa: PLR2004 - HTTP's own
        return Refusal.LATER
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status == PAYLOAD_TOO_LARGE:
        return Refusal.TOO_LARGE
    return Refusal.CLOSED if status in _NOT_HERE else Refusal.INVALID


async def with_or_without_words(say: Callable[[bool], Awaitable[object]]) -> None:
    """Say something with a member's words (True), or without them (False) where Discord does not take those."""
    try:
        await say(True)
    except discord.HTTPException as error:
        if refusal_of(error.status, error.code) not in {Refusal.WORDS, Refusal.LINK}:
            raise
        await say(False)


# --- what a member is told ------------------------------------------------------------------------------------------

# Nobody is left to tell: the interaction is over, or another process has answered it.
_UNANSWERABLE = {UNKNOWN_INTERACTION, ALREADY_ANSWERED, UNKNOWN_WEBHOOK, INVALID_TOKEN}
_THREAD = marked("This thread is archived or locked. Reopen it, or use another channel. Nothing was made or charged.")
_OTHERWISE = marked("Discord didn't take my answer. Try again in a minute.")
_NO_ACCESS = marked("I may no longer do this in this channel. Ask an admin to check my permissions here.")
_SENTENCES = {
    UNKNOWN_MESSAGE: marked("That message was deleted."),
    MISSING_ACCESS: _NO_ACCESS,
    MISSING_PERMISSIONS: _NO_ACCESS,
    THREAD_ARCHIVED: _THREAD,
    THREAD_LOCKED: _THREAD,
    BLOCKED_BY_AUTOMOD: marked(
        "This server's AutoMod blocked my message with your words. Rephrase them. Nothing was made or charged."
    ),
    EXPLICIT_CONTENT: marked("Discord doesn't allow this picture here. Nothing was made or charged."),
    HARMFUL_LINK: marked("Discord blocks a link in your words. Remove it. Nothing was made or charged."),
}


def is_expected(error: BaseException) -> bool:
    """Whether it is an answer that Discord gives in the course of a day, which needs no traceback."""
    if isinstance(error, discord.HTTPException):
        return refusal_of(error.status, error.code) is not Refusal.INVALID
    return isinstance(error, aiohttp.ClientError)


def is_answerable(error: BaseException) -> bool:
    """Whether the interaction that was refused so can still be told something."""
    if isinstance(error, AnsweredElsewhereError):
        return False
    return not isinstance(error, discord.HTTPException) or error.code not in _UNANSWERABLE


def refusal_words(error: BaseException) -> str | None:
    """What a member is told of an expected refusal, in English; None for any other error."""
    if not is_expected(error):
        return None
    return _SENTENCES.get(error.code, _OTHERWISE) if isinstance(error, discord.HTTPException) else _OTHERWISE
