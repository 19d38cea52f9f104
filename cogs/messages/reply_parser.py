"""Parses a reply into the pictures it names and the prompt. Pure.

    parse_reply(content, numbers=pictures.keys(), bot_id=..., role_id=...) -> ParsedReply
    chosen(pictures, reply) -> list     of the pictures meant, from `numbered(images)`
    which_note(numbers, reply) -> str   a note for the result: which of several pictures it is from

At the start of a text, "#2" names a picture if there is one with that number and a space, comma, colon or the end
follows; "all:" or "all," in any language names every picture. Mentions of the bot are removed. Everything else is the
prompt, as it was typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from cogs.i18n.translate import _, all_of, ngettext
from cogs.messages.lexicon import LEXICON
from cogs.texts.refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

T = TypeVar("T")

_SEPARATOR = r"[,，、:：]"
# Chinese and Japanese have no spaces: their characters end a number too, and a particle belongs to it.
_UNSPACED = r"[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]"
_NUMBER = rf"[#＃](?P<n>[1-9１-９][0-9０-９]?)(?=\s|{_SEPARATOR}|{_UNSPACED}|$)[をはの的]?\s*{_SEPARATOR}?\s*"
_FIRST = re.compile(_NUMBER)
_AND = "|".join(map(re.escape, LEXICON.conjunctions))
_FURTHER = re.compile(rf"(?:(?:{_AND})\s*)?{_NUMBER}", re.IGNORECASE)
_ALL = "|".join(re.escape(words).replace(r"\ ", r"\s+") for words in LEXICON.all_pictures)
_EVERY = re.compile(rf"(?:{_ALL})\s*(?:{_SEPARATOR}\s*|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ParsedReply:
    """A parsed reply.

    text: the prompt; empty if only pictures are named. numbers: the named pictures, in their order; none is the first.
    every: all pictures. mentioned: the text mentions the bot.
    """

    text: str
    numbers: tuple[int, ...] = ()
    every: bool = False
    mentioned: bool = False


def parse_reply(
    content: str, *, numbers: Collection[int] = (), bot_id: int = 0, role_id: int | None = None
) -> ParsedReply:
    """Parse a reply. `numbers`: of the existing pictures. `role_id`: of the role that Discord manages for the bot."""
    text, mentioned = _without_mentions(content, bot_id, role_id)
    if match := _EVERY.match(text):
        return ParsedReply(text[match.end() :], every=True, mentioned=mentioned)
    named: dict[int, None] = {}
    end = 0
    while (match := (_FURTHER if named else _FIRST).match(text, end)) and int(match["n"]) in numbers:
        named[int(match["n"])] = None
        end = match.end()
    return ParsedReply(text[end:], tuple(named), mentioned=mentioned)


def _without_mentions(content: str, bot_id: int, role_id: int | None) -> tuple[str, bool]:
    """Return the text without mentions of the bot and the comma after them, and whether there were any."""
    mention = rf"<@!?{bot_id}>" if role_id is None else rf"<@(?:!?{bot_id}|&{role_id})>"
    text, at_the_head = re.subn(rf"^(?:{mention}[\s,，、:：]*)+", "", content.strip())
    text, further = re.subn(rf" ?{mention}(?=(\w)?)", lambda match: " " if match[1] else "", text)
    return text.strip(), at_the_head + further > 0


def numbered(pictures: Iterable[T], first: int = 1) -> dict[int, T]:
    """Number the pictures of a message. `first`: the number to start with, for a later message of a set."""
    return dict(enumerate(pictures, start=first))


def chosen(pictures: Mapping[int, T], reply: ParsedReply) -> list[T]:
    """Return the pictures that a reply means: the named ones, all, or the first. Raises: RefusalError."""
    if reply.every:
        return list(pictures.values())
    numbers = reply.numbers or tuple(pictures)[:1]
    for number in numbers:
        if number not in pictures:
            # Translators: {number} is a number, {numbers} such as "#1 to #3"
            text = _("There's no picture {number}. Use {numbers}.", number=number, numbers=_range(pictures))
            raise RefusalError(text)
    return [pictures[number] for number in numbers]


def _range(numbers: Collection[int]) -> str:
    first, last = min(numbers), max(numbers)
    # Translators: numbers of pictures
    return f"#{first}" if first == last else _("#{first} to #{last}", first=first, last=last)


def which_note(numbers: Collection[int], reply: ParsedReply) -> str:
    """Note which of several pictures a result is from, and how to choose another if none was named."""
    if len(numbers) < 2:  # noqa: PLR2004 - one picture is no choice
        return ""
    if reply.every:
        return ngettext("All {n} pictures.", "All {n} pictures.", len(numbers))
    last = max(numbers)
    if reply.numbers:
        named = all_of(f"#{number}" for number in reply.numbers)
        # Translators: which are changed, such as "#1 and #3 of 4 pictures."
        return ngettext("{named} of {n} picture.", "{named} of {n} pictures.", last, named=named)
    first, other, *_more = numbers
    # Translators: leave "all:" as it is: members of every language can write it. {number} and {other} are numbers.
    return _(
        "Picture {number} of {n}. To choose another, begin with #{other}, or with “all:” for all of them.",
        number=first,
        n=last,
        other=other,
    )
