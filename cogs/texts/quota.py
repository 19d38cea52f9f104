"""Describes quotas to members: what a limit allows, what is left of it, when it resets, and whom to ask. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.i18n.translate import N_, _, ngettext, number, sentences
from cogs.texts.common import credit_count, labelled
from cogs.texts.limits import limit_words
from studio.quota.decide import Closed
from studio.quota.limits import LimitKind, Target, Who
from studio.quota.prices import USUAL_PRICE

if TYPE_CHECKING:
    from studio.quota.decide import LimitStatus, Refused
    from studio.quota.limits import LimitRule

BAR_CELLS = 12

_CLOSED = {
    Closed.SERVER: N_("The bot's owner hasn't enabled it in this server. Nothing was made or charged."),
    Closed.PERSONAL: N_(
        "The bot's owner has enabled it in servers only, not in direct messages or for personal installs. Use it "
        "in a server that has it. Nothing was made or charged."
    ),
}
CROWDED = N_("Too many requests at the same moment. Try again. Nothing was made or charged.")


def closed_sentence(closed: Closed) -> str:
    return _(_CLOSED[closed])


def refusal_sentence(refused: Refused) -> str:
    """Say why a limit refuses a request, and when or from whom there is more."""
    return sentences(_problem(refused), *_remedies(refused))


def offer_sentence(fits: int, images: int) -> str:
    """Say how many of the requested images the quota still allows."""
    return _("**You can still make {number} of {images}.**", number=number(fits), images=number(images))


def offer_label(fits: int, price: int) -> str:
    """Label the button that makes that many pictures, at `price` credits each."""
    return make_label(fits, fits * price)


def make_label(pictures: int, cost: int) -> str:
    """Label a button that makes so many pictures for so many credits."""
    if cost == pictures * USUAL_PRICE:
        # Translators: a button that makes so many pictures; at most 20 characters
        return _("Make {number}", number=number(pictures))
    # Translators: a button that makes so many pictures; {credits} is such as "8 credits". At most 80 characters
    return _("Make {number} for {credits}", number=number(pictures), credits=credit_count(cost))


def limit_line(rule: LimitRule) -> str:
    """ "**Limit for each member:** 5 credits a day"."""
    return labelled(_whose(rule.by), limit_words(rule))


def _whose(by: Target) -> str:
    match by.who:
        case Who.EVERYONE:
            return _("Limit for each member")
        case Who.ROLE:
            return _("Limit for your role {role}", role=f"<@&{by.id}>")
        case Who.MEMBER:
            return _("Your own limit")
        case Who.SERVER:
            return _("Limit for the whole server (shared)")
        case Who.PERSONAL:
            return _("Limit outside servers")
        case Who.BOT:
            return _("Limit for the whole bot (shared)")


# --- a refusal --------------------------------------------------------------------------------------------------------

_PERIODS = {
    # Translators: stands for {period} in "You're out of credits for {period} (limit: 10)."
    LimitKind.DAY: N_("today"),
    # Translators: stands for {period} in "You're out of credits for {period} (limit: 10)."
    LimitKind.WEEK: N_("this week"),
    # Translators: stands for {period} in "You're out of credits for {period} (limit: 10)."
    LimitKind.MONTH: N_("this month"),
}
# For shared limits: the sentence if nothing is left, and the one if too little is left.
_SHARED = {
    Who.SERVER: (
        # Translators: {period} is such as "today", {limit} such as "shared limit: 10"
        N_("This server is out of credits for {period} ({limit})."),
        # Translators: {credits} is such as "4 credits", {period} such as "today", {limit} such as "shared limit: 10"
        N_("This costs {credits}, and this server has {left} left for {period} ({limit})."),
    ),
    Who.BOT: (
        # Translators: {period} is such as "today", {limit} such as "shared limit: 10"
        N_("This bot is out of credits for {period} ({limit})."),
        # Translators: {credits} is such as "4 credits", {period} such as "today", {limit} such as "shared limit: 10"
        N_("This costs {credits}, and this bot has {left} left for {period} ({limit})."),
    ),
}


def _problem(refused: Refused) -> str:
    rule = refused.rule
    if not refused.amount:
        # Translators: {limit} is such as "limit: 0 credits a day"
        return _("You can't make pictures here ({limit}).", limit=_limit_note(rule, limit_words(rule)))
    limit = _limit_note(rule, number(refused.amount))
    match refused.kind:
        case LimitKind.COOLDOWN:
            limit = _limit_note(rule, limit_words(rule))
            # Translators: {when} is written by Discord: "in 5 minutes"; {limit} is such as "limit: 5 minutes between
            # requests"
            return _("You can make your next request {when} ({limit}).", when=relative(refused.resets_at), limit=limit)
        case LimitKind.AT_ONCE:
            return ngettext(
                "You already have {n} request running ({limit}).",
                "You already have {n} requests running ({limit}).",
                refused.used,
                limit=limit,
            )
        case LimitKind.IMAGES:
            return ngettext(
                "{n} picture is too many for one request ({limit}).",
                "{n} pictures are too many for one request ({limit}).",
                refused.wanted,
                limit=limit,
            )
    return _too_few_credits(refused, limit)


def _too_few_credits(refused: Refused, limit: str) -> str:
    values = {"period": _(_PERIODS[refused.kind]), "limit": limit}
    cost = {"credits": credit_count(refused.wanted), "left": number(refused.left)}
    if shared := _SHARED.get(refused.by.who):
        nothing_left, too_little = shared
        return _(too_little, **cost, **values) if refused.left else _(nothing_left, **values)
    if refused.grants_left:
        # Translators: {credits} is such as "4 credits", {period} such as "today", {limit} such as "limit: 10"
        return ngettext(
            "This costs {credits}, and you have {left} left for {period} ({limit}), plus {n} granted credit.",
            "This costs {credits}, and you have {left} left for {period} ({limit}), plus {n} granted credits.",
            refused.grants_left,
            **cost,
            **values,
        )
    if refused.left:
        # Translators: {credits} is such as "4 credits", {period} such as "today", {limit} such as "limit: 10"
        return _("This costs {credits}, and you have {left} left for {period} ({limit}).", **cost, **values)
    # Translators: {period} is such as "today", {limit} such as "limit: 10"
    return _("You're out of credits for {period} ({limit}).", **values)


def _limit_note(rule: LimitRule, limit: str) -> str:
    """Name the limit for the parentheses of a refusal: "limit: 10", or with whose it is."""
    match rule.by.who:
        case Who.ROLE:
            return _("limit for your role {role}: {limit}", role=f"<@&{rule.by.id}>", limit=limit)
        case Who.MEMBER:
            return _("your own limit: {limit}", limit=limit)
        case Who.SERVER | Who.BOT:
            return _("shared limit: {limit}", limit=limit)
        case Who.PERSONAL:
            return _("limit outside servers: {limit}", limit=limit)
        case Who.EVERYONE:
            # Translators: in parentheses: "(limit: 10)"
            return _("limit: {limit}", limit=limit)


def _remedies(refused: Refused) -> list[str]:
    """Say what helps: waiting, a smaller request, or the person who can raise the limit."""
    owners = refused.by.who in {Who.PERSONAL, Who.BOT}
    if refused.kind is LimitKind.COOLDOWN:
        return []
    if refused.amount and refused.kind is LimitKind.AT_ONCE:
        return [_("Wait until one is done, or ask an admin to raise the limit.")]
    if refused.amount and refused.kind is LimitKind.IMAGES:
        return [_("Make fewer, or ask an admin to raise the limit.")]
    if refused.resets_at is None:
        return [_owner_raises() if owners else _("Ask an admin to raise the limit.")]
    if owners:
        # Translators: more credits; {when} is written by Discord: "in 5 hours"
        return [_("More {when}.", when=relative(refused.resets_at)), _owner_raises()]
    # Translators: more credits; {when} is written by Discord: "in 5 hours"
    return [_("More {when}, or ask an admin.", when=relative(refused.resets_at))]


def _owner_raises() -> str:
    return _("Only the bot's owner can raise the limit.")


def _again(at: float | None) -> str:
    # Translators: {when} is written by Discord: "in 5 minutes"
    return _("You can make your next request {when}.", when=relative(at))


def relative(at: float | None) -> str:
    """Return a timestamp that Discord counts down to, one second late so that it never shows too early."""
    return f"<t:{int(at or 0) + 1}:R>"


# --- a member's limits ------------------------------------------------------------------------------------------------


def bar(used: float, amount: int) -> str:
    """Draw the share that is used: one cell as soon as anything is, and all cells only when everything is."""
    share = 1.0 if not amount else min(1.0, used / amount)
    filled = BAR_CELLS if share >= 1 else min(BAR_CELLS - 1, max(int(share * BAR_CELLS), int(used > 0)))
    return "█" * filled + "░" * (BAR_CELLS - filled)


def meter_line(limit_status: LimitStatus) -> str:
    """Return a bar with the credits used and left in a window, and the time of its reset."""
    used, amount = int(limit_status.used), limit_status.rule.amount or 0
    # Translators: numbers of credits; {when} is written by Discord: "in 5 hours"
    figures = _(
        "{used} of {amount} used, {left} left · resets {when}",
        used=number(used),
        amount=number(amount),
        left=number(max(0, amount - used)),
        when=relative(limit_status.rule.ends),
    )
    return f"`{bar(used, amount)}` {figures}"


def limit_status_lines(limit_status: LimitStatus, now: float) -> str:
    """Return a limit as /quota shows it: whose it is, how much it allows, and a bar or a line with its state."""
    rule = limit_status.rule
    return "\n".join(filter(None, (limit_line(rule), _state(limit_status, now) if rule.amount is not None else "")))


def _state(limit_status: LimitStatus, now: float) -> str:
    match limit_status.rule.kind:
        case LimitKind.COOLDOWN:
            waits = (limit_status.resets_at or 0) > now
            return _again(limit_status.resets_at) if waits else _("You can make a request now.")
        case LimitKind.AT_ONCE:
            # Translators: how many requests are running
            return ngettext("{n} running", "{n} running", int(limit_status.used))
        case LimitKind.IMAGES:
            return ""
        case _:
            return meter_line(limit_status)
