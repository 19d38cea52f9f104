"""Reads text as people see it: look-alikes as the letters they stand for, and words across what splits them. Pure.

A *piece* is a run of letters, digits and what looks like them, or one character of a script that doesn't separate
words. It is *disguised* if it has look-alikes that ordinary text doesn't have there: of another script than the rest of
the piece or than most of the text, or a digit or capital I among small letters. Only such pieces are compared by their
looks, so that Russian сор isn't cop. A piece is *glued* to the one before if only punctuation, symbols or narrow spaces
are between, but no apostrophe or slash ("he'll" isn't hell), or if both are single letters, as in "f o x".
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from studio.guilds.characters import CharacterTable, decomposed, is_unspaced, visible
from studio.guilds.look_alike_table import LOOK_ALIKES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LATIN = "LATIN"
_EAST_ASIAN = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"}
_APART = "'’‘ʼ`´\"“”/"  # between words of ordinary text without a space, such as "I'll" and "and/or"
_NARROW = "\u2006\u2008\u2009\u200a\u202f\u205f"  # spaces that can hardly be seen
_LOOKS = {character: letters for letters, alike in LOOK_ALIKES.items() for character in alike}
# Characters that decomposing would turn into something that looks different, as narrow spaces into wide ones.
_COMPOSED = str.maketrans(
    {c: "-" for c in map(chr, range(0x80, 0x2100)) if unicodedata.normalize("NFKD", c)[:-1] == " "}  # accents alone
    | dict.fromkeys(_NARROW, "-")
    | {c: letters for c, letters in _LOOKS.items() if unicodedata.normalize("NFKD", c) != c}
)
_SYMBOLS = str.maketrans(dict.fromkeys((c for c in [*_LOOKS, "|"] if unicodedata.category(c)[0] in "SP"), "-"))
_SAME = str.maketrans("i1|0", "lllo")  # I, l, 1 and | can't be told apart in many fonts, nor 0 and O
_PIECE = re.compile(r"w[wm]*|[um]")


def _kind(character: str) -> str:
    """w: part of a word; u: a word by itself; m: its mark; space, quote or dot: between words."""
    category = unicodedata.category(character)[0]
    if character in _LOOKS or character == "|":
        return "w"
    if character in _APART or 0x02B0 <= ord(character) <= 0x02FF:  # noqa: PLR2004 - Spacing Modifier Letters
        return "'" if character in _APART else "."
    if category in "LNM":
        return "w" if not is_unspaced(character) else "m" if category == "M" else "u"
    return " " if character.isspace() else "."


def _script(character: str) -> str:
    """Return the script of a letter or mark by its name; "" for other characters."""
    if character.isascii():
        return LATIN if character.isalpha() else ""
    if unicodedata.category(character)[0] not in "LM":
        return ""
    script = unicodedata.name(character, "").partition(" ")[0]
    return "CJK" if script in _EAST_ASIAN else script


def _look(character: str) -> str:
    return _LOOKS.get(character) or _LOOKS.get(character.casefold()) or character.casefold()


def _look_without_marks(character: str) -> str:
    """Return how a character looks in a piece of mixed scripts: without another script's vowel signs."""
    alike = _LOOKS.get(character) or _LOOKS.get(character.casefold())
    return alike or "".join(c for c in character.casefold() if unicodedata.category(c)[0] != "M")


_KINDS, _SCRIPTS = CharacterTable(_kind), CharacterTable(_script)
_SEEN, _SEEN_MIXED = CharacterTable(_look), CharacterTable(_look_without_marks)


@dataclass(frozen=True, slots=True)
class Piece:
    """plain: in small letters. looks: as the letters that it looks like. The rest is explained above."""

    plain: str
    looks: str
    disguised: bool = False
    glued: bool = False


def readings(text: str) -> Iterator[list[Piece]]:
    """Yield the pieces of a text; if it has symbols that look like letters, also with them between pieces."""
    yield pieces_of(text)
    if (bare := text.translate(_SYMBOLS)) != text:
        yield pieces_of(bare)


def pieces_of(text: str) -> list[Piece]:
    """Split a text into pieces."""
    text = unicodedata.normalize("NFC", visible(decomposed(text.translate(_COMPOSED))))
    kinds = text.translate(_KINDS)
    spans = [match.span() for match in _PIECE.finditer(kinds)]
    runs = [text[start:end] for start, end in spans]
    scripts = [_scripts(run) for run in runs]
    main = _main_script(runs, scripts)
    ends = [0, *(end for _, end in spans)]
    return [
        Piece(run, run)
        if kinds[start] != "w"
        else Piece(
            plain=_plain(run),
            looks=_looks(run, mixed=len(found) > 1),
            disguised=_is_disguised(run, found, main),
            glued=at > 0 and _is_glued(kinds[spans[at - 1][0] : end], kinds[ends[at] : start]),
        )
        for at, (run, found, (start, end)) in enumerate(zip(runs, scripts, spans, strict=True))
    ]


def _scripts(run: str) -> set[str]:
    if run.isascii():
        return {LATIN} if run.upper() != run.lower() else set()
    return {script for c in run if (script := _SCRIPTS[ord(c)])}


def _plain(run: str) -> str:
    if run.isascii():
        return run.lower()
    return unicodedata.normalize("NFC", visible(decomposed(run.casefold())))


def _main_script(runs: Sequence[str], scripts: Sequence[set[str]]) -> str:
    """Return the script of most pieces that are certainly of one script; "" if there is no such script."""
    certain = Counter(
        next(iter(found))
        for run, found in zip(runs, scripts, strict=True)
        if len(found) == 1 and (found == {LATIN} or any(c not in _LOOKS for c in run.casefold()))
    )
    (first, count), (_, second) = [*certain.most_common(2), ("", 0), ("", 0)][:2]
    return first if count > second else ""


def _is_disguised(run: str, scripts: set[str], main: str) -> bool:
    if len(scripts) != 1:
        return bool(scripts) or any(c in _LOOKS and unicodedata.category(c)[0] == "S" for c in run)
    if scripts == {LATIN}:
        odd = not run.isalpha() or (not run.isascii() and any(c in _LOOKS and not c.isascii() for c in run))
        return odd or main not in {"", LATIN} or ("I" in run and not run.isupper())
    return scripts != {main} or any(unicodedata.category(c)[0] not in "LM" for c in run)


def _looks(run: str, *, mixed: bool) -> str:
    """Return the letters that a piece looks like."""
    return unicodedata.normalize("NFC", run.translate(_SEEN_MIXED if mixed else _SEEN)).translate(_SAME)


def _is_glued(kinds: str, between: str) -> bool:
    """`kinds`: of two pieces and what is between them."""
    if kinds[0] != "w":
        return False
    return len(kinds) == len(between) + 2 or (bool(between) and not set(between) & set(" '"))


def joined(pieces: Iterable[Piece]) -> tuple[str, list[int]]:
    """Return what all pieces look like together, and where each begins."""
    looks = [piece.looks for piece in pieces]
    return "".join(looks), [0, *accumulate(map(len, looks))][: len(looks)]
