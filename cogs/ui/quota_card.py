"""Draws /quota: where a member stands with every limit that holds for them. Pure."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from discord import ui

from cogs.ui.quota_texts import closed_sentence, price_sentence, relative, standing_lines
from cogs.ui.texts import count
from studio.limits import Who

if TYPE_CHECKING:
    from studio.reservations import Overview

_SHARED = {Who.SERVER, Who.BOT}
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
    for standing in sorted(overview.standings, key=lambda one: one.rule.by.who in _SHARED):  # one's own come first
        container.add_item(ui.TextDisplay(standing_lines(standing, overview.now)))
    if grants := _grants(overview):
        container.add_item(ui.TextDisplay(grants))
    container.add_item(ui.TextDisplay(f"-# {price_sentence(overview.prices)}"))
    return container


def _headline(overview: Overview) -> str:
    if overview.left == inf:
        return "### Your quota\nNothing limits how much you make here."
    if overview.left:
        return f"### Your quota\nYou have **{count(int(overview.left), 'credit')}** left now."
    when = "" if overview.more_at is None else f" There is more {relative(overview.more_at)}."
    return f"### Your quota\n**Nothing is left now.**{when}"


def _grants(overview: Overview) -> str:
    """What was granted counts only beside a limit that it extends."""
    if not overview.grants:
        return ""
    extended = any(one.rule.extended for one in overview.standings)
    used = ", used when your own limit is used up" if extended else ""
    return f"🎁 **{count(overview.grants, 'credit')}** granted to you{used}"
