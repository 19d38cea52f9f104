"""Parses the amounts and dates that admins type. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta

from cogs.i18n.translate import N_, _, in_every, number
from cogs.texts.common import escaped
from cogs.texts.refusal import RefusalError
from studio.quota.limits import MOST_AMOUNT, LimitKind

# Translators: what an admin can type for an amount without a limit; at most 40 characters
UNLIMITED = N_("unlimited")
_SHOWN = 40
_EARLIEST, _LATEST = date(2015, 1, 1), date(2999, 12, 31)  # from Discord's first year on

_WORDS = {UNLIMITED, "none", "no limit", "no", "off", "∞"}
_NUMBER = re.compile(r"\d{1,3}(?:[,. '’_]?\d{3})*|\d+")
_DURATION = re.compile(r"(\d{1,9})\s*(s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|d|days?)?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# Translators: amount is an option of a command; {unlimited} is a word that can be given for it
_NO_AMOUNT = N_(
    "amount: “{given}” isn't a valid limit. Use a whole number from 0 to {most}, or {unlimited}. Nothing was changed."
)
# Translators: amount is an option of a command; {unlimited} is a word that can be given for it
_NO_COOLDOWN = N_(
    "amount: “{given}” isn't a valid limit. Use a number of seconds from 0 to {most}, a time such as"
    " 90 s, 5 min or 1 h, or {unlimited}. Nothing was changed."
)
_OFFERED: dict[LimitKind | None, tuple[str, ...]] = {
    None: ("1", "5", "10", "20", "50", "100", "1000"),
    LimitKind.COOLDOWN: ("10 s", "30 s", "1 min", "5 min", "1 h"),
    LimitKind.AT_ONCE: ("1", "2", "3", "5", "10"),
    LimitKind.IMAGES: ("1", "2", "4", "8", "15"),
}


def amount_of(kind: LimitKind, text: str) -> int | None:
    """Parse "50", "1,000", "unlimited" (None); for a cooldown also "90 s", "5 min", "1 h". Raises: RefusalError."""
    words = _folded(text)
    if words in _WORDS or words in map(_folded, in_every(UNLIMITED)):
        return None
    amount = _seconds(words) if kind is LimitKind.COOLDOWN else _number(words)
    if amount is None or amount > MOST_AMOUNT:
        values = {"given": escaped(text, _SHOWN), "most": number(MOST_AMOUNT), "unlimited": _(UNLIMITED)}
        raise RefusalError(_(_NO_COOLDOWN if kind is LimitKind.COOLDOWN else _NO_AMOUNT, **values))
    return amount


def amounts_offered(kind: LimitKind | None, typed: str) -> list[tuple[str, str]]:
    """Return choices for autocomplete as (name, value): what was typed, if it is valid, and usual amounts."""
    typed = " ".join(typed.split())
    choices = [*((amount, amount) for amount in _OFFERED.get(kind, _OFFERED[None])), (_(UNLIMITED), UNLIMITED)]
    matching = [choice for choice in choices if any(text.startswith(_folded(typed)) for text in map(_folded, choice))]
    if not typed or any(_folded(typed) in map(_folded, choice) for choice in matching):
        return matching
    try:
        amount_of(kind or LimitKind.DAY, typed)
    except RefusalError:
        return matching
    return [(typed[:_SHOWN], typed[:_SHOWN]), *matching]


def range_of(since: str | None, until: str | None, today: date) -> tuple[date, date]:
    """Parse the first and the last day; by default from the first of this month to today. Raises: RefusalError."""
    last = _date("until", until) if until else today
    first = _date("since", since) if since else min(last, today).replace(day=1)
    if first > last:
        # Translators: since and until are options of a command
        raise RefusalError(
            _(
                "since: {first} is after {last}. Use the earlier date as `since` and the later one as `until`.",
                first=first,
                last=last,
            )
        )
    return first, last


def dates_offered(typed: str, today: date) -> list[tuple[str, str]]:
    """Return choices for autocomplete of a day, as (name, value)."""
    month = today.replace(day=1)
    days = {
        N_("today"): today,
        N_("yesterday"): today - timedelta(days=1),
        N_("a week ago"): today - timedelta(days=7),
        N_("first day of this month"): month,
        N_("last day of last month"): month - timedelta(days=1),
        N_("first day of last month"): (month - timedelta(days=1)).replace(day=1),
        N_("90 days ago"): today - timedelta(days=90),
        N_("first day of this year"): today.replace(month=1, day=1),
    }
    words = _folded(typed)
    choices = [(f"{day} ({_(name)})", str(day), name) for name, day in days.items()]
    return [(label, day) for label, day, name in choices if words in _folded(label) or words in name]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _number(words: str) -> int | None:
    return (
        int(re.sub(r"\D", "", words)) if len(words) <= _SHOWN and _ascii(words) and _NUMBER.fullmatch(words) else None
    )


def _seconds(words: str) -> int | None:
    if match := _DURATION.fullmatch(words):
        return int(match[1]) * _SECONDS[(match[2] or "s")[0]] if _ascii(match[1]) else None
    return _number(words)


def _ascii(digits: str) -> bool:
    """Whether digits are ASCII: \\d also matches those of other scripts."""
    return not re.search(r"[^\x00-\x7f’]", digits)


def _date(option: str, text: str) -> date:
    try:
        day = date.fromisoformat(text.strip()[:10]) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()) else None
    except ValueError:
        day = None
    if day is None or not _EARLIEST <= day <= _LATEST:
        # Translators: {option} is a command's option, in English
        raise RefusalError(
            _(
                "{option}: “{given}” isn't a valid date. Use YYYY-MM-DD, such as 2026-05-31.",
                option=option,
                given=escaped(text, _SHOWN),
            )
        )
    return day
