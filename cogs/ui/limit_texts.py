"""Limits, targets and what the audit log tells of them, in words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.ui.changes import change_line
from cogs.ui.quota_texts import amount_words
from cogs.ui.texts import count, escaped
from studio.guild_changes import ACTION as SETTING
from studio.limits import EVERYONE, SERVER, Kind, Limit, Target, Who

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.audit import AuditEntry

_LONGEST = 60
MOST_LINES = 3  # for limits that were cleared together
KIND_NAMES = {
    Kind.DAY: "credits a day",
    Kind.WEEK: "credits a week",
    Kind.MONTH: "credits a month",
    Kind.COOLDOWN: "cooldown",
    Kind.AT_ONCE: "requests at once",
    Kind.IMAGES: "pictures a request",
}


def who(target: Target) -> str:
    """A target as Discord shows it."""
    match target.who:
        case Who.ROLE:
            return f"<@&{target.id}>"
        case Who.MEMBER:
            return f"<@{target.id}>"
        case Who.SERVER:
            return "the server"
        case _:
            return "everyone"


def at_head(target: Target) -> str:
    """The same where a line begins with it."""
    return capital(who(target))


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def words(kind: Kind, amount: int | None) -> str:
    """ "50 credits a day", "unlimited credits a month", "no cooldown"."""
    if kind is Kind.COOLDOWN and not amount:
        return "no cooldown"
    if amount is None:
        return f"unlimited {KIND_NAMES[kind]}"
    return amount_words(kind, amount)


def limit_words(limit: Limit) -> str:
    return words(limit.kind, limit.amount)


def limits_words(limits: Sequence[Limit]) -> str:
    return " · ".join(map(limit_words, limits))


# --- changes: the log's lines begin with who made them ----------------------------------------------------------------


def limit_line(before: Limit | None, after: Limit | None) -> str:
    """What was changed of one limit; one of both is there."""
    if after is None:
        return f"cleared {_of(before)}" if before else "cleared nothing"
    was = f" (was {limit_words(before)})" if before else ""
    return f"set {who(after.target)}: **{limit_words(after)}**{was}"


def cleared_lines(limits: Sequence[Limit]) -> list[str]:
    """As many as are read at a glance; the audit log has each."""
    lines = [limit_line(limit, None) for limit in limits[:MOST_LINES]]
    more = len(limits) - len(lines)
    return [*lines, f"and cleared {count(more, 'other limit')}"] if more else lines


def granted_line(target: Target, before: int, after: int) -> str:
    amount = count(abs(after - before), "credit")
    left = f"(left of grants: {before:,} → {after:,})"
    return (
        f"granted {who(target)} **{amount}** {left}"
        if after > before
        else f"took **{amount}** from {who(target)} {left}"
    )


def reset_line(target: Target) -> str:
    return f"gave {who(target)} the whole allowance again"


def entry_line(entry: AuditEntry) -> str:
    """What an entry of the audit log tells, without who did it and when."""
    if entry.action == SETTING:
        return f"changed {change_line(entry, short=True)}"
    target = target_of(entry.target)
    if target is not None:
        limits = _limit(target, entry.before), _limit(target, entry.after)
        if entry.action == "limit" and any(limits):
            return limit_line(*limits)
        if entry.action in {"grant", "take"}:
            return granted_line(target, _number(entry.before), _number(entry.after))
        if entry.action == "reset":
            return reset_line(target)
    return escaped(f"{entry.action} {entry.target}: {entry.before} → {entry.after}", _LONGEST * 2)


def target_of(key: str) -> Target | None:
    """As `Target.key` wrote it; None for what is no target."""
    for target in (EVERYONE, SERVER):
        if key == target.key:
            return target
    name, _, number = key.partition(":")
    if name in {Who.ROLE, Who.MEMBER} and number.isascii() and number.isdecimal() and 0 < int(number[:20]) < 1 << 63:
        return Target(Who(name), int(number[:20]))
    return None


def _of(limit: Limit) -> str:
    return f"**{limit_words(limit)}** of {who(limit.target)}"


def _limit(target: Target, text: str | None) -> Limit | None:
    """ "day 5", as the audit log has it."""
    kind, _, amount = (text or "").partition(" ")
    try:
        return Limit(target, Kind(kind), None if amount == "unlimited" else int(amount))
    except ValueError:
        return None


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() else 0
