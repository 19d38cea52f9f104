"""Which of a name's characters can be drawn: the fonts that are there, and what stands in for what they lack."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from matplotlib.font_manager import FontProperties, fontManager, get_font

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

# The first comes with matplotlib. Each of the others is used where it is installed, for what those before it lack.
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
_JOINERS = "\u200c\u200d"  # they shape letters, and draw nothing themselves
_INVISIBLE = {"Cc", "Cf", "Cs", "Co"}
_LONGEST = 64  # characters; twice what Discord lets a name have
_MOST_MARKS = 2  # on one letter; more of them climb over the neighbours


@cache
def _fonts() -> dict[str, FT2Font]:
    """Family -> its font, of those that are installed, in order."""
    installed = {entry.name for entry in fontManager.ttflist}
    found = [family for family in _FAMILIES if family in installed]
    return {family: get_font(fontManager.findfont(FontProperties(family=family))) for family in found}


def families_for(words: str) -> list[str]:
    """The families that these words need, in order: the first, and for what it lacks the first that has it."""
    needed = {family for character in words if (family := _family_with(character))}
    first, *others = _fonts()
    return [first, *(family for family in others if family in needed)]


def has_all(words: str) -> bool:
    """Whether some font has each letter."""
    return all(map(_family_with, words))


def drawable(name: str, handle: str) -> str:
    """A name as the fonts can draw it: as it is, or in plain letters (𝓐𝓭𝓪 is Ada), without emoji that no font has; and
    the handle where a letter can't be drawn, for half of a name is none.
    """
    for form in ("NFC", "NFKC"):
        text = _plain(unicodedata.normalize(form, name[:_LONGEST]))
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
    """One line without what is invisible or turns the writing round, and with as many marks on a letter as are read."""
    kept = []
    for is_mark, run in groupby(" ".join(text.split()), key=lambda character: unicodedata.category(character) == "Mn"):
        characters = [one for one in run if one in _JOINERS or unicodedata.category(one) not in _INVISIBLE]
        kept += characters[:_MOST_MARKS] if is_mark else characters
    return " ".join("".join(kept).split())
