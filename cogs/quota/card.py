"""Renders /quota: every limit that applies to a member, with what they have left. Pure."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from discord import ui

from cogs.i18n.translate import _, ngettext, sentences
from cogs.texts.prices import price_lines
from cogs.texts.quota import closed_sentence, limit_status_lines, relative
from studio.quota.limits import Who

if TYPE_CHECKING:
    from studio.jobs.reservations import QuotaStatus

SHARED = {Who.SERVER, Who.BOT}
_FREE, _USED_UP, _CLOSED = 0x2FA56B, 0xD83C3E, 0x8A8F98


def render_quota(quota_status: QuotaStatus) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    if quota_status.closed:
        view.add_item(ui.Container(ui.TextDisplay(closed_sentence(quota_status.closed)), accent_colour=_CLOSED))
    else:
        view.add_item(_limits(quota_status))
    view.stop()
    return view


def _limits(quota_status: QuotaStatus) -> ui.Container[ui.LayoutView]:
    colour = _FREE if quota_status.left else _USED_UP
    container: ui.Container[ui.LayoutView] = ui.Container(ui.TextDisplay(_headline(quota_status)), accent_colour=colour)
    if quota_status.limit_statuses:
        container.add_item(ui.Separator())
    own_first = sorted(quota_status.limit_statuses, key=lambda status: status.rule.by.who in SHARED)
    for limit_status in own_first:
        container.add_item(ui.TextDisplay(limit_status_lines(limit_status, quota_status.now)))
    if grants := _grants(quota_status):
        container.add_item(ui.TextDisplay(grants))
    prices = "\n".join(f"-# {line}" for line in price_lines(quota_status.prices))
    container.add_item(ui.TextDisplay(prices))
    return container


def _headline(quota_status: QuotaStatus) -> str:
    title = _("Your quota")
    return f"### {title}\n{left_words(quota_status)}"


def left_words(quota_status: QuotaStatus) -> str:
    if quota_status.left == inf:
        return _("You have no limits here.")
    if quota_status.left:
        return ngettext("You have **{n} credit** left.", "You have **{n} credits** left.", int(quota_status.left))
    nothing = _("**You're out of credits.**")
    if quota_status.more_at is None:
        return nothing
    # Translators: more credits; {when} is written by Discord: "in 5 hours"
    more = _("More {when}.", when=relative(quota_status.more_at))
    return sentences(nothing, more)


def _grants(quota_status: QuotaStatus) -> str:
    """Return the granted credits; they count only if they extend a limit."""
    if not quota_status.grants:
        return ""
    if any(status.rule.extended for status in quota_status.limit_statuses):
        return ngettext(
            "🎁 **{n} credit** granted to you, used once you reach your own limit",
            "🎁 **{n} credits** granted to you, used once you reach your own limit",
            quota_status.grants,
        )
    return ngettext("🎁 **{n} credit** granted to you", "🎁 **{n} credits** granted to you", quota_status.grants)
