"""Classifies Discord's errors: one table, for every call that the bot makes.

Source: Discord API reference, "Opcodes and Status Codes", JSON error codes.
"""

from __future__ import annotations

import time
from enum import StrEnum
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.i18n.translate import N_
from seedream.retry import parse_retry_after
from seedream.troubles import outside_text
from studio.jobs.errors import AnsweredElsewhereError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

# An interaction that can't be answered any more, or was answered already.
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

PAYLOAD_TOO_LARGE = 413  # an HTTP status, as the next two
_LATER = {408, 429}
_NOT_HERE = {401, 403, 404}


class DiscordRefusal(StrEnum):
    """What a refusal means for delivery; `cogs.delivery.fallbacks` decides what follows."""

    LATER = "later"
    """Temporary: the same call can succeed later."""
    TOKEN = "token"  # noqa: S105 - a name
    """The interaction's token is dead, for every call."""
    GONE = "gone"
    """The message or its channel was deleted."""
    CLOSED = "closed"
    """This transport can't work; another may."""
    TOO_LARGE = "too large"
    PICTURES = "pictures"
    """Discord blocks a picture for what it shows."""
    WORDS = "words"
    """Discord or AutoMod blocks the text."""
    LINK = "link"
    """Discord blocks a link in it."""
    INVALID = "invalid"
    """Discord rejects a message of this form. All codes that aren't in the table count as this."""


# The same call can succeed later: slowmode and write limits (20016 to 20029), too many direct messages opened
# (40003), switched off for now (40004, 40006), overloaded (40062, 130000).
_LATER_CODES = (20016, 20022, 20028, 20029, 40003, 40004, 40006, 40062, 130000)
# The transport can't work: edits of old messages (30046) or follow-ups (40094) used up, no messages in such a channel
# (40058, 50008, 50024), not verified (50009), no such recipient (50033), no server in common (50278), too many open
# threads (160006, 160007).
_CLOSED_CODES = (30046, 40058, 40094, 50008, 50009, 50024, 50033, 50278, 160006, 160007)
_BY_CODE = {
    FILE_TOO_LARGE: DiscordRefusal.TOO_LARGE,
    UPLOAD_TOO_LARGE: DiscordRefusal.TOO_LARGE,
    EXPLICIT_CONTENT: DiscordRefusal.PICTURES,
    BLOCKED_BY_AUTOMOD: DiscordRefusal.WORDS,
    TITLE_BLOCKED_BY_AUTOMOD: DiscordRefusal.WORDS,
    HARMFUL_LINK: DiscordRefusal.LINK,
    UNKNOWN_INTERACTION: DiscordRefusal.TOKEN,
    UNKNOWN_WEBHOOK: DiscordRefusal.TOKEN,
    INVALID_TOKEN: DiscordRefusal.TOKEN,
    UNKNOWN_CHANNEL: DiscordRefusal.GONE,
    UNKNOWN_MESSAGE: DiscordRefusal.GONE,
    ALREADY_ANSWERED: DiscordRefusal.CLOSED,
    MISSING_ACCESS: DiscordRefusal.CLOSED,
    MISSING_PERMISSIONS: DiscordRefusal.CLOSED,
    CANNOT_MESSAGE_USER: DiscordRefusal.CLOSED,
    THREAD_ARCHIVED: DiscordRefusal.CLOSED,
    THREAD_LOCKED: DiscordRefusal.CLOSED,
    **dict.fromkeys(_LATER_CODES, DiscordRefusal.LATER),
    **dict.fromkeys(_CLOSED_CODES, DiscordRefusal.CLOSED),
}


def refusal_of(status: int, code: int) -> DiscordRefusal:
    """Classify Discord's answer by its HTTP status and its JSON error code (0 if it has none)."""
    if status >= 500 or status in _LATER:  # noqa: PLR2004 - HTTP's own
        return DiscordRefusal.LATER
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status == PAYLOAD_TOO_LARGE:
        return DiscordRefusal.TOO_LARGE
    return DiscordRefusal.CLOSED if status in _NOT_HERE else DiscordRefusal.INVALID


async def with_or_without_words(say: Callable[[bool], Awaitable[object]]) -> None:
    """Call `say(True)` to send a member's own words, then `say(False)` to leave them out if Discord blocks them."""
    try:
        await say(True)
    except discord.HTTPException as error:
        if refusal_of(error.status, error.code) not in {DiscordRefusal.WORDS, DiscordRefusal.LINK}:
            raise
        await say(False)


# --- sentences for the operator -------------------------------------------------------------------------------------

_PAGE = "text/html"
_TURNED_AWAY = {
    429: "Discord turns this machine's IP address away for too many requests (429)",
    403: "Cloudflare, in front of Discord, blocks this machine's IP address (403): use another address or a proxy "
    "(PROXY_URL) if that lasts",
}


def is_page(headers: Mapping[str, str]) -> bool:
    """Return whether an answer is a web page: not Discord's, but that of a proxy or of Cloudflare in front of it."""
    return headers.get("Content-Type", "").startswith(_PAGE)


def turned_away(status: int, seconds: float) -> str:
    """Say that Discord answers nothing for so long, and that the bot waits for it."""
    until = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(time.time() + seconds))
    why = _TURNED_AWAY.get(status, f"Discord has a problem right now ({status})")
    return f"{why}. The bot waits and tries again at {until}; don't restart it."


def discord_refusal(error: discord.HTTPException) -> str:
    """Say why Discord doesn't let the bot start, and what to do."""
    reason = outside_text(str(error))
    headers: Mapping[str, str] = getattr(error.response, "headers", {})
    if error.status >= 500:  # noqa: PLR2004 - HTTP's
        return f"Discord has a problem right now ({reason}). Start the bot again later."
    if error.status == 429:  # noqa: PLR2004 - HTTP's
        seconds = parse_retry_after(headers.get("Retry-After"), now=time.time(), date=headers.get("Date")) or 3600
        until = time.strftime("%H:%M UTC", time.gmtime(time.time() + seconds))
        return (
            f"Discord is rate limiting this IP address ({reason}). The bot may be started: it waits until {until}. "
            "Find out what sends so many requests from this address, or use another one (PROXY_URL)."
        )
    if is_page(headers):
        return (
            f"A web page came in place of Discord's answer ({reason}): Cloudflare blocks this IP address, or a proxy "
            "or login page is in the way. Use another address or a proxy (PROXY_URL)."
        )
    return f"Discord refused to let the bot start: {reason}"


# --- sentences for members ------------------------------------------------------------------------------------------

# Nobody can be answered: the interaction is over, or another process has answered it.
_UNANSWERABLE = {UNKNOWN_INTERACTION, ALREADY_ANSWERED, UNKNOWN_WEBHOOK, INVALID_TOKEN}
_THREAD = N_("This thread is archived or locked. Reopen it, or use another channel. Nothing was made or charged.")
_OTHERWISE = N_("Discord didn't accept my reply. Try again in a minute.")
_NO_ACCESS = N_("I no longer have permission to do this in this channel. Ask an admin to check my permissions here.")
_SENTENCES = {
    UNKNOWN_MESSAGE: N_("That message was deleted."),
    MISSING_ACCESS: _NO_ACCESS,
    MISSING_PERMISSIONS: _NO_ACCESS,
    THREAD_ARCHIVED: _THREAD,
    THREAD_LOCKED: _THREAD,
    BLOCKED_BY_AUTOMOD: N_(
        "This server's AutoMod blocked my message because of your prompt. Please rephrase it. Nothing was made or "
        "charged."
    ),
    EXPLICIT_CONTENT: N_("Discord doesn't allow this picture here. Nothing was made or charged."),
    HARMFUL_LINK: N_("Discord blocks a link in your prompt. Remove it. Nothing was made or charged."),
}


def is_expected(error: BaseException) -> bool:
    """Return whether it is a usual answer of Discord's, which is logged without a traceback."""
    if isinstance(error, discord.HTTPException):
        return refusal_of(error.status, error.code) is not DiscordRefusal.INVALID
    return isinstance(error, aiohttp.ClientError)


def is_answerable(error: BaseException) -> bool:
    """Return whether the interaction that failed like this can still be answered."""
    if isinstance(error, AnsweredElsewhereError):
        return False
    return not isinstance(error, discord.HTTPException) or error.code not in _UNANSWERABLE


def refusal_words(error: BaseException) -> str | None:
    """Return the sentence (a message id for `_`) for an expected refusal; None for any other error."""
    if not is_expected(error):
        return None
    return _SENTENCES.get(error.code, _OTHERWISE) if isinstance(error, discord.HTTPException) else _OTHERWISE
