"""Finds blocked words: whole words, whatever their case, accents and width. Pure.

Text is normalised and split into tokens: a run of letters and digits in scripts that separate words by spaces, a single
character in those that don't (Chinese, Japanese, Thai; and Korean, where particles are attached to words), a single
symbol or emoji. Anything between tokens is ignored. A blocked word is found where its tokens follow one another: "ass"
is not in "grass", "red fox" is in "Red-Fox", and 狐 is in 赤狐.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MOST_REMEMBERED = 10_000  # characters; a text made to hold more of them empties the tables
_STROKES = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i"}  # letters that no normal form decomposes
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN", "YI")
_HAN_AND_HANGUL = ((0x3400, 0x9FFF), (0xAC00, 0xD7A3), (0x20000, 0x3FFFF))


class _Table(dict[int, str]):
    """A table for `str.translate` that is computed as characters occur."""

    def __init__(self, becomes: Callable[[str], str]) -> None:
        super().__init__()
        self._becomes = becomes

    def __missing__(self, code: int) -> str:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[code] = becomes = self._becomes(chr(code))
        return becomes


def _bare(character: str) -> str:
    """Drop accents and invisible characters from decomposed text.

    Accents are marks above, below and through letters, and Hebrew and Arabic points. The vowels of Indic scripts and
    the mark that turns か into が are not.
    """
    mark = unicodedata.combining(character)
    accent = mark == 1 or 10 <= mark <= 36 or mark >= 200  # noqa: PLR2004 - Unicode's combining classes
    if accent or unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f" or character == "\u034f":
        return ""
    return _STROKES.get(character, character)


def _set_apart(character: str) -> str:
    """Put spaces around a character that is a token of its own; replace one that is part of no token by a space."""
    category = unicodedata.category(character)
    if category[0] == "S" or _unspaced(character):
        return f" {character} "
    return character if category[0] in "LNM" else " "


def _unspaced(character: str) -> bool:
    code = ord(character)
    if code < 0x0E00:  # noqa: PLR2004 - Thai is the first such block
        return False
    if any(first <= code <= last for first, last in _HAN_AND_HANGUL):
        return True
    return unicodedata.category(character)[0] in "LM" and unicodedata.name(character, "").startswith(_UNSPACED)


_BARE, _SET_APART = _Table(_bare), _Table(_set_apart)


def tokens(text: str) -> list[str]:
    """Split a text into normalised tokens."""
    if not text.isascii():
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = unicodedata.normalize("NFC", folded.translate(_BARE))
    return text.lower().translate(_SET_APART).split()


class BlockedWords:
    """An index of blocked words. A word without a token, such as "...", is never found."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words: dict[tuple[str, ...], str] = {}
        for word in words:
            self._words.setdefault(tuple(tokens(word)), word)
        self._words.pop((), None)
        self._lengths: dict[str, list[int]] = {}
        for first, length in sorted({(key[0], len(key)) for key in self._words}):
            self._lengths.setdefault(first, []).append(length)

    def found_in(self, text: str) -> str | None:
        """Return the first blocked word in a text, as the admin wrote it; None if there is none."""
        if not self._words:
            return None
        text_tokens = tokens(text)
        if self._lengths.keys().isdisjoint(text_tokens):
            return None
        for at, token in enumerate(text_tokens):
            for length in self._lengths.get(token, ()):
                if word := self._words.get(tuple(text_tokens[at : at + length])):
                    return word
        return None


@lru_cache(maxsize=256)
def blocked_words(words: tuple[str, ...]) -> BlockedWords:
    """Return the index of a list of words, built once per list."""
    return BlockedWords(words)
