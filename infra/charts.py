"""The report's charts: what was used a day by model, and by which members, as PNGs that Discord shows 550 pixels wide.

Drawing takes 50 to 80 ms and belongs in a thread. matplotlib, which draws, is imported with the first chart (half a
second more, and 50 MB): nobody who asks for none pays for it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from studio.reports import Share

MOST_DAYS = 90
MOST_MODELS = 12
MOST_MEMBERS = 10
LONGEST_TITLE = 60
LONGEST_ALT = 1024  # Discord takes no more
OTHERS = "others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`png`: 1100 pixels wide. `alt`: the figures, for whoever can't see it; at most 1,024 characters."""

    png: bytes
    alt: str


def days_chart(title: str, days: Sequence[date], use: Mapping[str, Sequence[int]]) -> Chart:
    """Stacked bars: for each model its label -> a figure a day.

    Of more days the last 90 are shown, of more models the 11 most used and the others together.
    """
    from infra import plotting  # noqa: PLC0415 - it imports matplotlib

    shown = list(days)[-MOST_DAYS:]
    series = _most_used({label: list(figures)[-MOST_DAYS:] for label, figures in use.items() if any(figures)})
    return Chart(png=plotting.stacked_days(title[:LONGEST_TITLE], shown, series), alt=_days_alt(title, shown, series))


def members_chart(title: str, shares: Sequence[Share]) -> Chart:
    """Horizontal bars, the longest first; of more members the 10 who used most are shown."""
    from infra import plotting  # noqa: PLC0415 - likewise

    shown = sorted((share for share in shares if share.amount), key=lambda share: -share.amount)[:MOST_MEMBERS]
    return Chart(png=plotting.ranked(title[:LONGEST_TITLE], shown), alt=_members_alt(title, shown))


def _most_used(use: Mapping[str, list[int]]) -> dict[str, list[int]]:
    ranked = dict(sorted(use.items(), key=lambda one: -sum(one[1])))
    if len(ranked) <= MOST_MODELS:
        return ranked
    labels = list(ranked)
    rest = [ranked.pop(label) for label in labels[MOST_MODELS - 1 :]]
    return {**ranked, OTHERS: [sum(figures) for figures in zip(*rest, strict=True)]}


def _days_alt(title: str, days: Sequence[date], series: Mapping[str, list[int]]) -> str:
    totals = [sum(figures) for figures in zip(*series.values(), strict=True)]
    if not totals:
        return _short(f"{title}: nothing was used.")
    most = max(range(len(totals)), key=totals.__getitem__)
    parts = ", ".join(f"{label} {sum(figures):,}" for label, figures in series.items())
    span = f"{days[0].isoformat()} to {days[-1].isoformat()}"
    peak = f"Most on {days[most].isoformat()}: {totals[most]:,}"
    return _short(f"{title}. {span}, {sum(totals):,} in all. {peak}. By model: {parts}.")


def _members_alt(title: str, shares: Sequence[Share]) -> str:
    if not shares:
        return _short(f"{title}: nothing was used.")
    return _short(f"{title}. {', '.join(f'{share.name} {share.amount:,}' for share in shares)}.")


def _short(text: str) -> str:
    """One line of what a screen reader says; what turns writing round or is invisible stays out."""
    line = " ".join("".join(map(_spoken, text)).split())
    return line if len(line) <= LONGEST_ALT else line[: LONGEST_ALT - 1] + "…"


def _spoken(character: str) -> str:
    if character in "\u200c\u200d" or unicodedata.category(character)[0] != "C":
        return character
    return " " if character.isspace() else ""
