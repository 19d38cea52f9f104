"""What admins write for amounts and dates, read. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from cogs.errors import RefusalError
from cogs.ui.texts import escaped
from studio.limits import MOST_AMOUNT, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

UNLIMITED = "unlimited"
_SHOWN = 40
_EARLIEST, _LATEST = date(2015, 1, 1), date(2999, 12, 31)  # Discord's first year, and a far one

_WORDS = {UNLIMITED, "none", "no limit", "no", "off", "∞"}
_NUMBER = re.compile(r"\d{1,3}(?:[,. '’_]?\d{3})*|\d+")
_DURATION = re.compile(r"(\d{1,9})\s*(s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|d|days?)?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_UNITS = {
    Kind.DAY: "credits",
    Kind.WEEK: "credits",
    Kind.MONTH: "credits",
    Kind.COOLDOWN: "seconds",
    Kind.AT_ONCE: "requests",
    Kind.IMAGES: "images",
}
_OFFERED: dict[Kind | None, tuple[str, ...]] = {
    None: ("1", "5", "10", "20", "50", "100", "1000"),
    Kind.COOLDOWN: ("10 s", "30 s", "1 min", "5 min", "1 h"),
    Kind.AT_ONCE: ("1", "2", "3", "5", "10"),
    Kind.IMAGES: ("1", "2", "4", "8", "15"),
}


def amount_of(kind: Kind, text: str) -> int | None:
    """ "50", "1,000", "unlimited" (None); of a cooldown also "90 s", "5 min", "1 h". Raises: RefusalError."""
    words = " ".join(text.casefold().split())
    if words in _WORDS:
        return None
    amount = _seconds(words) if kind is Kind.COOLDOWN else _number(words)
    if amount is None or amount > MOST_AMOUNT:
        also = ", or a time such as 90 s, 5 min or 1 h" if kind is Kind.COOLDOWN else ""
        raise RefusalError(
            f"amount: “{escaped(text, _SHOWN)}” can't be a limit. Give a whole number of {_UNITS[kind]} from 0 to "
            f"{MOST_AMOUNT:,}{also}, or {UNLIMITED}. Nothing was changed."
        )
    return amount


def amounts_offered(kind: Kind | None, typed: str) -> list[str]:
    """What autocomplete offers: what was typed, if it can be taken, and what is usual."""
    typed = " ".join(typed.split())
    usual = [*_OFFERED.get(kind, _OFFERED[None]), UNLIMITED]
    if not typed:
        return usual
    fitting = [one for one in usual if one.startswith(typed.casefold())]
    try:
        amount_of(kind or Kind.DAY, typed)
    except RefusalError:
        return fitting
    return list(dict.fromkeys([typed[:_SHOWN], *fitting]))


def range_of(since: str | None, until: str | None, today: date) -> tuple[date, date]:
    """The first day and the last; without them from the first of this month to today. Raises: RefusalError."""
    last = _date("until", until) if until else today
    first = _date("since", since) if since else min(last, today).replace(day=1)
    if first > last:
        raise RefusalError(f"since: {first} is after {last}. Give the earlier day as `since`, the later as `until`.")
    return first, last


def dates_offered(typed: str, today: date) -> list[tuple[str, str]]:
    """What autocomplete offers for a day, as (name, value)."""
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    named: Iterable[tuple[str, date]] = (
        ("today", today),
        ("yesterday", today - timedelta(days=1)),
        ("a week ago", today - timedelta(days=7)),
        ("the first of this month", month),
        ("the last of the month before", month - timedelta(days=1)),
        ("the first of the month before", before),
        ("90 days ago", today - timedelta(days=90)),
        ("the first of this year", today.replace(month=1, day=1)),
    )
    words = typed.strip().casefold()
    return [(f"{day} ({name})", str(day)) for name, day in named if words in f"{day} {name}"]


def _number(words: str) -> int | None:
    return (
        int(re.sub(r"\D", "", words)) if len(words) <= _SHOWN and _ascii(words) and _NUMBER.fullmatch(words) else None
    )


def _seconds(words: str) -> int | None:
    if match := _DURATION.fullmatch(words):
        return int(match[1]) * _SECONDS[(match[2] or "s")[0]] if _ascii(match[1]) else None
    return _number(words)


def _ascii(digits: str) -> bool:
    """Other scripts' digits match \\d as well."""
    return not re.search(r"[^\x00-\x7f’]", digits)


def _date(option: str, text: str) -> date:
    try:
        day = date.fromisoformat(text.strip()[:10]) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()) else None
    except ValueError:
        day = None
    if day is None or not _EARLIEST <= day <= _LATEST:
        raise RefusalError(f"{option}: “{escaped(text, _SHOWN)}” is no day. Write it as 2026-05-31.")
    return day
