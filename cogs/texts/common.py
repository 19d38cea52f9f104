"""The words people read: every sentence says what happened and what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import discord

from cogs.i18n.translate import N_, _, ngettext, number, sentences, translate
from seedream.errors import one_line
from seedream.phrases import Phrase
from seedream.sizes import OPEN_SIZES
from studio.jobs.job import Reason, Verb
from studio.jobs.layers import canvas

if TYPE_CHECKING:
    from collections.abc import Iterable

    from seedream.errors import Refusal
    from seedream.providers import Provider
    from studio.jobs.job import Failure, Job

# One sentence for each reason, to the person who can act.
_REASONS = {
    Reason.CONTENT_REFUSED: N_("The service's content rules refused this. Change the words or the picture."),
    Reason.REFERENCE: N_("The image service can't use one of the reference pictures. Use another one."),
    Reason.BAD_REQUEST: N_("The service refused this combination of options. Change them and try again."),
    Reason.TOO_LARGE: N_("The reference pictures are too large together. Use fewer or smaller ones."),
    Reason.BAD_KEY: N_(
        "It's not you: the image service doesn't accept this bot's API key. The bot's owner needs to renew it."
    ),
    Reason.USED_UP: N_(
        "It's not you: this bot's balance at the image service is used up. The bot's owner needs to top it up."
    ),
    Reason.DISABLED: N_(
        "It's not you: the image service has disabled this bot's account. The bot's owner needs to contact its support."
    ),
    Reason.OVERDUE: N_(
        "It's not you: this bot's bill at the image service is overdue. The bot's owner needs to pay it."
    ),
    Reason.QUOTA_SPENT: N_(
        "It's not you: this bot has reached its quota at the image service. "
        "The bot's owner can raise it; otherwise it resets by itself."
    ),
    Reason.WRONG_ADDRESS: N_(
        "It's not you: this bot's address for the image service is wrong. The bot's owner needs to correct it."
    ),
    Reason.MODEL_GONE: N_(
        "It's not you: the image service doesn't offer this model to this bot. Choose another model."
    ),
    Reason.UNKNOWN: N_(
        "The image service refused this for a reason that the bot doesn't know. "
        "Try again later; if it keeps happening, tell the bot's owner."
    ),
    Reason.SERVICE: N_("The image service had a fault of its own. Try again in a minute."),
    Reason.UNREACHABLE: N_("The image service can't be reached right now. Try again in a minute."),
    Reason.LOST: N_(
        "The connection broke before the service's answer came, so it isn't asked again by itself. "
        "Try again if you like."
    ),
    Reason.CUT: N_("The connection broke before everything had come, so the rest isn't asked for again by itself."),
    Reason.EMPTY: N_("The service answered without a picture. Change the words a little and try again."),
    Reason.PICTURE: N_("A picture was made, but it could not be fetched."),
    Reason.INTERRUPTED: N_(
        "The bot was restarted while this was being made, so it isn't asked again by itself. Try again if you like."
    ),
    Reason.EXPIRED: N_("This waited too long and was given up. Try again."),
    Reason.INTERNAL: N_("Something went wrong inside the bot. Whoever runs it finds the cause in its log."),
}
# The service's own words help with these; with the others they are the operator's business, in the log.
_WITH_DETAIL = {Reason.REFERENCE, Reason.BAD_REQUEST, Reason.CONTENT_REFUSED, Reason.UNKNOWN}

# While nobody's request can succeed: to the member who asks, and to whoever runs the bot.
_OUT_OF_SERVICE = {
    Reason.USED_UP: N_("This bot's balance at the image service is used up; its operator has been told."),
    Reason.BAD_KEY: N_("The image service doesn't take this bot's API key; its operator has been told."),
    Reason.DISABLED: N_("The image service has disabled this bot's account; its operator has been told."),
    Reason.OVERDUE: N_("This bot's bill at the image service is overdue; its operator has been told."),
    Reason.QUOTA_SPENT: N_("This bot has reached its quota at the image service; its operator has been told."),
    Reason.WRONG_ADDRESS: N_("This bot's address for the image service is wrong; its operator has been told."),
}
_OUT_FOR_ANOTHER_REASON = N_("The image service can't be used right now; this bot's operator has been told.")
_WARNINGS = {
    Reason.USED_UP: "The account's balance at the SeeDream API is used up (`used_up`). Top it up at <{console}>.",
    Reason.BAD_KEY: (
        "The SeeDream API no longer accepts the API key. Create a new one at <{console}>, set it as "
        "`SEEDREAM_API_KEY` and restart the bot."
    ),
    Reason.DISABLED: (
        "The SeeDream API has disabled the account (`disabled`). Contact the provider's support: <{console}>."
    ),
    Reason.OVERDUE: (
        "A bill of the account at the SeeDream API is overdue, or its plan has expired (`overdue`). "
        "Pay it at <{console}>."
    ),
    Reason.QUOTA_SPENT: (
        "The account has reached its usage quota at the SeeDream API (`quota_spent`). "
        "Raise the limit at <{console}>, or wait until it resets."
    ),
    Reason.WRONG_ADDRESS: (
        "There is no SeeDream API at the bot's configured address (`wrong_address`). Check `SEEDREAM_PROVIDER` and "
        "`SEEDREAM_BASE_URL`, and restart the bot."
    ),
}

# What a result was made of, with the way there.
_CAME_BY = {
    # Translators: [this]({link}) is shown as the word "this", which leads to a message.
    Verb.EDIT: N_("An edit of [this]({link})"),
    Verb.VARY: N_("A variation of [this]({link})"),
    Verb.REROLL: N_("Another try at [this]({link})"),
    Verb.UPSCALE: N_("Larger than [this]({link})"),
    # Translators: the first try went wrong.
    Verb.RETRY: N_("A second try at [this]({link})"),
    # Translators: the subject of a picture, without its background.
    Verb.CUT_OUT: N_("Cut out of [this]({link})"),
    # Translators: a picture taken apart into layers, as in an image editor.
    Verb.LAYERS: N_("Layers of [this]({link})"),
}
_LONGEST_GIVEN = 60
_FULL_STOPS = ".。 "  # a sentence that quotes another has one of its own

# Controls, and what nobody sees: it could turn the rest of a line around, or make it look empty. Joiners stay: emoji
# and scripts are written with them.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0]")
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
    sentence = _(_REASONS[failure.reason])
    if not failure.detail or failure.reason not in _WITH_DETAIL:
        return sentence
    if isinstance(failure.detail, Phrase):  # a whole sentence of our own
        return escaped(translate(failure.detail), 500)
    words = escaped(failure.detail.rstrip(_FULL_STOPS), 300)
    # Translators: "it" is the image service.
    return _("{sentence} It said: “{words}”.", sentence=sentence, words=words) if words else sentence


def out_of_service(reason: Reason) -> str:
    """Why nothing is taken just now, to a member."""
    why = _(_OUT_OF_SERVICE.get(reason, _OUT_FOR_ANOTHER_REASON))
    return _("{why} Nothing was made or charged. Try again later.", why=why)


def gone_sentences(missing: int, *, form: bool = False) -> str:
    """That pictures are gone which a request needs; `form`: there is one for others in their place."""
    gone = ngettext(
        "A picture that this needs is no longer on Discord.",
        "{n} pictures that this needs are no longer on Discord.",
        missing,
    )
    # Translators: pictures; a button is below.
    attach = _("Attach the missing pictures again.") if form else _("Attach your own copy to /edit.")
    return sentences(gone, attach, _("Nothing was charged."))


def invalid_sentences(refusals: Iterable[Refusal]) -> str:
    """What is wrong with a request, to whoever typed it: a line for each option."""
    return "\n".join(map(_invalid_sentence, refusals))


def _invalid_sentence(refusal: Refusal) -> str:
    parts = {
        "option": translate(refusal.option),
        "allowed": translate(refusal.allowed),
        "remedy": translate(refusal.remedy),
    }
    if given := one_line(translate(refusal.given), _LONGEST_GIVEN):
        # Translators: such as "seed: seeds are from -1 to 10 (11 given): choose one of these."
        return _("{option}: {allowed} ({given} given): {remedy}.", given=given, **parts)
    return _("{option}: {allowed}: {remedy}.", **parts)


def operators_part(reason: Reason, provider: Provider) -> str:
    """What has happened that only the operator can mend, and how, to them."""
    told = _WARNINGS.get(reason, "The SeeDream API rejects every request ({reason}).")
    return told.format(console=provider.console, reason=reason)


def warning(reason: Reason, provider: Provider) -> str:
    """The same as a message of its own."""
    return (
        f"⚠️ {operators_part(reason, provider)} Until then, requests are refused before they cost anything. The "
        "bot retries from time to time and resumes once a request succeeds. You get this alert at most once an hour."
    )


def came_from(job: Job) -> str | None:
    """What it was made of, with the way there; None if it came from words alone."""
    return _(_CAME_BY[job.parent.verb], link=job.parent.link) if job.parent else None


def size_line(job: Job) -> str | None:
    """The size as made, or as asked for while nothing is there; None where that is left to the service."""
    if made := _made_size(job):
        width, height = made
        return f"{width} × {height}"
    asked = job.request.wire_size
    return None if not asked or asked in OPEN_SIZES else asked.replace("x", " × ")


def _made_size(job: Job) -> tuple[int, int] | None:
    """Of pictures of one size, or of the picture whose layers they are: which is behind all is known at the end."""
    if job.request.layer_decomposition:
        return canvas(job) if job.state.final else None
    sizes = {(p.width, p.height) for p in (image.picture for image in job.images) if p}
    return sizes.pop() if len(sizes) == 1 else None


def seconds(job: Job) -> str | None:
    """How long it took from being accepted, in words."""
    if job.finished_at is None:
        return None
    taken = max(0.0, job.finished_at - job.created_at)
    return f"{number(round(taken, 1 if taken < 10 else None))} s"  # noqa: PLR2004 - tenths matter below ten


def labelled(name: str, value: object) -> str:
    """A line of several that say what something is."""
    # Translators: a line such as "**Size:** 2048 × 2048".
    return _("**{name}:** {value}", name=name, value=value)


def picture_name(n: int) -> str:
    """One of several pictures, from 1."""
    # Translators: at most 80 characters.
    return _("Picture {n}", n=n)


def picture_count(n: int) -> str:
    return ngettext("{n} picture", "{n} pictures", n)


def credit_count(n: int) -> str:
    return ngettext("{n} credit", "{n} credits", n)


def request_count(n: int) -> str:
    return ngettext("{n} request", "{n} requests", n)


def member_count(n: int) -> str:
    return ngettext("{n} member", "{n} members", n)


def limit_count(n: int) -> str:
    return ngettext("{n} limit", "{n} limits", n)
