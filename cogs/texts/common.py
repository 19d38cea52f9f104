"""Sentences and words that several features share. Pure.

Every refusal says what is wrong and what to do.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate
from typing import TYPE_CHECKING

import discord

from cogs.i18n.translate import N_, _, ngettext, number, sentences, translate
from seedream.errors import MAX_GIVEN_LENGTH, one_line
from seedream.phrases import Phrase
from seedream.sizes import OPEN_SIZES
from studio.jobs.job import Verb
from studio.jobs.layers import canvas
from studio.jobs.links import image_link_dies_at
from studio.jobs.states import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from seedream.errors import InvalidOption
    from seedream.providers import Provider
    from studio.jobs.images import JobImage
    from studio.jobs.job import Job
    from studio.jobs.states import Failure

# One sentence for each reason a job failed, for its member.
_REASONS = {
    Reason.CONTENT_REFUSED: N_("This was refused by the service's content rules. Change the prompt or the picture."),
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
        "The image service refused this for an unknown reason. Try again later; if it keeps happening, tell the "
        "bot's owner."
    ),
    Reason.SERVICE: N_("The image service had an internal error. Try again in a minute."),
    Reason.UNREACHABLE: N_("The image service can't be reached right now. Try again in a minute."),
    Reason.LOST: N_(
        "The connection was lost before the service answered, so I didn't retry automatically. Try again if you like."
    ),
    Reason.CUT: N_("The connection was lost before everything arrived, so I didn't request the rest again."),
    Reason.EMPTY: N_("The service returned no picture. Change the prompt a little and try again."),
    Reason.PICTURE: N_("A picture was made, but it couldn't be downloaded."),
    Reason.INTERRUPTED: N_(
        "This was interrupted while it was being made, so I didn't retry automatically. Try again if you like."
    ),
    Reason.CRASHED: N_("The bot stopped twice while working on this, so it was given up. Try other pictures."),
    Reason.EXPIRED: N_("This took too long and was stopped. Try again."),
    Reason.INTERNAL: N_("Something went wrong in the bot. Its owner can find the cause in the log."),
}
# With these the service's own message helps the member. For the others it is only in the log, for the operator.
_WITH_DETAIL = {Reason.REFERENCE, Reason.BAD_REQUEST, Reason.CONTENT_REFUSED, Reason.UNKNOWN}

# While no request can succeed: the sentence for members, and below the warning for the operator.
_OUT_OF_SERVICE = {
    Reason.USED_UP: N_("This bot's balance at the image service is used up. The bot's owner has been notified."),
    Reason.BAD_KEY: N_("The image service doesn't accept this bot's API key. The bot's owner has been notified."),
    Reason.DISABLED: N_("The image service has disabled this bot's account. The bot's owner has been notified."),
    Reason.OVERDUE: N_("This bot's bill at the image service is overdue. The bot's owner has been notified."),
    Reason.QUOTA_SPENT: N_("This bot has reached its quota at the image service. The bot's owner has been notified."),
    Reason.WRONG_ADDRESS: N_("This bot's address for the image service is wrong. The bot's owner has been notified."),
}
_OUT_FOR_ANOTHER_REASON = N_("The image service can't be used right now. The bot's owner has been notified.")
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

# What a result was made from, with a link to it.
_CAME_BY = {
    # Translators: [this]({link}) is shown as the word "this", which leads to a message.
    Verb.EDIT: N_("An edit of [this]({link})"),
    Verb.VARY: N_("A variation of [this]({link})"),
    Verb.REROLL: N_("Another try at [this]({link})"),
    Verb.UPSCALE: N_("An upscale of [this]({link})"),
    # Translators: the first try went wrong.
    Verb.RETRY: N_("A retry of [this]({link})"),
    # Translators: the subject of a picture, without its background.
    Verb.CUT_OUT: N_("Cut out of [this]({link})"),
    # Translators: a picture taken apart into layers, as in an image editor.
    Verb.LAYERS: N_("Layers of [this]({link})"),
    # Translators: one picture of a set, made again.
    Verb.REDO: N_("A picture of [this]({link}), redone"),
    # Translators: further pictures of a set.
    Verb.MORE: N_("More like [this]({link})"),
    # Translators: the same picture in another shape, with more around it.
    Verb.REFRAME: N_("Reframed from [this]({link})"),
    # Translators: the same picture from further away, with more around it.
    Verb.ZOOM_OUT: N_("Zoomed out from [this]({link})"),
}
_BEFORE_CUT = " ,;:、，；："  # what would look odd before "…"
_FULL_STOPS = ".。 "  # a sentence that quotes another has one of its own

# Control and invisible characters, which could reverse the rest of a line or make it look empty. Joiners stay, because
# emoji and some scripts need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0]"
)
# What Discord reads as markup, anywhere or only at the start of a line, and the colon that makes a word a link.
_MARKUP = re.compile(r"[\\*_~`|\[\]<]|^[#>-]|(?<=\w):(?=//)")
UNBROKEN = 25  # characters that fit into a line on a small phone
_LINK_MARKUP = re.compile(r"[()<>|`\\ ]")


def plain(text: str, limit: int) -> str:
    """Make one line of at most `limit` visible characters."""
    line = " ".join(_UNSEEN.sub("", text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def clamped(text: str, width: int) -> str:
    """Make one line of at most `width` columns, cut after a word if possible; wide characters take two columns."""
    line = " ".join(_UNSEEN.sub("", text).split())
    columns = accumulate(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)
    fitting = sum(column <= width for column in columns)
    if fitting == len(line):
        return line
    words, space, _rest = line[:fitting].rpartition(" ")
    return (words if space and len(words) * 2 > fitting else line[: fitting - 1]).rstrip(_BEFORE_CUT) + "…"


def escaped(text: str, limit: int) -> str:
    """Make one line that Discord shows as it was typed: without markdown, mentions, links and timestamps."""
    return discord.utils.escape_mentions(_MARKUP.sub(r"\\\g<0>", plain(text, limit)))


def in_code(text: str, limit: int) -> str:
    """Make one line for between backticks, which none of its own can end."""
    return plain(text, limit).replace("`", "ʼ")


def link_target(url: str) -> str:
    """Return a link from outside for between the parentheses of a masked link, which nothing in it can end."""
    return _LINK_MARKUP.sub(lambda match: f"%{ord(match[0]):02X}", url)


def failure_sentence(failure: Failure) -> str:
    """Says why nothing was made, with the service's own message where it helps the member."""
    return _with_detail(_(_REASONS[failure.reason]), failure)


def refused_sentence(failure: Failure, images: int) -> str:
    """Says that the content rules refused that many of a set's images; `failure` is of one of them."""
    # Translators: of pictures; it follows "3 of 4 made."
    refused = ngettext(
        "One was refused by the service's content rules and wasn't charged.",
        "{n} were refused by the service's content rules and weren't charged.",
        images,
    )
    return _with_detail(refused, failure)


def _with_detail(sentence: str, failure: Failure) -> str:
    if not failure.detail or failure.reason not in _WITH_DETAIL:
        return sentence
    if isinstance(failure.detail, Phrase):  # a whole sentence of our own
        return escaped(translate(failure.detail), 500)
    words = escaped(failure.detail.rstrip(_FULL_STOPS), 300)
    # Translators: "it" is the image service.
    return _("{sentence} It said: “{words}”.", sentence=sentence, words=words) if words else sentence


def out_of_service(reason: Reason) -> str:
    """Tell a member why no request is accepted at the moment."""
    why = _(_OUT_OF_SERVICE.get(reason, _OUT_FOR_ANOTHER_REASON))
    return _("{why} Nothing was made or charged. Try again later.", why=why)


def gone_sentences(missing: int, *, form: bool = False) -> str:
    """Say that pictures a request needs are gone. `form`: a button opens a form to attach them again."""
    gone = ngettext(
        "A picture that this needs is no longer on Discord.",
        "{n} pictures that this needs are no longer on Discord.",
        missing,
    )
    # Translators: pictures; a button is below.
    attach = _("Attach the missing pictures again.") if form else _("Attach your own copy with /edit.")
    return sentences(gone, attach, _("Nothing was charged."))


def invalid_sentences(problems: Iterable[InvalidOption]) -> str:
    """Say what is wrong with a request, to the member who typed it: a line for each option."""
    return "\n".join(map(_invalid_sentence, problems))


def _invalid_sentence(invalid: InvalidOption) -> str:
    given = one_line(translate(invalid.given), MAX_GIVEN_LENGTH)
    option = f"{translate(invalid.option)} {given}".rstrip()
    # Translators: such as "seed 11: Seeds go from -1 to 10. Choose a number in that range."
    sentence = _(
        "{option}: {problem} {remedy}",
        option=option,
        problem=translate(invalid.problem),
        remedy=translate(invalid.remedy),
    )
    return sentence.rstrip()


def operators_part(reason: Reason, provider: Provider) -> str:
    """Tell the operator what only they can fix, and how."""
    text = _WARNINGS.get(reason, "The SeeDream API refuses every request ({reason}).")
    return text.format(console=provider.console, reason=reason)


def warning(reason: Reason, provider: Provider) -> str:
    """Return the warning as a message of its own, with what the bot does until it is fixed."""
    return (
        f"⚠️ {operators_part(reason, provider)} Until then, requests are refused before they cost anything. The "
        "bot retries from time to time and resumes once a request succeeds. You get this alert at most once an hour."
    )


def came_from(job: Job) -> str | None:
    """Link to what the job was made from; None if it was made from a prompt alone."""
    return _(_CAME_BY[job.parent.verb], link=job.parent.link) if job.parent else None


def size_line(job: Job) -> str | None:
    """Return the size of the pictures, or the requested one before there are any; None if the service chooses it."""
    if made := _made_size(job):
        width, height = made
        return f"{width} × {height}"
    size = job.request.wire_size
    return None if not size or size in OPEN_SIZES else size.replace("x", " × ")


def _made_size(job: Job) -> tuple[int, int] | None:
    """Return the pictures' common size, if any; of layers, the size of the background, known at the end."""
    if job.request.layer_decomposition:
        return canvas(job) if job.state.final else None
    sizes = {image.picture.sides for image in job.current if image.picture} - {None}
    return sizes.pop() if len(sizes) == 1 else None


def seconds(job: Job) -> str | None:
    """Return the time from acceptance to the end, such as "26 s"."""
    if job.finished_at is None:
        return None
    taken = max(0.0, job.finished_at - job.created_at)
    return f"{number(round(taken, 1 if taken < 10 else None))} s"  # noqa: PLR2004 - tenths matter below ten


def links_until(job: Job, images: Iterable[JobImage]) -> str:
    """Return the time until which links to these images work, as each reader's Discord writes it."""
    return f"<t:{int(min(image_link_dies_at(job, image) for image in images))}:f>"


def labelled(name: str, value: object) -> str:
    """Return a line such as "**Size:** 2048 × 2048"."""
    # Translators: a line such as "**Size:** 2048 × 2048".
    return _("**{name}:** {value}", name=name, value=value)


def dotted(parts: Iterable[str | None]) -> str:
    """Join parts with dots. No line starts with a dot, or breaks within a short part; None and "" are left out."""
    return "\xa0· ".join(map(unbroken, filter(None, parts)))


def unbroken(text: str) -> str:
    """Return a short text so that it stays on one line, as far as a line is long enough."""
    return text.replace(" ", "\xa0") if len(text) <= UNBROKEN else text


def picture_name(n: int) -> str:
    """Name one of several pictures by its number, from 1."""
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
