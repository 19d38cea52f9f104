"""The words of a reply: which of the pictures they mean, and what they ask for. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from cogs.errors import RefusalError
from cogs.ui.language import _, all_of, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

_MENTION = re.compile(r"<@!?(\d{1,20})>")
# What may stand behind them: no letter that would go on the word, but Chinese and Japanese are written without spaces.
_ENDS = r"(?![^\W\u2e80-\u9fff\uf900-\ufaff]|[-'’])\s*[,，、:：]?\s*"
_NUMBERS = re.compile(rf"[#＃](\d{{1,3}}){_ENDS}")
_ALL = re.compile(rf"all{_ENDS}", re.IGNORECASE)


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
        number, last = wrong[0], len(pictures)
        if last == 1:
            raise RefusalError(_("#{number}: that message has one picture; leave the number out.", number=number))
        # Translators: "all" stays as it is: it is what members write, in every language.
        told = _("#{number}: that message has #1 to #{last}; choose one of these, or all.", number=number, last=last)
        raise RefusalError(told)
    return [pictures[number - 1] for number in words.numbers or (1,)]


def which_note(pictures: int, words: Words) -> str:
    """Which of several pictures are meant; and how to mean another, where no choice was made."""
    if pictures < 2:  # noqa: PLR2004 - one is no choice
        return ""
    if words.every:
        return ngettext("All {n} pictures.", "All {n} pictures.", pictures)
    if words.numbers:
        named = all_of(f"#{number}" for number in words.numbers)
        # Translators: which are changed, such as "#1 and #3 of 4 pictures."
        return ngettext("{named} of {n} picture.", "{named} of {n} pictures.", pictures, named=named)
    # Translators: leave #2 and the first "all" as they are: they are what members write, in every language.
    return _("Picture 1 of {n}. For another, begin with #2, or with all for all of them.", n=pictures)
