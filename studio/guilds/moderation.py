"""Finds blocked words: whole words, whatever their case, accents, width and disguise. Pure.

Text is normalised and split into tokens: a run of letters and digits in scripts that separate words by spaces, a single
character in those that don't (Chinese, Japanese, Thai; and Korean, where particles are attached to words), a single
symbol or emoji. Anything between tokens is ignored. A blocked word is found where its tokens follow one another: "ass"
is not in "grass", "red fox" is in "Red-Fox", and 狐 is in 赤狐. A second pass reads the text as people see it, so that
look-alikes ("fоx", "f0x") and separators ("f-o-x") hide nothing: see `look_alikes.py`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from studio.guilds.characters import CharacterTable, decomposed, is_unspaced, visible
from studio.guilds.look_alikes import joined, pieces_of, readings, shadow_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from studio.guilds.look_alikes import Piece

_EXTENSIONS = {"jpg", "jpeg", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff", "heic", "heif", "avif"}
LEAST_GLUED = 3  # letters of a word that is found across what splits it


def _set_apart(character: str) -> str:
    """Put spaces around a character that is a token of its own; replace one that is part of no token by a space."""
    category = unicodedata.category(character)
    if category[0] == "S" or is_unspaced(character):
        return f" {character} "
    return character if category[0] in "LNM" else " "


_SET_APART = CharacterTable(_set_apart)


def tokens(text: str) -> list[str]:
    """Split a text into normalised tokens."""
    if not text.isascii():
        folded = decomposed(decomposed(text).casefold())
        text = unicodedata.normalize("NFC", visible(folded))
    return visible(text).lower().translate(_SET_APART).split()


class BlockedWords:
    """An index of blocked words. A word without a token, such as "...", is never found."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words: dict[tuple[str, ...], str] = {}
        for word in words:
            self._words.setdefault(tuple(tokens(word)), word)
        self._words.pop((), None)
        self._lengths = _lengths_by_first(self._words)
        self._looks = _Looks(self._words.items())

    def found_among(self, prompt: str, *names: str) -> str | None:
        """Return the first blocked word in a prompt or in names of files, or begun in one and ended in another."""
        if not names:
            return self.found_in(prompt)
        parts = [prompt, *map(_without_extension, names)]
        split = (before + after for before, after in pairwise(parts))
        return self.found_in("\n".join([" ".join(parts), *split, "-".join(parts)]))

    def found_in(self, text: str) -> str | None:
        """Return the first blocked word in a text, as the admin wrote it; None if there is none.

        Words that are written plainly come first.
        """
        if not self._words:
            return None
        return self._plain_in(tokens(text)) or self._looks.found_in(text)

    def _plain_in(self, text_tokens: list[str]) -> str | None:
        if self._lengths.keys().isdisjoint(text_tokens):
            return None
        for at, token in enumerate(text_tokens):
            for length in self._lengths.get(token, ()):
                if word := self._words.get(tuple(text_tokens[at : at + length])):
                    return word
        return None


def _without_extension(name: str) -> str:
    stem, _, extension = name.rpartition(".")
    return stem if stem and extension.casefold() in _EXTENSIONS else name


def _lengths_by_first(keys: Iterable[Sequence[str]]) -> dict[str, list[int]]:
    """Group the lengths of keys by their first item, the shortest first."""
    lengths: dict[str, list[int]] = {}
    for first, length in sorted({(key[0], len(key)) for key in keys}):
        lengths.setdefault(first, []).append(length)
    return lengths


@dataclass(frozen=True, slots=True)
class _Look:
    """How a word looks. plain: its tokens together. bounds: where all but its first piece begin."""

    word: str
    plain: str
    letters: int
    bounds: frozenset[int]


class _Looks:
    """An index of words by what they look like. A word with symbols has no look but its own."""

    def __init__(self, words: Iterable[tuple[tuple[str, ...], str]]) -> None:
        self._looks: dict[str, list[_Look]] = {}
        for key, word in words:
            pieces = pieces_of(next(readings(word.casefold())))
            plain = "".join(key)
            if plain == "".join(piece.plain for piece in pieces):
                text, starts = joined(pieces)
                look = _Look(word, plain, max(len(text), len(plain)), frozenset(starts[1:]))
                self._looks.setdefault(text, []).append(look)
        self._looks.pop("", None)
        self._shadows = {shadow_of(look) for look in self._looks}
        self._lengths = _lengths_by_first(self._looks)

    def found_in(self, text: str) -> str | None:
        """Return the first word that the text looks to have; None if there is none."""
        if not self._looks:
            return None
        return next(filter(None, map(self._found_in, readings(text))), None)

    def _found_in(self, text: str) -> str | None:
        shadow = shadow_of(text)
        if not any(word in shadow for word in self._shadows):
            return None
        return self._found_among([piece for piece in pieces_of(text) if piece.looks])

    def _found_among(self, pieces: list[Piece]) -> str | None:
        whole, starts = joined(pieces)
        number_at = {start: number for number, start in enumerate([*starts, len(whole)])}
        for number, start in enumerate(starts):
            for length in self._lengths.get(whole[start], ()):
                looks = self._looks.get(whole[start : start + length])
                end = number_at.get(start + length)
                if looks is None or end is None:
                    continue
                bounds = {starts[inner] - start: pieces[inner].glued for inner in range(number + 1, end)}
                for look in looks:
                    if _is_divided_as(look, bounds) and _is_written_as(look, pieces[number:end]):
                        return look.word
        return None


def _is_divided_as(look: _Look, bounds: dict[int, bool]) -> bool:
    """Tell whether pieces begin where the word's do, or are glued."""
    split = bounds.keys() - look.bounds
    if look.bounds - bounds.keys() or not all(bounds[at] for at in split):
        return False
    return not split or look.letters >= LEAST_GLUED


def _is_written_as(look: _Look, pieces: Sequence[Piece]) -> bool:
    """Tell whether pieces are written as the word is, or disguised."""
    plain = "".join(piece.plain for piece in pieces)
    if plain == look.plain:
        return True
    last = len(pieces) - 1
    return look.letters > 1 and (
        any(piece.is_disguised_among(at, last - at) for at, piece in enumerate(pieces))
        or (plain.isascii() and not plain.isalpha() and not plain.isdecimal())
    )


@lru_cache(maxsize=256)
def blocked_words(words: tuple[str, ...]) -> BlockedWords:
    """Return the index of a list of words, built once per list."""
    return BlockedWords(words)
