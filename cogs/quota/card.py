"""Renders /quota: what a member has left by their tightest limit, and small their other limits. Pure."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from cogs.i18n.translate import _, ngettext, sentences
from cogs.requests.cards import card
from cogs.texts.prices import price_lines
from cogs.texts.quota import LOW, closed_sentence, credits_left, lead, relative, small_lines, tightest, whose_limit
from studio.quota.limits import Who

if TYPE_CHECKING:
    from discord import ui

    from studio.jobs.reservations import QuotaStatus
    from studio.quota.decide import LimitStatus

SHARED = {Who.SERVER, Who.BOT}
_FREE, _LOW, _USED_UP, _CLOSED = 0x2FA56B, 0xE0A526, 0xD83C3E, 0x8A8F98


def render_quota(quota_status: QuotaStatus) -> ui.LayoutView:
    """Render the card of /quota."""
    if quota_status.closed:
        return card(closed_sentence(quota_status.closed), colour=_CLOSED)
    own_first = sorted(quota_status.limit_statuses, key=lambda status: status.rule.by.who in SHARED)
    first = tightest(own_first)
    others = small_lines([status for status in own_first if status is not first], whose_limit, quota_status.now)
    return card(
        lead(first, whose_limit) if first else f"### {_no_credit_limit(others)}",
        _grants(quota_status),
        "\n".join([*others, *(f"-# {line}" for line in price_lines(quota_status.prices))]),
        colour=_colour(quota_status, first),
    )


def _no_credit_limit(others: list[str]) -> str:
    return _("Your credits aren't limited here.") if others else _("You have no limits here.")


def _colour(quota_status: QuotaStatus, first: LimitStatus | None) -> int:
    if not quota_status.left:
        return _USED_UP
    return _LOW if first and first.left < LOW * (first.rule.amount or 0) else _FREE


def left_sentence(quota_status: QuotaStatus) -> str:
    if quota_status.left == inf:
        return _("You have no limits here.")
    if quota_status.left:
        return credits_left(int(quota_status.left))
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
