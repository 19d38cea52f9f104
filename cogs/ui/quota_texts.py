"""What members read about quotas: which limit it is, whose, how much is left, when there is more, and whom to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.ui.texts import count
from seedream.models import MODELS
from studio.limits import Kind, Target, Who
from studio.prices import USUAL_PRICE
from studio.quotas import Closed

if TYPE_CHECKING:
    from studio.prices import Prices
    from studio.quotas import Refused, Standing

BAR_CELLS = 12
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60

_WINDOWS = {Kind.DAY: "a day", Kind.WEEK: "a week", Kind.MONTH: "a month"}
_CLOSED = {
    Closed.SERVER: "Whoever runs this bot has not allowed it for this server. Nothing was made or charged.",
    Closed.PERSONAL: (
        "Whoever runs this bot has allowed it in servers only, not in direct messages or by your own install. "
        "Use it in a server that has it. Nothing was made or charged."
    ),
}
CROWDED = "Too many asked at the same moment. Try again: nothing was made or charged."


def closed_sentence(closed: Closed) -> str:
    return _CLOSED[closed]


def refusal_sentence(refused: Refused) -> str:
    """All that is to be said of a request that a limit does not let through."""
    return " ".join(filter(None, (_limit_sentence(refused), _standing_sentence(refused), _remedy(refused))))


def offer_sentence(fits: int, images: int) -> str:
    return f"**{fits} of {images} pictures would fit.**"


def offer_label(fits: int) -> str:
    return f"Make {fits}"


def whose(by: Target) -> str:
    """A limit, by whom it is for; it begins a sentence."""
    match by.who:
        case Who.EVERYONE:
            return "The limit for everyone here"
        case Who.ROLE:
            return f"The limit for your role <@&{by.id}>"
        case Who.MEMBER:
            return "Your own limit here"
        case Who.SERVER:
            return "The limit for this whole server, all members together,"
        case Who.PERSONAL:
            return "The limit for each member outside of servers"
        case Who.BOT:
            return "The limit for this whole bot, all servers together,"


def amount_words(kind: Kind, amount: int | None) -> str:
    """How much a limit is: "5 credits a day"."""
    if amount is None:
        return "unlimited" if kind is not Kind.COOLDOWN else "no wait between requests"
    match kind:
        case Kind.COOLDOWN:
            return f"one request in {duration(amount)}"
        case Kind.AT_ONCE:
            return f"{count(amount, 'request')} at once"
        case Kind.IMAGES:
            return f"{count(amount, 'picture')} a request"
        case _:
            return f"{count(amount, 'credit')} {_WINDOWS[kind]}"


def duration(seconds: int) -> str:
    """In the largest unit that says it exactly: "90 seconds", "2 hours"."""
    for unit, noun in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds and seconds % unit == 0:
            return count(seconds // unit, noun)
    return count(seconds, "second")


def price_sentence(prices: Prices) -> str:
    """What a picture costs, and with which models something else."""
    named = {MODELS[name].label: price for name, price in prices.items() if price != USUAL_PRICE and name in MODELS}
    usual = f"A picture costs {count(USUAL_PRICE, 'credit')}"
    if not named:
        return f"{usual}."
    others = ", ".join(f"{price} with {label}" for label, price in named.items())
    return f"{usual}; {others}."


# --- a refusal --------------------------------------------------------------------------------------------------------


def _limit_sentence(refused: Refused) -> str:
    return f"{whose(refused.by)} is **{amount_words(refused.kind, refused.amount)}**."


def _standing_sentence(refused: Refused) -> str:
    """What of it is used, and what this takes."""
    if not refused.amount:
        return ""
    match refused.kind:
        case Kind.COOLDOWN:
            return f"Your last one was {duration(refused.used)} ago."
        case Kind.AT_ONCE:
            return f"You have {refused.used} in the making."
        case Kind.IMAGES:
            return f"This asks for {refused.wanted}."
        case _:
            granted = f", and {count(refused.grants_left, 'credit')} granted to you" if refused.grants_left else ""
            return f"{refused.used} used, {refused.left} left{granted}; this takes {refused.wanted}."


def _remedy(refused: Refused) -> str:
    """When there is more, or what else helps; and who can change it."""
    admins = {
        Who.SERVER: "An admin of this server can raise it.",
        Who.PERSONAL: "Only whoever runs the bot can raise it.",
        Who.BOT: "Only whoever runs the bot can raise it.",
    }.get(refused.by.who, "An admin of this server can raise it.")
    if refused.rule.extended:
        admins = "An admin of this server can raise it, or grant you more."
    if not refused.amount:
        return admins
    match refused.kind:
        case Kind.IMAGES:
            return f"Ask for fewer. {admins}"
        case Kind.AT_ONCE:
            return f"Wait until one of them is done. {admins}"
        case Kind.COOLDOWN:
            return f"You can ask again {relative(refused.resets_at)}."
        case _ if refused.resets_at is None:
            return admins
        case _:
            return f"It resets {relative(refused.resets_at)}. {admins}"


def relative(at: float | None) -> str:
    """Discord counts it down; a second later, so that it is never told too early."""
    return f"<t:{int(at or 0) + 1}:R>"


# --- where a member stands --------------------------------------------------------------------------------------------


def bar(used: float, amount: int) -> str:
    """How much of an amount is used: some cell as soon as anything is, and all of them only when all is."""
    share = 1.0 if not amount else min(1.0, used / amount)
    filled = BAR_CELLS if share >= 1 else min(BAR_CELLS - 1, max(int(share * BAR_CELLS), int(used > 0)))
    return "█" * filled + "░" * (BAR_CELLS - filled)


def standing_lines(standing: Standing, now: float) -> str:
    """A limit as /quota shows it: what it is and whose, then a bar or where it stands."""
    rule = standing.rule
    title = f"**{amount_words(rule.kind, rule.amount).capitalize()}** · {_owner(rule.by)}"
    if rule.amount is None:
        return title
    used, left = int(standing.used), int(standing.left)
    match rule.kind:
        case Kind.COOLDOWN:
            waits = (standing.resets_at or 0) > now
            return f"{title}\n{f'Again {relative(standing.resets_at)}' if waits else 'You can ask now'}"
        case Kind.AT_ONCE:
            return f"{title}\n{used} in the making"
        case Kind.IMAGES:
            return title
        case _:
            anew = f" · resets {relative(rule.ends)}" if rule.ends else ""
            return f"{title}\n`{bar(used, rule.amount)}` {used} used, {left} left{anew}"


def _owner(by: Target) -> str:
    match by.who:
        case Who.EVERYONE:
            return "for everyone here"
        case Who.ROLE:
            return f"by your role <@&{by.id}>"
        case Who.MEMBER:
            return "for you"
        case Who.SERVER:
            return "for the whole server together"
        case Who.PERSONAL:
            return "for each member outside of servers, by the bot's operator"
        case Who.BOT:
            return "for the whole bot together, by its operator"
