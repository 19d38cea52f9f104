"""The words people read: every sentence says what happened and what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import discord

from studio.jobs import Reason, Verb

if TYPE_CHECKING:
    from studio.jobs import Failure, Job

# One sentence for each reason, to the person who can act.
_REASONS = {
    Reason.CONTENT_REFUSED: "The service's content rules refused this. Change the words or the picture.",
    Reason.REFERENCE: "The reference picture can't be used.",
    Reason.BAD_REQUEST: "The service refused this combination of options. Change them and try again.",
    Reason.TOO_LARGE: "The reference pictures are too large together. Use fewer or smaller ones.",
    Reason.BAD_KEY: "The service doesn't take this bot's API key. Whoever runs the bot has to renew it.",
    Reason.USED_UP: "This bot's balance at the image service is used up. Whoever runs the bot has to top it up.",
    Reason.DISABLED: "The image service has disabled this bot's account. Whoever runs the bot has to ask its support.",
    Reason.SERVICE: "The image service had a fault of its own. Try again in a minute.",
    Reason.UNREACHABLE: "The image service can't be reached right now. Try again in a minute.",
    Reason.LOST: "The connection broke before the service's answer came, so it isn't asked again by itself. "
    "Try again if you like.",
    Reason.CUT: "The connection broke before everything had come, so the rest isn't asked for again by itself.",
    Reason.EMPTY: "The service answered without a picture. Change the words a little and try again.",
    Reason.PICTURE: "A picture was made, but it could not be fetched.",
    Reason.INTERRUPTED: "The bot was restarted while this was being made, so it isn't asked again by itself. "
    "Try again if you like.",
    Reason.EXPIRED: "This waited too long and was given up. Try again.",
    Reason.INTERNAL: "Something went wrong inside the bot. Whoever runs it finds the cause in its log.",
}
# The service's own words help with these; with the others they are the operator's business, in the log.
_WITH_DETAIL = {Reason.REFERENCE, Reason.BAD_REQUEST, Reason.CONTENT_REFUSED}

_CAME_BY = {
    Verb.EDIT: "An edit of",
    Verb.VARY: "A variation of",
    Verb.REROLL: "Another try at",
    Verb.UPSCALE: "Larger than",
    Verb.RETRY: "A second try at",
}

# Controls, and what nobody sees: it could turn the rest of a line around, or make it look empty. Joiners stay: emoji
# and scripts are written with them.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2060-\u206f\ufeff]")
# What Discord reads as markup, wherever it stands or only at the head of a line; and what makes a word a link.
_MARKUP = re.compile(r"[\\*_~`|\[\]<]|^[#>-]|(?<=\w):(?=//)")


def plain(text: str, limit: int) -> str:
    """One line of at most `limit` characters."""
    line = " ".join(_UNSEEN.sub("", text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def escaped(text: str, limit: int) -> str:
    """One line that Discord shows as it was typed: no markdown, no mention, no link, no timestamp."""
    return discord.utils.escape_mentions(_MARKUP.sub(r"\\\g<0>", plain(text, limit)))


def failure_sentence(failure: Failure) -> str:
    sentence = _REASONS[failure.reason]
    if failure.detail and failure.reason in _WITH_DETAIL:
        if failure.reason is Reason.REFERENCE:
            return escaped(failure.detail, 500)
        sentence += f" It said: “{escaped(failure.detail, 300)}”"
    return sentence


def came_from(job: Job) -> str | None:
    """What it was made of, with the way there; None if it came from words alone."""
    return f"{_CAME_BY[job.parent.verb]} [this]({job.parent.link})" if job.parent else None


def size_line(job: Job) -> str:
    """The size as made, or as asked for while nothing is there."""
    sizes = {(p.width, p.height) for p in (image.picture for image in job.images) if p}
    if len(sizes) == 1:
        width, height = sizes.pop()
        return f"{width} × {height}"
    asked = job.request.wire_size or job.request.capabilities.default_size
    return asked.replace("x", " × ")


def seconds(job: Job) -> str | None:
    """How long it took from being accepted, in words."""
    if job.finished_at is None:
        return None
    taken = max(0.0, job.finished_at - job.created_at)
    return f"{taken:.1f} s" if taken < 10 else f"{taken:.0f} s"  # noqa: PLR2004 - tenths matter below ten


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
