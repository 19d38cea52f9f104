"""Draws charts with matplotlib: a dark card with round corners, which is readable in Discord's dark and light themes.

Measures are in the pixels of a phone, which shows a chart about 300 wide; a desktop enlarges it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D

from infra.reports.font_fallback import drawable, families_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from studio.quota.reports import ChartWords, Share

_WIDTH = 340
_PLOT = 165  # the height of the bars by day
_CORNER = 12
_SCALE = 3
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
_CLEAR = "none"
_TITLE, _TEXT, _SMALL = 17, 14, 13
_MARGIN = 14
_TOP = 46  # below the title
_COLUMNS, _ROW = 2, 22  # of the legend


def stacked_days(words: ChartWords, days: Sequence[str], series: Mapping[str, Sequence[int]]) -> bytes:
    """A PNG with a bar per day. `series`: from bottom to top, at most as many as there are colours."""
    if not series:
        return _empty(words)
    below = _TOP + _ROW * -(-len(series) // _COLUMNS)
    figure = _card(words.title, below + _PLOT)
    _legend(figure, {label: words.figure(sum(figures)) for label, figures in series.items()})
    most = max(1, *map(sum, zip(*series.values(), strict=True))) * 1.06
    heights = [height for height in MaxNLocator(nbins=3, integer=True).tick_values(0, most) if height <= most]
    labels = [words.figure(height) for height in heights]
    axes = _axes(figure, left=max(44, 12 + 8 * max(map(len, labels))), right=30, top=below + 4, bottom=34)
    floor = [0] * len(days)
    width = 0.82 if len(days) > 1 else 0.2
    for figures, colour in zip(series.values(), _COLOURS, strict=False):
        tops = [under + figure for under, figure in zip(floor, figures, strict=True)]
        # One collection: a thousand patches would take seconds.
        bars = [_bar(position, width, *ends) for position, ends in enumerate(zip(floor, tops, strict=True))]
        axes.add_collection(PolyCollection(bars, facecolors=colour, edgecolors=_CARD, linewidths=0.4), autolim=False)
        floor = tops
    axes.set_xlim(-0.6, len(days) - 0.4)
    axes.set_ylim(0, most)
    axes.set_yticks(heights, labels)
    axes.grid(axis="y", color=_RULE, linewidth=1)
    ticks = _spread(len(days), most=4)
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
    figures = [words.figure(share.amount) for share in shares]
    top, row, left, right = _TOP, 28, 124, max(68, 16 + 9 * max(map(len, figures)))
    figure = _card(words.title, top + row * len(shares) + _MARGIN)
    axes = _axes(figure, left=left, right=right, top=top, bottom=_MARGIN)
    axes.barh(range(len(shares)), [share.amount for share in shares], 0.66, color=_COLOURS[0])
    axes.set_ylim(len(shares) - 0.5, -0.5)
    axes.set_xlim(0, shares[0].amount)
    axes.set_axis_off()
    for position, share in enumerate(shares):
        middle = top + row * (position + 0.5)
        name = _text(figure, left - 10, middle, drawable(share.name, share.handle), _TEXT, _INK, ha="right")
        _fit(name, left - 10 - _MARGIN)
        end = left + (_WIDTH - left - right) * share.amount / shares[0].amount
        _text(figure, end + 7, middle, figures[position], _TEXT, _FAINT)
    return _png(figure)


def _card(title: str, height: float) -> Figure:
    figure = Figure(figsize=(_WIDTH * _SCALE / _DPI, height * _SCALE / _DPI), dpi=_DPI, facecolor=_CLEAR)
    FigureCanvasAgg(figure)
    figure.add_artist(_background(figure))
    _fit(_text(figure, _MARGIN, 24, drawable(title, ""), _TITLE, _INK, weight="bold"), _WIDTH - 2 * _MARGIN)
    return figure


def _background(figure: Figure) -> FancyBboxPatch:
    """A card with round corners and a fine border, which make it one of its own on any background."""
    height = _height(figure)
    pixels = Affine2D().scale(1 / _WIDTH, 1 / height)  # a figure's width and height are 1
    corners = f"round,pad=0,rounding_size={_CORNER}"
    card = FancyBboxPatch((1, 1), _WIDTH - 2, height - 2, boxstyle=corners, facecolor=_CARD, edgecolor=_RULE)
    card.set(linewidth=2, transform=pixels + figure.transFigure, zorder=-1)
    return card


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
    axes = figure.add_axes(inside, facecolor=_CLEAR)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, pad=8)
    axes.set_axisbelow(True)
    return axes


def _legend(figure: Figure, totals: Mapping[str, str]) -> None:
    """Draw the label and total of each colour, in rows under the title."""
    high = _height(figure)
    column = (_WIDTH - 2 * _MARGIN) / _COLUMNS
    for position, ((label, total), colour) in enumerate(zip(totals.items(), _COLOURS, strict=False)):
        left, middle = _MARGIN + column * (position % _COLUMNS), _TOP + 6 + _ROW * (position // _COLUMNS)
        square = Rectangle((left / _WIDTH, 1 - (middle + 5) / high), 10 / _WIDTH, 10 / high, color=colour)
        figure.add_artist(square)
        figures = f"  {total}"
        text = _text(figure, left + 17, middle, drawable(label, "?") + figures, _SMALL, _INK)
        _fit(text, column - 24, ending=figures)


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


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", transparent=True)
    return file.getvalue()
