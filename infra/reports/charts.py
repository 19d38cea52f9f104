"""The report's charts: what was used a day by model, and by which members, as PNGs that Discord shows 550 pixels wide.

Drawing takes 50 to 80 ms and belongs in a thread. matplotlib, which draws, is imported with the first chart (half a
second more, and 50 MB): nobody who asks for none pays for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio.quota.reports import ChartWords, Share

MOST_DAYS = 90
MOST_MODELS = 12
MOST_MEMBERS = 10
LONGEST_TITLE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`png`: 1100 pixels wide. `shown`: of each model or member its name and figure, in the order in which they are."""

    png: bytes
    shown: tuple[tuple[str, int], ...]


def days_chart(words: ChartWords, days: Sequence[str], use: Mapping[str, Sequence[int]]) -> Chart:
    """Stacked bars: for each model its label -> a figure a day. `days`: what they are called.

    Of more days the last 90 are shown, of more models the 11 most used and the others together.
    """
    from infra.reports import plotting  # noqa: PLC0415 - it imports matplotlib

    used = {label: list(figures)[-MOST_DAYS:] for label, figures in use.items() if any(figures)}
    series = _most_used(used, words.others)
    png = plotting.stacked_days(_bounded(words), list(days)[-MOST_DAYS:], series)
    return Chart(png=png, shown=tuple((label, sum(figures)) for label, figures in series.items()))


def members_chart(words: ChartWords, shares: Sequence[Share]) -> Chart:
    """Horizontal bars, the longest first; of more members the 10 who used most are shown."""
    from infra.reports import plotting  # noqa: PLC0415 - likewise

    shown = sorted((share for share in shares if share.amount), key=lambda share: -share.amount)[:MOST_MEMBERS]
    return Chart(
        png=plotting.ranked(_bounded(words), shown), shown=tuple((share.name, share.amount) for share in shown)
    )


def can_draw(words: str) -> bool:
    """Whether there are fonts for all of it."""
    from infra.reports.font_fallback import has_all  # noqa: PLC0415 - likewise

    return has_all(words)


def _bounded(words: ChartWords) -> ChartWords:
    return words._replace(title=words.title[:LONGEST_TITLE])


def _most_used(use: Mapping[str, list[int]], others: str) -> dict[str, list[int]]:
    ranked = dict(sorted(use.items(), key=lambda one: -sum(one[1])))
    if len(ranked) <= MOST_MODELS:
        return ranked
    labels = list(ranked)
    rest = [ranked.pop(label) for label in labels[MOST_MODELS - 1 :]]
    return {**ranked, others: [sum(figures) for figures in zip(*rest, strict=True)]}
