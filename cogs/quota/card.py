"""Draws /quota: where a member stands with every limit that holds for them. Pure."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from discord import ui

from cogs.i18n.translate import _, ngettext, sentences
from cogs.texts.prices import price_lines
from cogs.texts.quota import closed_sentence, relative, standing_lines
from studio.quota.limits import Who

if TYPE_CHECKING:
    from studio.jobs.reservations import Overview

SHARED = {Who.SERVER, Who.BOT}
_FREE, _USED_UP, _CLOSED = 0x2FA56B, 0xD83C3E, 0x8A8F98


def draw_quota(overview: Overview) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    if overview.closed:
        view.add_item(ui.Container(ui.TextDisplay(closed_sentence(overview.closed)), accent_colour=_CLOSED))
    else:
        view.add_item(_limits(overview))
    view.stop()
    return view


def _limits(overview: Overview) -> ui.Container[ui.LayoutView]:
    colour = _FREE if overview.left else _USED_UP
    container: ui.Container[ui.LayoutView] = ui.Container(ui.TextDisplay(_headline(overview)), accent_colour=colour)
    if overview.standings:
        container.add_item(ui.Separator())
    for standing in sorted(overview.standings, key=lambda one: one.rule.by.who in SHARED):  # one's own come first
        container.add_item(ui.TextDisplay(standing_lines(standing, overview.now)))
    if grants := _grants(overview):
        container.add_item(ui.TextDisplay(grants))
    prices = "\n".join(f"-# {line}" for line in price_lines(overview.prices))
    container.add_item(ui.TextDisplay(prices))
    return container


def _headline(overview: Overview) -> str:
    title = _("Your quota")
    return f"### {title}\n{left_words(overview)}"


def left_words(overview: Overview) -> str:
    if overview.left == inf:
        return _("Nothing limits how much you make here.")
    if overview.left:
        return ngettext("You have **{n} credit** left now.", "You have **{n} credits** left now.", int(overview.left))
    nothing = _("**Nothing is left now.**")
    if overview.more_at is None:
        return nothing
    # Translators: {when} is said by Discord: "in 5 hours"
    more = _("There is more {when}.", when=relative(overview.more_at))
    return sentences(nothing, more)


def _grants(overview: Overview) -> str:
    """What was granted counts only beside a limit that it extends."""
    if not overview.grants:
        return ""
    if any(one.rule.extended for one in overview.standings):
        return ngettext(
            "🎁 **{n} credit** granted to you, used when your own limit is used up",
            "🎁 **{n} credits** granted to you, used when your own limit is used up",
            overview.grants,
        )
    return ngettext("🎁 **{n} credit** granted to you", "🎁 **{n} credits** granted to you", overview.grants)
