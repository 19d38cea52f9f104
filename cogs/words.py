"""The words of a reply: which of the pictures they mean, and what they ask for. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from cogs.errors import RefusalError
from cogs.ui.texts import count

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

_MENTION = re.compile(r"<@!?(\d{1,20})>")
_NUMBERS = re.compile(r"#(\d{1,3})(?:\s*,\s*|\s+|$)")
_ALL = re.compile(r"all(?:\s*[,:]\s*|\s+|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """`numbers`: the pictures that were named, from 1; empty means none was, and `every` all of them."""

    text: str
    numbers: tuple[int, ...] = ()
    every: bool = False


def parse_words(content: str, *, bot_id: int = 0) -> Words:
    """ "#2 make it night", "#1 #3 blend them", "all make it night": what stands at the head chooses pictures.

    Mentions of the bot are no words; all else stays as it was written.
    """
    text = _MENTION.sub(lambda match: " " if int(match[1]) == bot_id else match[0], content).strip()
    if match := _ALL.match(text):
        return Words(text[match.end() :].strip(), every=True)
    numbers: list[int] = []
    while match := _NUMBERS.match(text):
        numbers.append(int(match[1]))
        text = text[match.end() :].lstrip()
    return Words(text.strip(), tuple(dict.fromkeys(numbers)))


def chosen(pictures: Sequence[T], words: Words) -> list[T]:
    """The pictures that are meant: the named ones, all, or the first. Raises: RefusalError."""
    if words.every:
        return list(pictures)
    wrong = [number for number in words.numbers if not 1 <= number <= len(pictures)]
    if wrong:
        there = count(len(pictures), "picture")
        choice = "leave the number out" if len(pictures) == 1 else f"choose #1 to #{len(pictures)}, or all"
        raise RefusalError(f"#{wrong[0]}: that message has {there}; {choice}.")
    return [pictures[number - 1] for number in words.numbers or (1,)]


def which_note(pictures: int, words: Words) -> str:
    """Which of several pictures are meant; and how to mean another, where no choice was made."""
    if pictures < 2:  # noqa: PLR2004 - one is no choice
        return ""
    if words.every:
        return f"All {pictures} pictures."
    if words.numbers:
        return f"{' and '.join(f'#{number}' for number in words.numbers)} of {pictures} pictures."
    return f"Picture 1 of {pictures}. For another, begin with #2, or with all for all of them."
