"""Limits, targets and what the audit log tells of them, in words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.ui.changes import change_line
from cogs.ui.texts import count, escaped
from studio.guild_changes import ACTION as SETTING
from studio.limits import EVERYONE, SERVER, Kind, Limit, Target, Who

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.audit import AuditEntry

_LONGEST = 60
_WINDOWS = {Kind.DAY: "day", Kind.WEEK: "week", Kind.MONTH: "month"}
_UNLIMITED = {
    Kind.COOLDOWN: "no cooldown",
    Kind.AT_ONCE: "any number of requests at once",
    Kind.IMAGES: "any number of images a request",
}
_NAMES = {
    Kind.DAY: "credits a day",
    Kind.WEEK: "credits a week",
    Kind.MONTH: "credits a month",
    Kind.COOLDOWN: "cooldown",
    Kind.AT_ONCE: "requests at once",
    Kind.IMAGES: "images a request",
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
    words = who(target)
    return words[0].upper() + words[1:]


def kind_name(kind: Kind) -> str:
    return _NAMES[kind]


def limit_words(kind: Kind, amount: int | None) -> str:
    """ "50 credits a day", "one request every 5 min"."""
    if kind is Kind.COOLDOWN and amount:
        return f"one request every {duration(amount)}"
    if amount is None or kind is Kind.COOLDOWN:
        return _UNLIMITED.get(kind) or f"unlimited {_NAMES[kind]}"
    match kind:
        case Kind.AT_ONCE:
            return f"{count(amount, 'request')} at once"
        case Kind.IMAGES:
            return f"{count(amount, 'image')} a request"
        case _:
            return f"{amount:,} {'credit' if amount == 1 else 'credits'} a {_WINDOWS[kind]}"


def limits_words(limits: Sequence[Limit]) -> str:
    return " · ".join(limit_words(limit.kind, limit.amount) for limit in limits)


def duration(seconds: int) -> str:
    """ "90 s", "5 min", "1 h 30 min"."""
    if seconds < 120 and seconds % 60:  # noqa: PLR2004 - 90 s is said so
        return f"{seconds} s"
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (left, "s"))
    return " ".join(f"{number:,} {unit}" for number, unit in parts if number) or "0 s"


def entry_line(entry: AuditEntry) -> str:
    """What an entry of the audit log tells, without who did it and when."""
    if entry.action == SETTING:
        return f"changed {change_line(entry, short=True)}"
    target = target_of(entry.target)
    told = who(target) if target else escaped(entry.target, _LONGEST)
    match entry.action:
        case "limit":
            return _limit_line(target, told, entry.before, entry.after)
        case "grant":
            return f"granted {told} **{count(_change(entry), 'credit')}** (left: {entry.before} → {entry.after})"
        case "take":
            return f"took **{count(-_change(entry), 'credit')}** from {told} (left: {entry.before} → {entry.after})"
        case "reset":
            return f"gave {told} the whole allowance again"
        case _:
            return f"{escaped(entry.action, _LONGEST)}: {told}"


def target_of(key: str) -> Target | None:
    """As `Target.key` wrote it; None for what is no target."""
    name, _, number = key.partition(":")
    if key in {EVERYONE.key, SERVER.key}:
        return EVERYONE if key == EVERYONE.key else SERVER
    if name in {Who.ROLE, Who.MEMBER} and number.isascii() and number.isdecimal() and 0 < int(number) < 1 << 63:
        return Target(Who(name), int(number))
    return None


def _limit_line(target: Target | None, told: str, before: str | None, after: str | None) -> str:
    was, now = _limit(before), _limit(after)
    if now is None:
        return f"cleared a limit of {told}: {was}"
    head = f"set {told}: **{now}**" if target else f"set {told} to {now}"
    return f"{head} (was {was})" if was else head


def _limit(text: str | None) -> str | None:
    """ "day 5" in words."""
    if text is None:
        return None
    kind, _, amount = text.partition(" ")
    try:
        return limit_words(Kind(kind), None if amount == "unlimited" else int(amount))
    except ValueError:
        return escaped(text, _LONGEST)


def _change(entry: AuditEntry) -> int:
    try:
        return int(entry.after or 0) - int(entry.before or 0)
    except ValueError:
        return 0
