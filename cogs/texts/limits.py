"""Limits in words: how much, of what, and whose. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.i18n.translate import N_, _, ngettext
from cogs.texts.common import labelled
from studio.quota.limits import EVERYONE, SERVER, Limit, LimitKind, Target, Who

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studio.quota.limits import LimitRule

MOST_LINES = 3  # for limits that were cleared together
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60

# Choices of a command too: at most 100 characters.
KIND_NAMES = {
    LimitKind.DAY: N_("credits a day"),
    LimitKind.WEEK: N_("credits a week"),
    LimitKind.MONTH: N_("credits a month"),
    # Translators: how long a member has to wait from one request to the next
    LimitKind.COOLDOWN: N_("cooldown"),
    # Translators: how many requests of a member may run at the same time
    LimitKind.AT_ONCE: N_("requests at once"),
    LimitKind.IMAGES: N_("pictures per request"),
}
_UNLIMITED = {
    LimitKind.DAY: N_("unlimited credits a day"),
    LimitKind.WEEK: N_("unlimited credits a week"),
    LimitKind.MONTH: N_("unlimited credits a month"),
    LimitKind.COOLDOWN: N_("no cooldown"),
    LimitKind.AT_ONCE: N_("unlimited requests at once"),
    LimitKind.IMAGES: N_("unlimited pictures per request"),
}


def limit_words(limit: Limit | LimitRule) -> str:
    """Say how much a limit allows: "5 credits a day", "no cooldown"."""
    kind, amount = limit.kind, limit.amount
    if amount is None or (kind is LimitKind.COOLDOWN and not amount):
        return _(_UNLIMITED[kind])
    if kind is LimitKind.COOLDOWN:
        # Translators: a limit: {duration}, such as "5 minutes", has to pass from one request to the next
        return _("{duration} between requests", duration=duration(amount))
    return _counted(kind, amount)


def _counted(kind: LimitKind, amount: int) -> str:
    match kind:
        case LimitKind.DAY:
            return ngettext("{n} credit a day", "{n} credits a day", amount)
        case LimitKind.WEEK:
            return ngettext("{n} credit a week", "{n} credits a week", amount)
        case LimitKind.MONTH:
            return ngettext("{n} credit a month", "{n} credits a month", amount)
        case LimitKind.AT_ONCE:
            return ngettext("{n} request at once", "{n} requests at once", amount)
        case _:
            return ngettext("{n} picture per request", "{n} pictures per request", amount)


def duration(seconds: int) -> str:
    """Say a duration in the largest unit that is exact: "90 seconds", "2 hours"."""
    if seconds and seconds % _DAY == 0:
        return ngettext("{n} day", "{n} days", seconds // _DAY)
    if seconds and seconds % _HOUR == 0:
        return ngettext("{n} hour", "{n} hours", seconds // _HOUR)
    if seconds and seconds % _MINUTE == 0:
        return ngettext("{n} minute", "{n} minutes", seconds // _MINUTE)
    return ngettext("{n} second", "{n} seconds", seconds)


def target_name(target: Target) -> str:
    """Name a target for admins: "Everyone", or a mention."""
    match target.who:
        case Who.ROLE:
            return f"<@&{target.id}>"
        case Who.MEMBER:
            return f"<@{target.id}>"
        case Who.SERVER:
            # Translators: stands by itself: whose limit it is, namely all members' together
            return _("The server")
        case Who.BOT:
            # Translators: stands by itself: whose limit it is, namely all servers' together
            return _("The whole bot (set by its owner)")
        case Who.PERSONAL:
            # Translators: stands by itself: whose limit it is, by the bot's operator
            return _("Each member outside servers")
        case Who.EVERYONE:
            # Translators: stands by itself: whose limit it is, namely each member's
            return _("Everyone")


def target_in_sentence(target: Target) -> str:
    """Name a target of admins' limits within a sentence: "everyone", "the whole server", or a mention."""
    if target == EVERYONE:
        return _("everyone")
    if target == SERVER:
        # Translators: within a sentence: the server, with all its members together
        return _("the whole server")
    return target_name(target)


def by_target(limits: Iterable[Limit]) -> dict[Target, list[Limit]]:
    groups: dict[Target, list[Limit]] = {}
    for limit in limits:
        groups.setdefault(limit.target, []).append(limit)
    return groups


def limits_line(target: Target, limits: Iterable[Limit]) -> str:
    """ "**Everyone:** 5 credits a day · 1 request at once"."""
    return labelled(target_name(target), " · ".join(map(limit_words, limits)))


def set_line(before: Limit | None, after: Limit) -> str:
    """A line with a limit as it is now, and as it was before."""
    limit = limit_words(after)
    if before is not None:
        # Translators: a limit as it is now, such as "5 credits a day", and as it was until now
        limit = _("{limit} (was {before})", limit=limit, before=limit_words(before))
    return labelled(target_name(after.target), limit)


def limits_lines(limits: Iterable[Limit]) -> list[str]:
    """One line for each target, MOST_LINES at most, and how many limits are left out."""
    groups = by_target(limits)
    lines = [limits_line(target, groups[target]) for target in list(groups)[:MOST_LINES]]
    more = sum(len(groups[target]) for target in list(groups)[MOST_LINES:])
    return [*lines, ngettext("and {n} other limit", "and {n} other limits", more)] if more else lines


def target_of(key: str) -> Target | None:
    """Parse a target from its `Target.key`; None if it isn't one."""
    for target in (EVERYONE, SERVER):
        if key == target.key:
            return target
    name, _colon, digits = key.partition(":")
    if name in {Who.ROLE, Who.MEMBER} and digits.isascii() and digits.isdecimal() and 0 < int(digits[:20]) < 1 << 63:
        return Target(Who(name), int(digits[:20]))
    return None
