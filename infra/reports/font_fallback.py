"""Fonts for members' names: which installed font has a character, and what to draw if none has."""

from __future__ import annotations

import logging
import unicodedata
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.font_manager import FontProperties, findSystemFonts, fontManager, get_font

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

log = logging.getLogger(__name__)

# The first comes with matplotlib. Each of the others, if installed, is used for what those before it lack.
_FAMILIES = (
    "DejaVu Sans",
    "Noto Sans",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans CJK KR",
    "Noto Sans JP",
    "Noto Sans SC",
    "Noto Sans KR",
    "Source Han Sans",
    "WenQuanYi Micro Hei",
    "IPAexGothic",
    "NanumGothic",
    "Hiragino Sans",
    "PingFang SC",
    "Apple SD Gothic Neo",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Tamil",
    "Noto Sans Telugu",
    "Noto Sans Gujarati",
    "Noto Sans Gurmukhi",
    "Noto Sans Kannada",
    "Noto Sans Malayalam",
    "Noto Sans Sinhala",
    "Noto Sans Thai",
    "Noto Sans Khmer",
    "Noto Sans Myanmar",
    "Noto Sans Ethiopic",
    "Noto Sans Symbols",
    "Noto Sans Symbols 2",
    "Noto Emoji",
    "Nirmala UI",
    "Segoe UI Symbol",
)
_JOINERS = "\u200c\u200d"  # shape letters, but aren't visible themselves
_INVISIBLE = {"Cc", "Cf", "Cs", "Co"}
_MAX_LENGTH = 64  # characters; twice as long as a name at Discord
_MAX_MARKS = 2  # per letter; more overlap the lines above and below


@cache
def _fonts() -> dict[str, FT2Font]:
    """Family -> font, of those that are installed, in order."""
    _update_font_list()
    installed = {entry.name for entry in fontManager.ttflist}
    available = [family for family in _FAMILIES if family in installed]
    return {family: get_font(fontManager.findfont(FontProperties(family=family))) for family in available}


def _update_font_list() -> None:
    """Add fonts to matplotlib's list that were installed since it was cached on disk, and drop removed ones."""
    known = {entry.fname for entry in fontManager.ttflist}
    fontManager.ttflist = [entry for entry in fontManager.ttflist if Path(entry.fname).exists()]
    for path in sorted(set(findSystemFonts()) - known):
        try:
            fontManager.addfont(path)
        except Exception as error:  # noqa: BLE001 - a file that calls itself a font can be anything
            log.debug("%s is no font for charts: %s", path, error)


def families_for(text: str) -> list[str]:
    """The families that a text needs, in order: the first, and for what it lacks the first that has it."""
    needed = {family for character in text if (family := _family_with(character))}
    first, *others = _fonts()
    return [first, *(family for family in others if family in needed)]


def has_all(text: str) -> bool:
    """Whether every character is in some font; if not, the installed fonts are looked at again."""
    if not all(map(_family_with, text)):
        _fonts.cache_clear()
    return all(map(_family_with, text))


def drawable(name: str, handle: str) -> str:
    """A name as the fonts can draw it: unchanged, or in plain letters (𝓐𝓭𝓪 becomes Ada) without unknown emoji.

    If a letter can't be drawn, it is the handle, since half of a name is worse.
    """
    for form in ("NFC", "NFKC"):
        text = _plain(unicodedata.normalize(form, name[:_MAX_LENGTH]))
        if text.strip(_JOINERS) and all(map(_family_with, text)):
            return text
    kept = _plain("".join(filter(_family_with, text)))
    lost = any(character.isalnum() and not _family_with(character) for character in text)
    return handle if lost or not any(map(str.isalnum, kept)) else kept


def _family_with(character: str) -> str | None:
    if character in _JOINERS:
        return next(iter(_fonts()))
    return next((family for family, font in _fonts().items() if font.get_char_index(ord(character))), None)


def _plain(text: str) -> str:
    """One line without invisible and direction-changing characters, and with at most _MAX_MARKS marks per letter."""
    kept = []
    for is_mark, run in groupby(" ".join(text.split()), key=lambda character: unicodedata.category(character) == "Mn"):
        characters = [char for char in run if char in _JOINERS or unicodedata.category(char) not in _INVISIBLE]
        kept += characters[:_MAX_MARKS] if is_mark else characters
    return " ".join("".join(kept).split())
