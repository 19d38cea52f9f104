"""Renders /quota: every limit that applies to a member, with what they have left. Pure."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from discord import ui

from cogs.i18n.translate import _, ngettext, sentences
from cogs.requests.cards import card
from cogs.texts.prices import price_lines
from cogs.texts.quota import closed_sentence, limit_status_lines, relative
from studio.quota.limits import Who

if TYPE_CHECKING:
    from studio.jobs.reservations import QuotaStatus

SHARED = {Who.SERVER, Who.BOT}
_FREE, _USED_UP, _CLOSED = 0x2FA56B, 0xD83C3E, 0x8A8F98


def render_quota(quota_status: QuotaStatus) -> ui.LayoutView:
    """Render the card of /quota."""
    if quota_status.closed:
        return card(closed_sentence(quota_status.closed), colour=_CLOSED)
    own_first = sorted(quota_status.limit_statuses, key=lambda status: status.rule.by.who in SHARED)
    return card(
        _headline(quota_status),
        *([ui.Separator[ui.LayoutView]()] if own_first else []),
        *(limit_status_lines(status, quota_status.now) for status in own_first),
        _grants(quota_status),
        "\n".join(f"-# {line}" for line in price_lines(quota_status.prices)),
        colour=_FREE if quota_status.left else _USED_UP,
    )


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
