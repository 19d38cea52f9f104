"""What a member wrote, as pictures that they named and as words. Pure.

    parse_reply(content, numbers=pictures.keys(), bot_id=..., role_id=...) -> ParsedReply
    chosen(pictures, reply) -> list     of pictures by their numbers, such as `numbered(found)`
    which_note(numbers, reply) -> str   the line of a result that says which of several pictures it is of

At the head of a text, "#2" names a picture where there is one of that number and a space, comma, colon or the end
follows; "all:" or "all," in any language names every picture. Mentions of the bot are taken out. Everything else is
the prompt, as it was typed.
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
# Chinese and Japanese have no spaces: their letters end a number too, and a particle belongs to it.
_UNSPACED = r"[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]"
_NUMBER = rf"[#＃](?P<n>[1-9１-９][0-9０-９]?)(?=\s|{_SEPARATOR}|{_UNSPACED}|$)[をはの的]?\s*{_SEPARATOR}?\s*"
_FIRST = re.compile(_NUMBER)
_AND = "|".join(map(re.escape, LEXICON.conjunctions))
_FURTHER = re.compile(rf"(?:(?:{_AND})\s*)?{_NUMBER}", re.IGNORECASE)
_ALL = "|".join(re.escape(words).replace(r"\ ", r"\s+") for words in LEXICON.all_pictures)
_EVERY = re.compile(rf"(?:{_ALL})\s*(?:{_SEPARATOR}\s*|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ParsedReply:
    """`text`: the prompt; empty where nothing but pictures was named. `numbers`: the pictures named, in their order;
    none means the first. `every`: all of them. `mentioned`: the bot, in the text.
    """

    text: str
    numbers: tuple[int, ...] = ()
    every: bool = False
    mentioned: bool = False


def parse_reply(
    content: str, *, numbers: Collection[int] = (), bot_id: int = 0, role_id: int | None = None
) -> ParsedReply:
    """`numbers`: of the pictures that there are. `role_id`: the role that Discord manages for the bot."""
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
    """The text, and whether it mentioned the bot. "@bot, make it night" leaves no comma behind."""
    mention = rf"<@!?{bot_id}>" if role_id is None else rf"<@(?:!?{bot_id}|&{role_id})>"
    text, at_the_head = re.subn(rf"^(?:{mention}[\s,，、:：]*)+", "", content.strip())
    text, further = re.subn(rf" ?{mention}(?=(\w)?)", lambda match: " " if match[1] else "", text)
    return text.strip(), at_the_head + further > 0


def numbered(pictures: Iterable[T], first: int = 1) -> dict[int, T]:
    """The pictures of a message by their numbers. `first`: on a later message of a set they go on from there."""
    return dict(enumerate(pictures, start=first))


def chosen(pictures: Mapping[int, T], reply: ParsedReply) -> list[T]:
    """The pictures that are meant: the ones named, all, or the first. Raises: RefusalError."""
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
    """Which of several pictures a result is of; and how to name another, where none was named."""
    if len(numbers) < 2:  # noqa: PLR2004 - one is no choice
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
