"""Loads the phrases of lexicon.toml and finds them in texts. Pure.

Texts and phrases are split into the same tokens (`studio.guilds.moderation.tokens`): runs of letters and digits without
case and accents, and single characters of Chinese and Japanese. So "C’est", "c'est" and "C'EST" are the same words.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from studio.guilds.moderation import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_LONGEST = 12  # words in a phrase

FILE = Path(__file__).with_name("lexicon.toml")


def words_of(text: str) -> tuple[str, ...]:
    """Return the tokens of a text, without symbols and emoji."""
    return tuple(token for token in tokens(text) if token[0].isalnum())


class Phrases:
    """A set of words and phrases. Searching for all of them takes time in proportion to the text's length."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = {words for words in map(words_of, phrases) if words}
        lengths: dict[str, set[int]] = {}
        for words in self._phrases:
            lengths.setdefault(words[0], set()).add(len(words))
        self._lengths = {first: sorted(sizes, reverse=True) for first, sizes in lengths.items()}

    def __contains__(self, words: tuple[str, ...]) -> bool:
        return words in self._phrases

    def at(self, words: Sequence[str], start: int = 0) -> int:
        """Return the number of words of the longest phrase that begins at `start`; 0 if none does."""
        if start >= len(words):
            return 0
        lengths = self._lengths.get(words[start], ())
        return next((n for n in lengths if tuple(words[start : start + n]) in self._phrases), 0)

    def anywhere(self, words: Sequence[str]) -> bool:
        return any(self.at(words, start) for start in range(len(words)))

    def count(self, words: Sequence[str]) -> int:
        """Count the phrases that don't overlap."""
        start = count = 0
        while start < len(words):
            n = self.at(words, start)
            count += n > 0
            start += n or 1
        return count

    def after(self, words: Sequence[str]) -> int:
        """Return the index after the phrases at the start of the text."""
        start = 0
        while n := self.at(words, start):
            start += n
        return start

    def at_end(self, words: Sequence[str]) -> bool:
        """Return whether the text ends with a phrase and has something before it."""
        starts = range(max(1, len(words) - _LONGEST), len(words))
        return any(tuple(words[start:]) in self._phrases for start in starts)


class Lexicon:
    """The word lists. Each is used with all its languages, because a message doesn't say in which one it is written."""

    def __init__(self, path: Path = FILE) -> None:
        self._languages: dict[str, dict[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))
        self.all_pictures = tuple(self._words("all_pictures"))
        self.conjunctions = tuple(self._words("conjunctions"))

    def phrases(self, *names: str) -> Phrases:
        """Return the phrases of these lists, in every language."""
        return Phrases(word for name in names for word in self._words(name))

    def vocabulary(self) -> frozenset[str]:
        """Return every word of every list."""
        return frozenset(
            word for lists in self._languages.values() for text in lists.values() for word in words_of(text)
        )

    def _words(self, name: str) -> Iterator[str]:
        for lists in self._languages.values():
            yield from filter(None, map(str.strip, lists.get(name, "").split(",")))


LEXICON = Lexicon()
