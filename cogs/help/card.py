"""Renders the card of /help: what the bot does, examples, how to edit pictures here, and what it costs. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from discord import ui

from cogs.help.examples import EXAMPLES, example_button
from cogs.i18n.translate import N_, _, sentences
from cogs.quota.card import SHARED, left_sentence
from cogs.requests.cards import card
from cogs.texts.common import dotted
from cogs.texts.limits import limit_words
from cogs.texts.prices import price_lines
from cogs.texts.quota import closed_sentence
from studio.guilds.settings import Replies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio.jobs.reservations import QuotaStatus

ACCENT = 0x5865F2
_MOST_LIMITS = 4

View = ui.LayoutView


class Hearing(StrEnum):
    """Which messages the bot can read in the channel of the card."""

    DIRECT = "direct"  # all of them: it is a direct message
    ALL = "all"
    MENTIONS = "mentions"  # those that mention it
    NONE = "none"  # it isn't a member there


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpViewModel:
    """Everything the card shows. mention: of the bot. private: only the member sees it, so it shows their usage."""

    mention: str
    hearing: Hearing
    replies: Replies
    overview: QuotaStatus
    private: bool


def render_help(view_model: HelpViewModel) -> View:
    """Render the card of /help. Where nothing can be made, it has no examples."""
    making: list[str | ui.Item[View]] = [
        ui.Separator(),
        _examples(),
        ui.ActionRow(*map(example_button, EXAMPLES)),
        ui.Separator(),
        _section(_("Change a picture"), *(f"- {way}" for way in _ways(view_model))),
    ]
    return card(
        _what_it_does(),
        *(making if view_model.overview.closed is None else []),
        ui.Separator[View](),
        _section(_("What it costs here"), *_cost_lines(view_model)),
        colour=ACCENT,
    )


def _section(title: str, *lines: str) -> str:
    return "\n".join([f"**{title}**", *lines])


def _what_it_does() -> str:
    title = _("Turn your words into pictures")
    # Translators: 15 is the most pictures that one request makes
    makes = _("`/imagine` paints what you describe: one picture, or a set of up to 15 in one style.")
    changes = _("Show me any picture, tell me what to change, and I'll edit it.")
    # Translators: {example} is a prompt with choices in braces; leave /compare as it is
    several = _(
        "Try several ideas at once with braces, such as {example}. `/compare` shows models side by side.",
        example="`a {red, blue} car`",
    )
    return f"## 🎨 {title}\n{makes}\n{several}\n{changes}"


def _examples() -> str:
    words = _("Each button opens a form with a prompt. Nothing is made or charged until you submit it.")
    return _section(_("Try one"), f"-# {words}")


# --- changing pictures ------------------------------------------------------------------------------------------------


_HOW = {
    # Translators: how to change a picture; "it" is the picture
    Hearing.DIRECT: N_("Reply to it and say what to change, such as “make it night”."),
    # Translators: how to change a picture; "it" is the picture
    Hearing.ALL: N_("Reply to it and say what to change, such as “make it night”."),
    # Translators: how to change a picture; "it" is the picture, {bot} a mention such as @SeeDream
    Hearing.MENTIONS: N_("Reply to it, mention me and say what to change: “{bot} make it night”."),
}
_THEN = {
    # Translators: what the bot does with replies to pictures
    Replies.AT_ONCE: N_("Every reply edits the picture and is charged."),
    # Translators: what the bot does with replies to pictures
    Replies.ASK_WHEN_UNSURE: N_(
        "If a reply doesn't read like an instruction, I only offer a button, so chat costs nothing."
    ),
    # Translators: what the bot does with replies to pictures
    Replies.ALWAYS_ASK: N_("I answer with a button; nothing is made or charged until you press it."),
}
_PHOTO = {
    Hearing.DIRECT: N_("Send me a photo and say what to change in the same message."),
    # Translators: {bot} is a mention such as @SeeDream
    Hearing.ALL: N_("Send a photo, mention me and say what to change: “{bot} make it night”."),
    # Translators: {bot} is a mention such as @SeeDream
    Hearing.MENTIONS: N_("Send a photo, mention me and say what to change: “{bot} make it night”."),
}


def _ways(view_model: HelpViewModel) -> Iterator[str]:
    if view_model.hearing is not Hearing.NONE:
        if view_model.replies is Replies.OFF:
            yield _("Editing by reply is off in this server.")
        else:
            yield sentences(_(_HOW[view_model.hearing], bot=view_model.mention), _(_THEN[view_model.replies]))
        yield _(_PHOTO[view_model.hearing], bot=view_model.mention)
    # Translators: Edit is a button, Edit image an entry in a message's menu, Apps what Discord calls it there
    yield _(
        "Press **Edit** under a result. For anyone's picture: right-click the message (on a phone: press and "
        "hold), *Apps*, *Edit image*."
    )


# --- what it costs ----------------------------------------------------------------------------------------------------


def _cost_lines(view_model: HelpViewModel) -> Iterator[str]:
    overview = view_model.overview
    if overview.closed:
        yield closed_sentence(overview.closed)
        return
    left = left_sentence(overview) if view_model.private else ""
    yield sentences(price_lines(overview.prices)[0], left)
    if view_model.private:
        own = [
            status.rule
            for status in overview.limit_statuses
            if status.rule.by.who not in SHARED and status.rule.amount is not None
        ]
        if own:
            yield "-# " + dotted(map(limit_words, own[:_MOST_LIMITS]))
    yield "-# " + _("`/quota` shows your limits and what you have left.")
