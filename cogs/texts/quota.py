"""What members read about quotas: which limit it is, whose, how much is left, when there is more, and whom to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.i18n.translate import _, marked, ngettext, number, sentences
from cogs.texts.common import credit_count, labelled
from cogs.texts.limits import duration, limit_words
from studio.quota.decide import Closed
from studio.quota.limits import Kind, Target, Who
from studio.quota.prices import USUAL_PRICE

if TYPE_CHECKING:
    from studio.quota.decide import Refused, Standing
    from studio.quota.limits import Rule

BAR_CELLS = 12

_CLOSED = {
    Closed.SERVER: marked("Whoever runs this bot has not allowed it for this server. Nothing was made or charged."),
    Closed.PERSONAL: marked(
        "Whoever runs this bot has allowed it in servers only, not in direct messages or by your own install. "
        "Use it in a server that has it. Nothing was made or charged."
    ),
}
CROWDED = marked("Too many asked at the same moment. Try again: nothing was made or charged.")


def closed_sentence(closed: Closed) -> str:
    return _(_CLOSED[closed])


def refusal_sentence(refused: Refused) -> str:
    """All that is to be said of a request that a limit does not let through: which limit it is, and a line on it."""
    why = sentences(_standing_sentence(refused), *_remedies(refused))
    return f"{limit_line(refused.rule)}\n{why}"


def offer_sentence(fits: int, images: int) -> str:
    # Translators: {images} were asked for; for {n} of them the quota has room
    return ngettext(
        "**{n} of {images} pictures would fit.**",
        "**{n} of {images} pictures would fit.**",
        fits,
        images=number(images),
    )


def offer_label(fits: int, price: int) -> str:
    """What the button says that makes so many pictures, at `price` credits each."""
    if price == USUAL_PRICE:
        # Translators: a button that makes so many pictures; at most 20 characters
        return _("Make {number}", number=number(fits))
    # Translators: a button that makes so many pictures; {credits} is such as "8 credits". At most 80 characters
    return _("Make {number} for {credits}", number=number(fits), credits=credit_count(fits * price))


def limit_line(rule: Rule) -> str:
    """ "**Limit for everyone here:** 5 credits a day"."""
    return labelled(_whose(rule.by), limit_words(rule))


def _whose(by: Target) -> str:
    match by.who:
        case Who.EVERYONE:
            return _("Limit for everyone here")
        case Who.ROLE:
            return _("Limit for your role {role}", role=f"<@&{by.id}>")
        case Who.MEMBER:
            return _("Your own limit here")
        case Who.SERVER:
            return _("Limit for this whole server, all members together")
        case Who.PERSONAL:
            return _("Limit for each member outside of servers")
        case Who.BOT:
            return _("Limit for this whole bot, all servers together")


# --- a refusal --------------------------------------------------------------------------------------------------------


def _standing_sentence(refused: Refused) -> str:
    """What of it is used, and what this takes."""
    if not refused.amount:
        return ""
    match refused.kind:
        case Kind.COOLDOWN:
            # Translators: {duration} is such as "30 seconds"
            return _("{duration} since your last request.", duration=duration(refused.used))
        case Kind.AT_ONCE:
            return ngettext("You have {n} request in the making.", "You have {n} requests in the making.", refused.used)
        case Kind.IMAGES:
            return ngettext("This asks for {n} picture.", "This asks for {n} pictures.", refused.wanted)
    figures = {"used": number(refused.used), "left": number(refused.left), "wanted": number(refused.wanted)}
    if not refused.grants_left:
        # Translators: numbers of credits; "this" is the request
        return _("{used} used, {left} left; this takes {wanted}.", **figures)
    # Translators: numbers of credits; "this" is the request
    return ngettext(
        "{used} used, {left} left, and {n} credit granted to you; this takes {wanted}.",
        "{used} used, {left} left, and {n} credits granted to you; this takes {wanted}.",
        refused.grants_left,
        **figures,
    )


def _remedies(refused: Refused) -> list[str]:
    """When there is more, or what else helps; and who can change it."""
    if not refused.amount:
        return [_who_can_raise(refused.rule)]
    match refused.kind:
        case Kind.IMAGES:
            return [_("Ask for fewer."), _who_can_raise(refused.rule)]
        case Kind.AT_ONCE:
            return [_("Wait until one of them is done."), _who_can_raise(refused.rule)]
        case Kind.COOLDOWN:
            return [_again(refused.resets_at)]
        case _ if refused.resets_at is None:
            return [_who_can_raise(refused.rule)]
    # Translators: a limit; {when} is said by Discord: "in 5 hours"
    return [_("It resets {when}.", when=relative(refused.resets_at)), _who_can_raise(refused.rule)]


def _who_can_raise(rule: Rule) -> str:
    if rule.by.who in {Who.PERSONAL, Who.BOT}:
        return _("Only whoever runs the bot can raise it.")
    if rule.extended:
        return _("An admin of this server can raise it, or grant you more.")
    # Translators: "it" is the limit
    return _("An admin of this server can raise it.")


def _again(at: float | None) -> str:
    # Translators: {when} is said by Discord: "in 5 minutes"
    return _("You can ask again {when}.", when=relative(at))


def relative(at: float | None) -> str:
    """Discord counts it down; a second later, so that it is never told too early."""
    return f"<t:{int(at or 0) + 1}:R>"


# --- where a member stands --------------------------------------------------------------------------------------------


def bar(used: float, amount: int) -> str:
    """How much of an amount is used: some cell as soon as anything is, and all of them only when all is."""
    share = 1.0 if not amount else min(1.0, used / amount)
    filled = BAR_CELLS if share >= 1 else min(BAR_CELLS - 1, max(int(share * BAR_CELLS), int(used > 0)))
    return "█" * filled + "░" * (BAR_CELLS - filled)


def meter_line(standing: Standing) -> str:
    """What of a window's limit is used, and when it begins anew."""
    used, amount = int(standing.used), standing.rule.amount or 0
    # Translators: numbers of credits; {when} is said by Discord: "in 5 hours"
    figures = _(
        "{used} of {amount} used, {left} left · resets {when}",
        used=number(used),
        amount=number(amount),
        left=number(max(0, amount - used)),
        when=relative(standing.rule.ends),
    )
    return f"`{bar(used, amount)}` {figures}"


def standing_lines(standing: Standing, now: float) -> str:
    """A limit as /quota shows it: whose and what it is, then a bar or where it stands."""
    rule = standing.rule
    return "\n".join(filter(None, (limit_line(rule), _state(standing, now) if rule.amount is not None else "")))


def _state(standing: Standing, now: float) -> str:
    match standing.rule.kind:
        case Kind.COOLDOWN:
            return _again(standing.resets_at) if (standing.resets_at or 0) > now else _("You can ask now.")
        case Kind.AT_ONCE:
            return ngettext("{n} request in the making", "{n} requests in the making", int(standing.used))
        case Kind.IMAGES:
            return ""
        case _:
            return meter_line(standing)
