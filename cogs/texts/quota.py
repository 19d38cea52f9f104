"""Describes quotas to members: what a limit allows, what is left of it, when it resets, and whom to ask. Pure."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from cogs.i18n.translate import N_, _, ngettext, number, sentences
from cogs.texts.common import credit_count, dotted, labelled
from cogs.texts.limits import limit_words
from studio.quota.decide import Closed
from studio.quota.limits import LimitKind, Target, Who

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from studio.quota.decide import LimitStatus, Refused
    from studio.quota.limits import LimitRule

BAR_CELLS = 10
LOW = 0.25  # of a limit: less than this is little
_CELLS = {True: "🟨", False: "🟩"}  # what is left, by whether it is little
_USED = "⬛"

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
    # Translators: a button that makes so many pictures; at most 20 characters
    make = _("Make {number}", number=number(pictures))
    return make if cost == pictures == 1 else f"{make} · {credit_count(cost)}"


def whose_limit(by: Target) -> str:
    """Name a limit to a member by whose it is."""
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

# Whose limit it is, if it isn't everyone's.
_NOTES = {
    Who.MEMBER: N_("your own limit"),
    # Translators: in parentheses: a limit that all members of a server share
    Who.SERVER: N_("the whole server's limit"),
    # Translators: in parentheses: a limit that all servers share
    Who.BOT: N_("the whole bot's limit"),
    Who.PERSONAL: N_("limit outside servers"),
}


def _problem(refused: Refused) -> str:
    rule = refused.rule
    if not refused.amount and not refused.grants_left:
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
    return _too_few_credits(refused)


def _too_few_credits(refused: Refused) -> str:
    """Lead with what is left: "**1 of 5 left today.** This costs 4 credits."."""
    # Translators: "this" is a request; {credits} is such as "4 credits"
    cost = _("This costs {credits}.", credits=credit_count(refused.wanted))
    if not refused.amount:
        return sentences(credits_left(refused.grants_left), cost)
    left, whose = left_words(refused.kind, refused.left, refused.amount), _whose_note(refused.by)
    # Translators: {left} is such as "3 of 10 left today", {whose} such as "your own limit"
    leading = _("**{left}** ({whose}).", left=left, whose=whose) if whose else _("**{left}.**", left=left)
    grants = (
        ngettext("You also have {n} granted credit.", "You also have {n} granted credits.", refused.grants_left)
        if refused.grants_left
        else ""
    )
    return sentences(*filter(None, [leading, grants, cost if refused.left or grants else ""]))


def _whose_note(by: Target) -> str:
    if by.who is Who.ROLE:
        # Translators: in parentheses: {role} is the role whose limit it is
        return _("your role {role}'s limit", role=f"<@&{by.id}>")
    return _(_NOTES[by.who]) if by.who in _NOTES else ""


def credits_left(number_left: int) -> str:
    return ngettext("You have **{n} credit** left.", "You have **{n} credits** left.", number_left)


def left_words(kind: LimitKind, left: float, amount: int) -> str:
    """ "3 of 10 left today"."""
    values = {"left": number(int(left)), "amount": number(amount)}
    match kind:
        case LimitKind.DAY:
            return _("{left} of {amount} left today", **values)
        case LimitKind.WEEK:
            return _("{left} of {amount} left this week", **values)
        case _:
            return _("{left} of {amount} left this month", **values)


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


def relative(at: float | None) -> str:
    """Return a timestamp that Discord counts down to, one second late so that it never shows too early."""
    return f"<t:{int(at or 0) + 1}:R>"


# --- what is left -----------------------------------------------------------------------------------------------------


def bar(left: float, amount: int) -> str:
    """Draw the share that is left: no cell only when nothing is, and all cells only when everything is."""
    share = min(1.0, left / amount) if amount else 0.0
    filled = BAR_CELLS if share >= 1 else min(BAR_CELLS - 1, max(int(share * BAR_CELLS), int(left > 0)))
    return _CELLS[share < LOW] * filled + _USED * (BAR_CELLS - filled)


def left_line(limit_status: LimitStatus) -> str:
    """ "**3 of 10 left today** · resets in 5 hours"."""
    return _with_reset(f"**{_left(limit_status)}**", limit_status)


def _left(limit_status: LimitStatus) -> str:
    """Say how much is left; of a limit that allows nothing, only what it allows."""
    rule = limit_status.rule
    return left_words(rule.kind, limit_status.left, rule.amount) if rule.amount else limit_words(rule)


def _with_reset(words: str, limit_status: LimitStatus) -> str:
    """Add when there is more; nothing if waiting doesn't help."""
    if limit_status.resets_at is None:
        return words
    # Translators: a limit's window; {when} is written by Discord: "in 5 hours"
    resets = _("resets {when}", when=relative(limit_status.resets_at))
    return f"{words} · {resets}"


def tightest(limit_statuses: Sequence[LimitStatus]) -> LimitStatus | None:
    """Return the limit of credits of which least is left, of several the one that lasts longest; None without any."""
    windows = [status for status in limit_statuses if status.rule.kind.window and status.rule.amount is not None]
    return min(windows, key=lambda status: (status.left, -(status.rule.ends or 0)), default=None)


def is_limited(limit_statuses: Iterable[LimitStatus]) -> bool:
    """Whether credits are limited here, other than by the limit of the whole bot."""
    windows = (status.rule for status in limit_statuses if status.rule.kind.window)
    return any(rule.amount is not None and rule.by.who is not Who.BOT for rule in windows)


def lead(limit_status: LimitStatus, whose: Callable[[Target], str]) -> str:
    """Return the first lines of a screen: what is left, a bar, and small whose limit it is and when it resets."""
    rule = limit_status.rule
    share = bar(limit_status.left, rule.amount or 0)
    return f"### {_left(limit_status)}\n{share}\n-# {_with_reset(whose(rule.by), limit_status)}"


def small_lines(limit_statuses: Iterable[LimitStatus], whose: Callable[[Target], str], now: float = inf) -> list[str]:
    """Return the other limits of a screen: a line for each target, with what is left of a limit, or what it allows.

    now: with it, also when a cooldown ends.
    """
    groups: dict[str, list[str]] = {}
    for status in limit_statuses:
        groups.setdefault(whose(status.rule.by), []).append(_state(status, now))
    return [f"-# {labelled(name, dotted(states))}" for name, states in groups.items()]


def _state(limit_status: LimitStatus, now: float) -> str:
    rule = limit_status.rule
    if rule.kind.window and rule.amount is not None:
        return _with_reset(_left(limit_status), limit_status)
    if rule.kind is LimitKind.AT_ONCE and rule.amount is not None:
        # Translators: how many requests are running
        running = ngettext("{n} running", "{n} running", int(limit_status.used))
        return f"{limit_words(rule)} ({running})"
    if rule.kind is LimitKind.COOLDOWN and (limit_status.resets_at or 0) > now:
        # Translators: {when} is written by Discord: "in 5 minutes"
        again = _("next request {when}", when=relative(limit_status.resets_at))
        return f"{limit_words(rule)} ({again})"
    return limit_words(rule)
