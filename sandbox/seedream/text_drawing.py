"""Writes text of any script on a picture. What no font here has becomes coloured shapes, never empty boxes."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from PIL import ImageDraw

from sandbox.seedream.fonts import EMOJI, OWN, drawable, font_with, is_right_to_left, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PIL import Image

LINE = 1.35  # of the font's size, from one line to the next
BASE = 1.05  # of the font's size, from a line's top to its base
SHAPE = 0.78  # of the font's size: a shape's width with the gap after it
_JOINERS = "\u200c\u200d"
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_VIRAMA = 9  # the combining class of what joins two letters of an Indic script


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a line in one font; without any, its clusters are drawn as shapes."""

    font: Path | None
    clusters: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(drawable(cluster, self.font) if self.font else cluster for cluster in self.clusters)


def visible(text: str) -> str:
    """Return the text in one line, without characters that draw nothing or turn the direction."""
    kept = (
        letter
        for letter in text
        if letter in _JOINERS or unicodedata.category(letter) not in _UNSEEN or letter.isspace()
    )
    return " ".join("".join(kept).split())


def wrap(text: str, size: int, room: int) -> list[str]:
    """Break the text into lines of at most `room` pixels: between words, or in a word that is longer than a line."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if _length(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.extend(_broken(word, size, room))
    return lines if lines[0] else lines[1:]


def height_of(lines: list[str], size: int) -> int:
    return round(len(lines) * size * LINE)


def write(picture: Image.Image, lines: list[str], at: tuple[int, int], size: int) -> None:
    """Write centred lines in white with a shadow; `at` is the middle of their upper edge."""
    pen = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        left = at[0] - _length(line, size) / 2
        for run in _in_visual_order(_runs(line)):
            _write_run(pen, run, (left, at[1] + size * (number * LINE + BASE)), size)
            left += _run_length(run, size)


def _broken(word: str, size: int, room: int) -> list[str]:
    """Split a word into pieces that fit: Chinese has no spaces to wrap at."""
    pieces = [""]
    for cluster in _clusters(word):
        if pieces[-1] and _length(pieces[-1] + cluster, size) > room:
            pieces.append("")
        pieces[-1] += cluster
    return pieces


@lru_cache(1024)
def _runs(line: str) -> tuple[Run, ...]:
    """Split a line into runs of one font each, as few as possible."""
    clusters = _clusters(line)
    main = next((font for cluster in clusters if (font := font_with(cluster)) not in {OWN, EMOJI, None}), OWN)
    by_font = groupby(clusters, key=lambda cluster: font_with(cluster, main or OWN))
    return tuple(Run(font, tuple(group)) for font, group in by_font)


def _in_visual_order(runs: tuple[Run, ...]) -> Iterator[Run]:
    """Order runs as their first letter reads; Pillow orders the letters inside each."""
    strong = next(
        (letter for run in runs for letter in run.text if unicodedata.bidirectional(letter) in {"L", "R", "AL"}), ""
    )
    return reversed(runs) if strong and is_right_to_left(strong) else iter(runs)


def _length(line: str, size: int) -> float:
    return sum(_run_length(run, size) for run in _runs(line))


def _run_length(run: Run, size: int) -> float:
    font = load(run.font, size) if run.font else None
    return font.getlength(run.text) if font else len(run.clusters) * size * SHAPE


def _write_run(pen: ImageDraw.ImageDraw, run: Run, base: tuple[float, float], size: int) -> None:
    font = load(run.font, size) if run.font else None
    if font is None:
        for number, cluster in enumerate(run.clusters):
            _draw_shape(pen, cluster, (base[0] + number * size * SHAPE, base[1]), size)
    elif run.font == EMOJI:
        pen.text(base, run.text, font=font, anchor="ls", embedded_color=True)
    else:
        pen.text((base[0] + 1, base[1] + 1), run.text, fill="black", font=font, anchor="ls")
        pen.text(base, run.text, fill="white", font=font, anchor="ls")


def _draw_shape(pen: ImageDraw.ImageDraw, cluster: str, base: tuple[float, float], size: int) -> None:
    """Draw the same shape in the same colour for the same letter, so that words can be told apart."""
    if cluster.isspace():
        return
    code = ord(cluster[0])
    radius = size * 0.3
    middle = (base[0] + radius, base[1] - radius)
    fill, sides = f"hsl({code * 47 % 360}, 75%, 66%)", code % 4 + 3
    if sides == 6:  # noqa: PLR2004 - a circle is easier to tell from a square than a hexagon
        pen.circle(middle, radius, fill=fill, outline="black")
    else:
        pen.regular_polygon((*middle, radius), sides, fill=fill, outline="black")


def _clusters(text: str) -> list[str]:
    """Split a text into characters, each with its marks and with what is joined to it."""
    found: list[str] = []
    for letter in text:
        if found and (_is_mark(letter) or found[-1][-1] in _JOINERS or _joins(found[-1][-1])):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def _is_mark(letter: str) -> bool:
    return letter in _JOINERS or letter in _SKIN_TONES or unicodedata.category(letter).startswith("M")


def _joins(letter: str) -> bool:
    return unicodedata.combining(letter) == _VIRAMA
