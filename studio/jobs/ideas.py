r"""Finds the ideas in a prompt: "a {red, blue} car in {snow, rain}" are four. Pure.

    read_ideas(text) -> list[Idea]      empty unless there are at least two; raises TooManyIdeasError
    has_ideas(text) -> bool             whether there are several, or too many
    as_words(text) -> str               the text without the backslashes of escaped braces
    as_typed(words) -> str              the text that `as_words` makes these words of, and that has no ideas

Braces are choices only if they hold at least two different ones; commas of other scripts count, empty choices don't.
All others stay words: unbalanced, nested and escaped braces (\{ and \}), and what is JSON or code by a quoted key or a
semicolon. In choices, \, is a comma.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

MOST_IDEAS = 12
MOST_COUNTED = 1_000  # combinations; beyond this, their number doesn't matter
LONGEST_LABEL = 80

_OPENING, _CLOSING = "{｛", "}｝"
_COMMAS = ",，、،﹐﹑､"
_BRACE = re.compile(rf"\\?[{re.escape(_OPENING + _CLOSING)}]")
_ANY_BRACE = re.compile(rf"[{re.escape(_OPENING + _CLOSING)}]")
_COMMA = re.compile(rf"(?<!\\)[{_COMMAS}]")
_ESCAPED_BRACE = re.compile(rf"\\([{re.escape(_OPENING + _CLOSING)}])")
_ESCAPED = re.compile(rf"\\([{re.escape(_OPENING + _CLOSING)}{_COMMAS}])")
_CODE = re.compile(r""";|["'”’]\s?:""")


class TooManyIdeasError(Exception):
    """The prompt has more combinations than MOST_IDEAS. `count`: how many, or MOST_COUNTED if there are more."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} combinations")
        self.count = count


@dataclass(frozen=True, slots=True)
class Idea:
    """One combination. `words`: the whole prompt. `label`: its choices."""

    words: str
    label: str


def read_ideas(text: str) -> list[Idea]:
    """Return the combinations in the order in which they are written. Raises: TooManyIdeasError."""
    between, choices = _split(text)
    count = 1
    for group in choices:
        count = min(count * len(group), MOST_COUNTED)
    if count > MOST_IDEAS:
        raise TooManyIdeasError(count)
    ideas = {idea.words: idea for idea in (_idea(between, chosen) for chosen in product(*choices))}
    return list(ideas.values()) if len(ideas) > 1 else []


def has_ideas(text: str) -> bool:
    try:
        return bool(read_ideas(text))
    except TooManyIdeasError:
        return True


def as_words(text: str) -> str:
    return _ESCAPED_BRACE.sub(r"\1", text)


def as_typed(words: str) -> str:
    """Return what a member types for these words: braces are escaped only if they would be read as something else."""
    is_safe = as_words(words) == words and not has_ideas(words)
    return words if is_safe else _ANY_BRACE.sub(r"\\\g<0>", words)


def _idea(between: list[str], chosen: tuple[str, ...]) -> Idea:
    first, *others = between
    words = "".join([first, *(part for pair in zip(chosen, others, strict=True) for part in pair)])
    label = ", ".join(chosen)
    return Idea(words, label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…")


def _split(text: str) -> tuple[list[str], list[list[str]]]:
    """Return the words before, between and after the groups of choices, and the choices of each group."""
    between, groups, end = [], [], 0
    for start, stop in _balanced(text):
        if choices := _choices(text[start + 1 : stop - 1]):
            between.append(as_words(text[end:start]))
            groups.append(choices)
            end = stop
    return [*between, as_words(text[end:])], groups


def _choices(inside: str) -> list[str]:
    """Return the different choices between two braces; none if these are words."""
    if _CODE.search(inside):
        return []
    choices = dict.fromkeys(_ESCAPED.sub(r"\1", part.strip()) for part in _COMMA.split(inside))
    choices.pop("", None)
    return list(choices) if len(choices) > 1 else []


def _balanced(text: str) -> list[tuple[int, int]]:
    """Return where the pairs of braces begin and end that aren't nested."""
    opened: list[int] = []
    pairs: list[tuple[int, int, bool]] = []  # with whether it has no others in it
    for brace in _BRACE.finditer(text):
        if brace[0] in _OPENING:
            opened.append(brace.start())
        elif brace[0] in _CLOSING and opened:
            start, flat = opened.pop(), True
            while pairs and pairs[-1][0] > start:
                pairs.pop()
                flat = False
            pairs.append((start, brace.end(), flat))
    return [(start, end) for start, end, flat in pairs if flat]
