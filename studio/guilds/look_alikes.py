"""Reads text as people see it: look-alikes as the letters they stand for, and words across what splits them. Pure.

A *piece* is a run of letters, digits and what looks like them, or one character of a script that doesn't separate
words. It is *disguised* if it has look-alikes that ordinary text doesn't have there: of another script than the rest of
the piece, than both its neighbours or than most of the text; a digit or capital I among small letters, or vv. Only such
pieces are compared by their looks, so that Russian сор isn't cop and burn isn't bum. In scripts without spaces
a word is disguised if it has all letters of a script that stand together: 工口 is エロ, but not in 加工口罩.
A piece is *glued* to the one before if only punctuation, symbols or narrow spaces are between, but no apostrophe of a
contraction ("he'll" isn't hell), or if both are single letters, as in "f o x", or adjacent parts of a Korean syllable.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from studio.guilds.characters import CharacterTable, decomposed, is_unseen, is_unspaced, visible
from studio.guilds.look_alike_table import LOOK_ALIKES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LATIN = "LATIN"
_EAST_ASIAN = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"}
LEAST_ALONE = 5  # letters of a word that looks like another alphabet's whole word by no accident
_APOSTROPHES = "'’‘ʼ`´"
_CONTRACTED = {"s", "t", "d", "m", "ll", "re", "ve"}  # what English has after an apostrophe
_IN_WORDS = {"\u00ad", "\u200c", "\u200d"}  # unseen characters of ordinary spelling
_NARROW = "\u2006\u2008\u2009\u200a\u202f\u205f"  # spaces that can hardly be seen
_LOOKS = {character: letters for letters, alike in LOOK_ALIKES.items() for character in alike}
_LATIN_LOOKS = {character: letters for character, letters in _LOOKS.items() if letters.isascii()}
# Characters that decomposing would turn into something that looks different, as narrow spaces into wide ones.
_COMPOSED = str.maketrans(
    {c: "-" for c in map(chr, range(0x80, 0x2100)) if unicodedata.normalize("NFKD", c)[:-1] == " "}  # accents alone
    | dict.fromkeys(_NARROW, "-")
    | {c: letters for c, letters in _LATIN_LOOKS.items() if unicodedata.normalize("NFKD", c) != c}
)
_SYMBOLS = str.maketrans(dict.fromkeys((c for c in [*_LATIN_LOOKS, "|"] if unicodedata.category(c)[0] in "SP"), "-"))
_SAME = str.maketrans("i1|0", "lllo")  # I, l, 1 and | can't be told apart in many fonts, nor 0 and O
_GAP = "\0"
_PIECE = re.compile(r"w[wm]*|[umj]")


def _kind(character: str) -> str:
    """w: part of a word; u: a word by itself; m: its mark; j: part of a syllable; else what is between words."""
    category = unicodedata.category(character)[0]
    if character in _LATIN_LOOKS or character == "|":
        return "w"
    if character in _APOSTROPHES or 0x02B0 <= ord(character) <= 0x02FF:  # noqa: PLR2004 - Spacing Modifier Letters
        return "'" if character in _APOSTROPHES else "."
    if 0x1100 <= ord(character) <= 0x11FF:  # noqa: PLR2004 - Hangul Jamo
        return "j"
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


def _block(character: str) -> str:
    """Return what the name of a character begins with, which tells Chinese characters from each kana."""
    return unicodedata.name(character, "").partition(" ")[0]


def _unbroken(character: str) -> str:
    """Put a hyphen for a character that isn't seen and has no use within words."""
    return "-" if is_unseen(character) and character not in _IN_WORDS else character


def _jamo(character: str) -> str:
    """Return the letters of a Korean syllable, the same ones at its beginning and its end."""
    return "".join(map(_initial, unicodedata.normalize("NFD", character)))


def _initial(letter: str) -> str:
    """Return a Korean letter, or the several of a cluster, as at the beginning of a syllable."""
    *_, name = unicodedata.name(letter, "").partition("SEONG ")
    try:
        return "".join(unicodedata.lookup(f"HANGUL CHOSEONG {part}") for part in name.split("-"))
    except KeyError:  # a vowel, or one that begins no syllable
        return letter


def _look(character: str) -> str:
    return _LOOKS.get(character) or _LOOKS.get(character.casefold()) or character.casefold()


def _look_without_marks(character: str) -> str:
    """Return how a character looks in a piece of mixed scripts: without another script's vowel signs."""
    alike = _LOOKS.get(character) or _LOOKS.get(character.casefold())
    return alike or "".join(c for c in character.casefold() if unicodedata.category(c)[0] != "M")


_KINDS, _SCRIPTS, _BLOCKS = CharacterTable(_kind), CharacterTable(_script), CharacterTable(_block)
_UNBROKEN, _JAMO = CharacterTable(_unbroken), CharacterTable(_jamo)


def _shadow(character: str) -> str:
    """Return how a character looks at most, or that it separates pieces."""
    kind = _kind(character)
    if kind not in "wumj":
        return _GAP
    return _jamo(character) if _block(character) == "HANGUL" else _look_without_marks(character).translate(_SAME)


_SHADOW = CharacterTable(_shadow)
_SEEN, _SEEN_MIXED = CharacterTable(_look), CharacterTable(_look_without_marks)


class Piece(NamedTuple):
    """plain: in small letters. looks: as the letters that it looks like. glued is explained above.

    disguised: None if it isn't, or how many pieces before and after it must be in the same word.
    """

    plain: str
    looks: str
    disguised: tuple[int, int] | None = None
    glued: bool = False

    def is_disguised_among(self, before: int, after: int) -> bool:
        """Tell whether it counts as disguised in a word that has so many pieces before and after it."""
        return self.disguised is not None and self.disguised[0] <= before and self.disguised[1] <= after


def readings(text: str) -> Iterator[str]:
    """Yield a text as `pieces_of` takes it; also with what else looks like a letter or like nothing between pieces."""
    texts = dict.fromkeys([text, text.translate(_SYMBOLS), text.translate(_UNBROKEN)])
    return (unicodedata.normalize("NFC", visible(decomposed(one.translate(_COMPOSED)))) for one in texts)


def shadow_of(text: str) -> str:
    """Return what all pieces of a text look like together, but for their marks: a quick way to see what isn't there."""
    return _united(text.translate(_SHADOW)).replace(_GAP, "")


def pieces_of(text: str) -> list[Piece]:
    """Split a text, as `readings` has it, into pieces."""
    kinds = text.translate(_KINDS)
    spans = [match.span() for match in _PIECE.finditer(kinds)]
    runs = [text[start:end] for start, end in spans]
    scripts = [_scripts(run) for run in runs]
    ends = [0, *(end for _, end in spans)]
    disguises = list(_disguises(runs, scripts, _together(runs, spans), [kinds[start] for start, _ in spans]))
    return [
        Piece(
            plain=_PLAIN[ord(run)] if len(run) == 1 else _plain(run),
            looks=_looks(run, kinds[start], mixed=len(scripts[at]) > 1),
            disguised=disguises[at],
            glued=at > 0 and _is_glued(kinds[spans[at - 1][0] : end], kinds[ends[at] : start], run),
        )
        for at, (run, (start, end)) in enumerate(zip(runs, spans, strict=True))
    ]


def _disguises(
    runs: Sequence[str], scripts: Sequence[set[str]], together: Sequence[tuple[int, int]], kinds: Sequence[str]
) -> Iterator[tuple[int, int] | None]:
    """Yield what `Piece.disguised` is for each piece."""
    main = _main_script(runs, scripts)
    for at, (run, kind) in enumerate(zip(runs, kinds, strict=True)):
        if kind != "w":
            yield together[at]
        else:
            near = set().union(*scripts[max(at - 1, 0) : at], *scripts[at + 1 : at + 2])
            yield (0, 0) if _is_disguised(run, scripts[at], main, near) else None


def _together(runs: Sequence[str], spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return how many pieces before and after each one stand beside it in the same script, without a gap."""
    found: list[tuple[int, int]] = []
    for at in range(1, len(runs) + 1):
        gap = at == len(runs) or spans[at - 1][1] != spans[at][0]
        if gap or _BLOCKS[ord(runs[at][0])] != _BLOCKS[ord(runs[at - 1][0])]:
            first = len(found)
            found += [(number - first, at - 1 - number) for number in range(first, at)]
    return found


def _scripts(run: str) -> set[str]:
    if run.isascii():
        return {LATIN} if run.upper() != run.lower() else set()
    if len(run) == 1:
        return {script} if (script := _SCRIPTS[ord(run)]) else set()
    return {script for c in run if (script := _SCRIPTS[ord(c)])}


def _plain(run: str) -> str:
    if run.isascii():
        return run.lower()
    return unicodedata.normalize("NFC", visible(decomposed(run.casefold())))


_PLAIN = CharacterTable(_plain)


def _main_script(runs: Sequence[str], scripts: Sequence[set[str]]) -> str:
    """Return the script of most pieces that are certainly of one script; "" if there is no such script."""
    certain = Counter(
        next(iter(found))
        for run, found in zip(runs, scripts, strict=True)
        if len(found) == 1 and (found == {LATIN} or any(c not in _LATIN_LOOKS for c in run.casefold()))
    )
    (first, count), (_, second) = [*certain.most_common(2), ("", 0), ("", 0)][:2]
    return first if count > second else ""


def _is_disguised(run: str, scripts: set[str], main: str, near: set[str]) -> bool:
    """`main`: the script of most of the text; `near`: those of the pieces beside it."""
    if len(scripts) != 1:
        return bool(scripts) or any(c in _LOOKS and unicodedata.category(c)[0] == "S" for c in run)
    is_lonely = bool(near) and not scripts & near
    if scripts == {LATIN}:
        odd = not run.isalpha() or (not run.isascii() and any(c in _LATIN_LOOKS and not c.isascii() for c in run))
        return odd or is_lonely or main not in {"", LATIN} or ("I" in run and not run.isupper()) or "vv" in run.lower()
    if scripts != {main} or is_lonely or any(unicodedata.category(c)[0] not in "LM" for c in run):
        return True
    return len(run) >= LEAST_ALONE and run.translate(_SEEN).isascii()


def _looks(run: str, kind: str, *, mixed: bool) -> str:
    """Return the letters that a piece looks like."""
    if kind != "w":
        return (_JAMO if _BLOCKS[ord(run)] == "HANGUL" else _SEEN)[ord(run)]
    looks = unicodedata.normalize("NFC", run.translate(_SEEN_MIXED if mixed else _SEEN)).translate(_SAME)
    return _united(looks)


def _united(looks: str) -> str:
    """Join what looks like one letter."""
    return looks.replace("rn", "m").replace("vv", "w")


def _is_glued(kinds: str, between: str, run: str) -> bool:
    """`kinds`: of two pieces and what is between them; `run`: the second piece."""
    if "j" in kinds:
        return len(kinds) == 2 + len(between) if kinds[0] == kinds[-1] else not between
    if kinds[0] != "w":
        return False
    if len(kinds) == len(between) + 2:
        return True
    return bool(between) and " " not in between and not ("'" in between and run.lower() in _CONTRACTED)


def joined(pieces: Iterable[Piece]) -> tuple[str, list[int]]:
    """Return what all pieces look like together, and where each begins."""
    looks = [piece.looks for piece in pieces]
    return "".join(looks), [0, *accumulate(map(len, looks))][: len(looks)]
