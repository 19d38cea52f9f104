"""Tells instructions from chat, which is never charged. Pure.

    reply = parse_reply(content, ...)
    typed = parse_options(reply.text)
    intent_of(reply, typed) -> Intent

INSTRUCTION runs at once, UNSURE gets a button, HELP gets the help card. The words that tell them apart are in
lexicon.toml. If two readings are possible it is UNSURE: a press costs less than a picture that nobody wanted.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from cogs.messages.lexicon import LEXICON, words_of

if TYPE_CHECKING:
    from cogs.messages.reply_parser import ParsedReply
    from cogs.requests.typed_options import TypedOptions

_READ = 1000  # characters; the start and the end of a text decide
SHORT = 3  # words; a Chinese or Japanese character counts as half a word

_VERBS = LEXICON.phrases("verbs", "prefixes")
_ENDINGS = LEXICON.phrases("endings")
_NOT_VERBS = LEXICON.phrases("not_verbs")
_POLITE = LEXICON.phrases("polite")
_CHAT = LEXICON.phrases("chat")
_ANY_CHAT = LEXICON.phrases("chat", "alone", "praise")
_PRAISE = LEXICON.phrases("praise")
_BESIDE_CHAT = LEXICON.phrases("chat", "alone", "praise", "filler")
_STARTS = LEXICON.phrases("starts")
_ASKS = LEXICON.phrases("asks")
_LOOKS = LEXICON.phrases("looks")
_WISHES = LEXICON.phrases("wishes")
_STATES = LEXICON.phrases("states")
_SPEAKER = LEXICON.phrases("speaker")
_HELP = LEXICON.phrases("help")

_NO_WORDS = re.compile(r"^>.*$|https?://\S+|<a?:\w+:\d+>|<[@#][!&]?\d+>|</[^>]*:\d+>|<t:-?\d+(?::\w)?>", re.MULTILINE)
# Letters alone can be a word, such as "#add", unless they are all the same.
_COLOUR = re.compile(r"[#＃](?=[a-f]*[0-9]|([a-f])\1+\b)(?:[0-9a-f]{3}|[0-9a-f]{6})(?![0-9a-z])", re.IGNORECASE)
_ASKED = re.compile(r"[?？][\W_]*$")
_LAUGHTER = re.compile(
    r"(?:[hj]+[aeiou]+){2,}[hj]*|k{3,}|w{2,}|(?:rs){2,}|x+d+|l+o+l+|lma+o+|m+d+r+|6{3,}|23{2,}|8{3,}"
)
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_UNSPACED = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_KNOWN = LEXICON.vocabulary()


class Intent(StrEnum):
    INSTRUCTION = "instruction"
    UNSURE = "unsure"
    HELP = "help"


def intent_of(reply: ParsedReply, typed: TypedOptions) -> Intent:
    """Return the most probable intent of a message."""
    text = Text(typed.prompt)
    if text.words in _HELP or (not typed.any and not typed.prompt.strip("?？!！ \n") and reply.mentioned):
        return Intent.HELP
    if text.is_instruction:
        return Intent.INSTRUCTION
    pointed = typed.any or bool(reply.numbers) or reply.every or reply.mentioned
    if pointed and (typed.any or not (text.is_nothing_but_chat or text.is_question)):
        return Intent.INSTRUCTION
    return Intent.INSTRUCTION if text.changes_picture else Intent.UNSURE


class Text:
    """A member's text without links, quotes and mentions."""

    def __init__(self, text: str) -> None:
        if len(text) > _READ:
            text = f"{text[: _READ // 2]} {text[-_READ // 2 :]}"
        self._text = _NO_WORDS.sub(" ", text)
        self.words = tuple(map(_plain, words_of(self._text)))

    @cached_property
    def is_instruction(self) -> bool:
        """Whether it begins with an editing verb, or ends with one in Japanese.

        "can you draw it?" is an instruction, "draw what?" isn't.
        """
        polite = _POLITE.after(self.words)
        words = self.words[polite:]
        if not words or _is_no_verb(words) or (self._ends_as_question and not polite):
            return False
        return self._begins_with_verb(words) or _ends_with_verb(words)

    def _begins_with_verb(self, words: tuple[str, ...]) -> bool:
        """Return whether a verb is first and no statement: "crop looks good" is about a crop."""
        n = _VERBS.at(words)
        return n > 0 and not _STATES.at(words, n)

    @cached_property
    def is_question(self) -> bool:
        return self._ends_as_question or _ASKS.at(self.words) > 0

    @property
    def _ends_as_question(self) -> bool:
        return _ASKED.search(self._text) is not None

    @cached_property
    def is_nothing_but_chat(self) -> bool:
        """Whether it has only thanks, praise, laughter or emoji, so nothing that could be painted."""
        at = 0
        while at < len(self.words):
            n = _BESIDE_CHAT.at(self.words, at) or int(_is_laughter(self.words[at]))
            if n == 0:
                return False
            at += n
        return not self.words or _ANY_CHAT.anywhere(self.words) or any(map(_is_laughter, self.words))

    @cached_property
    def changes_picture(self) -> bool:
        """Whether words without a verb, in a reply without a mention, can only mean a change.

        A short text has to say what should look how: "white background" is a request, "darker" can be praise.
        """
        if self.is_question or self._is_chat:
            return False
        looks = _LOOKS.count(self.words) >= (2 if self._is_short else 1) or _COLOUR.search(self._text) is not None
        return looks and (_WISHES.anywhere(self.words) or not self._tells)

    @property
    def _tells(self) -> bool:
        """Whether it is about the picture as it is, or about the person who looks at it."""
        return any(phrases.anywhere(self.words) for phrases in (_PRAISE, _STATES, _SPEAKER))

    @property
    def _is_chat(self) -> bool:
        spoken = any(map(_is_laughter, self.words)) or _CHAT.anywhere(self.words)
        return spoken or self.is_nothing_but_chat or _STARTS.at(self.words) > 0 or _PRAISE.at(self.words) > 0

    @property
    def _is_short(self) -> bool:
        return sum(0.5 if _UNSPACED.match(word) else 1 for word in self.words) <= SHORT


def _is_no_verb(words: tuple[str, ...]) -> bool:
    """Return whether it begins with an idiom, or is one word that isn't a verb alone: "draw!" ends a game."""
    n = _NOT_VERBS.at(words)
    return n > 1 or n == len(words)


def _ends_with_verb(words: tuple[str, ...]) -> bool:
    return _ENDINGS.at_end(words) and not _NOT_VERBS.at_end(words)


def _is_laughter(word: str) -> bool:
    return _LAUGHTER.fullmatch(word) is not None


def _plain(word: str) -> str:
    """Undo drawn-out letters: "sooo" is "so", and "cooool" is "cool"."""
    if word in _KNOWN or not _DRAWN_OUT.search(word):
        return word
    shorter = (_DRAWN_OUT.sub(r"\1\1", word), _DRAWN_OUT.sub(r"\1", word))
    return next((candidate for candidate in shorter if candidate in _KNOWN), word)
