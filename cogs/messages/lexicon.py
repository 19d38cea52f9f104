"""The words of lexicon.toml, made ready to be looked for. Pure.

Text and words are cut into the same tokens (`studio.moderation.tokens`): runs of letters and digits without case and
accents, and single characters of Chinese and Japanese. So "C’est", "c'est" and "C'EST" are the same words.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = Path(__file__).with_name("lexicon.toml")


class Lexicon:
    """Every list has the words of all languages: nobody says in which one they write."""

    def __init__(self, path: Path = FILE) -> None:
        self._languages: dict[str, dict[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))
        self.all_pictures = tuple(self._words("all_pictures"))
        self.conjunctions = tuple(self._words("conjunctions"))

    def _words(self, name: str) -> Iterator[str]:
        for lists in self._languages.values():
            yield from filter(None, map(str.strip, lists.get(name, "").split(",")))


LEXICON = Lexicon()
