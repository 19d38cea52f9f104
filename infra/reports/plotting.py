"""Draws charts with matplotlib, on a card of their own that is readable in Discord's dark and light themes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from infra.reports.font_fallback import drawable, families_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from studio.quota.reports import ChartWords, Share

_WIDTH, _HEIGHT = 550, 345  # pixels as Discord shows them; it shrinks taller pictures
_SCALE = 2
_DPI = 100

_CARD = "#2b2d31"
_INK = "#f2f3f5"
_FAINT = "#b5bac1"
_RULE = "#43464d"
_COLOURS = (
    "#6ea8fe",
    "#ffb066",
    "#5fd39b",
    "#ef87be",
    "#f5d565",
    "#62d5e8",
    "#b197fc",
    "#ff8787",
    "#b8d979",
    "#d0a98a",
    "#4fb8a8",
    "#a3a9b3",
)
_TITLE, _TEXT, _SMALL = 16, 12.5, 11.5  # pixels as Discord shows them
_MARGIN = 18
_LONG = 10_000  # figures from here on are abbreviated
_SIZES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def stacked_days(words: ChartWords, days: Sequence[str], series: Mapping[str, Sequence[int]]) -> bytes:
    """A PNG with a bar per day. `series`: from bottom to top, at most as many as there are colours."""
    if not series:
        return _empty(words)
    figure = _card(words.title, _HEIGHT)
    below = _legend(figure, {label: sum(figures) for label, figures in series.items()})
    axes = _axes(figure, left=52, right=28, top=below, bottom=32)
    floor = [0] * len(days)
    width = 0.82 if len(days) > 1 else 0.2
    for figures, colour in zip(series.values(), _COLOURS, strict=False):
        tops = [under + figure for under, figure in zip(floor, figures, strict=True)]
        # One collection: a thousand patches would take seconds.
        bars = [_bar(position, width, *ends) for position, ends in enumerate(zip(floor, tops, strict=True))]
        axes.add_collection(PolyCollection(bars, facecolors=colour, edgecolors=_CARD, linewidths=0.4), autolim=False)
        floor = tops
    axes.set_xlim(-0.6, len(days) - 0.4)
    axes.set_ylim(0, max(1, *floor) * 1.06)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda figure, _: _compact(figure)))
    axes.grid(axis="y", color=_RULE, linewidth=1)
    ticks = _spread(len(days), most=7)
    axes.set_xticks(ticks, [days[position] for position in ticks])
    for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        text.set_fontproperties(_font(text.get_text(), _SMALL))
        text.set_color(_FAINT)
    return _png(figure)


def _bar(position: int, width: float, low: float, high: float) -> list[tuple[float, float]]:
    left, right = position - width / 2, position + width / 2
    return [(left, low), (left, high), (right, high), (right, low)]


def ranked(words: ChartWords, shares: Sequence[Share]) -> bytes:
    """A PNG with a bar per member, the first on top, and its figure at the end."""
    if not shares:
        return _empty(words)
    top, row, left, right = 50, 27, 150, 70
    figure = _card(words.title, top + row * len(shares) + 18)
    axes = _axes(figure, left=left, right=right, top=top, bottom=18)
    axes.barh(range(len(shares)), [share.amount for share in shares], 0.66, color=_COLOURS[0])
    axes.set_ylim(len(shares) - 0.5, -0.5)
    axes.set_xlim(0, shares[0].amount)
    axes.set_axis_off()
    for position, share in enumerate(shares):
        middle = top + row * (position + 0.5)
        name = _text(figure, left - 10, middle, drawable(share.name, share.handle), _TEXT, _INK, ha="right")
        _fit(name, left - 28)
        end = left + (_WIDTH - left - right) * share.amount / shares[0].amount
        _text(figure, end + 7, middle, _compact(share.amount), _TEXT, _FAINT)
    return _png(figure)


def _card(title: str, height: float) -> Figure:
    figure = Figure(figsize=(_WIDTH * _SCALE / _DPI, height * _SCALE / _DPI), dpi=_DPI, facecolor=_CARD)
    FigureCanvasAgg(figure)
    _fit(_text(figure, _MARGIN, 25, drawable(title, ""), _TITLE, _INK, weight="bold"), _WIDTH - 2 * _MARGIN)
    return figure


def _empty(words: ChartWords) -> bytes:
    figure = _card(words.title, 100)
    _text(figure, _MARGIN, 62, words.nothing, _TEXT, _FAINT)
    return _png(figure)


def _height(figure: Figure) -> float:
    return float(figure.get_figheight()) * _DPI / _SCALE


def _axes(figure: Figure, *, left: float, right: float, top: float, bottom: float) -> Axes:
    """Axes at these distances from the sides of the card, without a frame."""
    high = _height(figure)
    inside = (left / _WIDTH, bottom / high, (_WIDTH - left - right) / _WIDTH, (high - top - bottom) / high)
    axes = figure.add_axes(inside, facecolor=_CARD)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, pad=8)
    axes.set_axisbelow(True)
    return axes


def _legend(figure: Figure, totals: Mapping[str, int]) -> float:
    """Draw the label and total of each colour, in rows of three under the title. Returns where the legend ends."""
    high = _height(figure)
    column = (_WIDTH - 2 * _MARGIN) / 3
    for position, ((label, total), colour) in enumerate(zip(totals.items(), _COLOURS, strict=False)):
        left, middle = _MARGIN + column * (position % 3), 53 + 19 * (position // 3)
        square = Rectangle((left / _WIDTH, 1 - (middle + 5) / high), 10 / _WIDTH, 10 / high, color=colour)
        figure.add_artist(square)
        figures = f"  {_compact(total)}"
        text = _text(figure, left + 16, middle, drawable(label, "?") + figures, _SMALL, _INK)
        _fit(text, column - 26, ending=figures)
    return 53.0 + 19 * (-(-len(totals) // 3)) + 4


def _text(figure: Figure, x: float, y: float, words: str, size: float, colour: str, **how: Any) -> Text:
    """Text whose middle is at these pixels from the card's left and top. A dollar sign doesn't start a formula."""
    font = _font(words, size, how.pop("weight", "normal"))
    position = (x / _WIDTH, 1 - y / _height(figure))
    return figure.text(
        *position, words, fontproperties=font, color=colour, parse_math=False, va="center_baseline", **how
    )


def _fit(text: Text, width: float, ending: str = "") -> None:
    """Shorten the text before its ending until it is at most this wide."""
    words = text.get_text().removesuffix(ending)
    kept = len(words)
    while kept > 1 and text.get_window_extent().width > width * _SCALE:
        kept -= 1
        text.set_text(f"{words[:kept].rstrip()}…{ending}")


def _font(words: str, size: float, weight: str = "normal") -> FontProperties:
    return FontProperties(family=families_for(words), size=size * _SCALE * 72 / _DPI, weight=weight)


def _spread(count: int, most: int) -> list[int]:
    """At most `most` positions, evenly spaced, the last one included."""
    step = -(-count // most)
    return sorted(range(count - 1, -1, -step))


def _compact(figure: float) -> str:
    """1,234; from 10,000 on 12.3k or 4.5M."""
    if figure < _LONG:
        return f"{figure:,.0f}"
    size, letter = next((size, letter) for size, letter in _SIZES if figure >= size)
    return f"{figure / size:.1f}".removesuffix(".0") + letter


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", facecolor=_CARD)
    return file.getvalue()
