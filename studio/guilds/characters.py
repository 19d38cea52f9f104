"""Classifies single characters for moderation: invisible ones, and those that are words on their own. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_DECOMPOSED = 4  # characters
_MOST_MARKS = 4  # of one letter, besides accents
_MOST_REMEMBERED = 10_000  # characters; a text made to hold more of them empties the tables
# Letters that no normal form unites, though readers take them for the same: Latin ones with strokes; Arabic ones as
# Persian and Urdu have them; one of both kana.
_SAME = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i"} | {
    **dict.fromkeys("\u06a9\u06aa", "\u0643"),  # kaf
    **dict.fromkeys("\u0649\u06cc", "\u064a"),  # yeh
    **dict.fromkeys("\u06c1\u06be\u06d5", "\u0647"),  # heh
    "\u30d8": "\u3078",  # he
}
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN", "YI")
_HAN_AND_HANGUL = ((0x3400, 0x9FFF), (0xAC00, 0xD7A3), (0x20000, 0x3FFFF))

# Unicode's Default_Ignorable_Code_Point, also where nothing is assigned yet. Source: DerivedCoreProperties.txt 17.0.0.
_IGNORABLE = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
# Characters that are blank without being ignorable: of Braille, musical, Khitan and Egyptian notation.
# U+0640 and U+07FA only stretch Arabic and N'Ko words.
_BLANK = {0x0640, 0x07FA, 0x2800, 0x1D159, 0x16FE4, 0x13441, 0x13442}


class CharacterTable(dict[int, str]):
    """A table for `str.translate` that is computed as characters occur."""

    def __init__(self, becomes: Callable[[str], str]) -> None:
        super().__init__()
        self._becomes = becomes

    def __missing__(self, code: int) -> str:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[code] = becomes = self._becomes(chr(code))
        return becomes


def is_unseen(character: str) -> bool:
    """Tell whether a character leaves no trace in a text. Spaces do, except for control characters."""
    code, category = ord(character), unicodedata.category(character)
    if category == "Cc":
        return not character.isspace()
    return category == "Cf" or code in _BLANK or any(first <= code <= last for first, last in _IGNORABLE)


def is_unspaced(character: str) -> bool:
    """Tell whether a character is of a script that doesn't separate words by spaces."""
    code = ord(character)
    if code < 0x0E00:  # noqa: PLR2004 - Thai is the first such block
        return False
    if any(first <= code <= last for first, last in _HAN_AND_HANGUL):
        return True
    return unicodedata.category(character)[0] in "LM" and unicodedata.name(character, "").startswith(_UNSPACED)


def _bare(character: str) -> str:
    """Drop accents, frames and what can't be seen from decomposed text.

    Accents are marks above, below and through letters, and Hebrew and Arabic points. The vowels of Indic scripts and
    the mark that turns か into が are not.
    """
    mark = unicodedata.combining(character)
    accent = mark == 1 or 10 <= mark <= 36 or mark >= 200  # noqa: PLR2004 - Unicode's combining classes
    if accent or unicodedata.category(character) == "Me" or is_unseen(character):
        return ""
    return _SAME.get(character, character)


_BARE = CharacterTable(_bare)


def visible(text: str) -> str:
    """Return what is left of decomposed text without accents, frames and what can't be seen."""
    return text.translate(_BARE)


def _short(character: str) -> str:
    """Leave out a character that stands for a long word or sentence, such as U+FDFA: a text of it would be endless."""
    return character if len(unicodedata.normalize("NFKD", character)) <= _LONGEST_DECOMPOSED else " "


_SHORT = CharacterTable(_short)
# Sorting many marks of one letter would take long; no spelling has more than a few.
_SORTED = frozenset("\u0f73\u0f75\u0f81").union(filter(unicodedata.combining, map(chr, range(0x300, 0x1F000))))
_STACK = re.compile("([{0}]{{{1}}})[{0}]+".format("".join(sorted(_SORTED)), _MOST_MARKS))


def decomposed(text: str) -> str:
    """Return the text in Unicode's form NFKD, in bounded time: stacks of accents are taken off, and of other marks."""
    text = visible(text.translate(_SHORT))
    if not _SORTED.isdisjoint(text):
        text = _STACK.sub(r"\1", text)
    return unicodedata.normalize("NFKD", text)
