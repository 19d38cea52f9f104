"""Charts of the report: usage per day by model, and by member, as PNGs that Discord shows 550 pixels wide.

Drawing takes 50 to 80 ms, so call it in a thread. matplotlib is imported with the first chart (another half second, and
50 MB), so that a bot that draws none doesn't pay for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio.quota.reports import ChartWords, Share

MAX_DAYS = 90
MAX_MODELS = 12
MAX_MEMBERS = 10
MAX_TITLE_LENGTH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`png`: 1100 pixels wide. `shown`: name and figure of each model or member, in the order of the chart."""

    png: bytes
    shown: tuple[tuple[str, int], ...]


def days_chart(words: ChartWords, days: Sequence[str], use: Mapping[str, Sequence[int]]) -> Chart:
    """Draw stacked bars. `days`: their labels. `use`: a model's label -> a figure per day.

    Shows the last MAX_DAYS days; of more than MAX_MODELS models, the most used and the others as one.
    """
    from infra.reports import plotting  # noqa: PLC0415 - it imports matplotlib

    used = {label: list(figures)[-MAX_DAYS:] for label, figures in use.items() if any(figures)}
    series = _most_used(used, words.others)
    png = plotting.stacked_days(_with_short_title(words), list(days)[-MAX_DAYS:], series)
    return Chart(png=png, shown=tuple((label, sum(figures)) for label, figures in series.items()))


def members_chart(words: ChartWords, shares: Sequence[Share]) -> Chart:
    """Draw horizontal bars, the longest first, of the MAX_MEMBERS members who used most."""
    from infra.reports import plotting  # noqa: PLC0415 - it imports matplotlib

    shown = sorted((share for share in shares if share.amount), key=lambda share: -share.amount)[:MAX_MEMBERS]
    return Chart(
        png=plotting.ranked(_with_short_title(words), shown), shown=tuple((share.name, share.amount) for share in shown)
    )


def can_draw(words: str) -> bool:
    """Whether the installed fonts have all characters."""
    from infra.reports.font_fallback import has_all  # noqa: PLC0415 - it imports matplotlib

    return has_all(words)


def _with_short_title(words: ChartWords) -> ChartWords:
    return words._replace(title=words.title[:MAX_TITLE_LENGTH])


def _most_used(use: Mapping[str, list[int]], others: str) -> dict[str, list[int]]:
    ranked = dict(sorted(use.items(), key=lambda item: -sum(item[1])))
    if len(ranked) <= MAX_MODELS:
        return ranked
    labels = list(ranked)
    rest = [ranked.pop(label) for label in labels[MAX_MODELS - 1 :]]
    return {**ranked, others: [sum(figures) for figures in zip(*rest, strict=True)]}
