"""Reads options that are typed at the end of a prompt: "a fox --ar 16:9 --n 4". Pure.

    parse_options(text) -> TypedOptions         raises InvalidRequest for a value that no model accepts
    typed.words                                 the prompt to send, with what to leave out
    typed.under(options) -> GenerationOptions   the options of a command or form, then the typed ones
    typed.note() -> str                         names unsupported options; "" if there are none

`cogs.requests.preparation` parses every prompt, so features don't have to. Only messages check whether there are any
options (`typed.any`).

An option begins with two hyphens, or with the dash that phones turn them into. It counts only if nothing but options
follows. One word is its value, valid or not; several words are only if they are a valid value together ("--model 5
lite"). Everything else is the prompt, as it was typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cogs.i18n.translate import all_of, ngettext, sentences
from cogs.requests.option_values import FAMILIAR, FIELDS, WORDED, checked_values, read_value
from seedream.sizes import exact_size, normal_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio.jobs.options import GenerationOptions

# Chinese and Japanese have no spaces, so an option may follow their letters as well.
_UNSPACED = r"\u3001-\u3007\u300c-\u3011\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01\uff09\uff0c\uff1b\uff1f"
_OPTION = re.compile(
    rf"(?:(?<![^\s,;.!?){_UNSPACED}])--|(?<![^\s{_UNSPACED}])(?P<dash>[—–]))"
    r"(?P<name>[A-Za-z][A-Za-z0-9_-]{0,23})(?<![_-])"
    r"(?:\s{0,3}[=＝:：]|(?=[\s.,;，。；、]|$))"
)
_AROUND = " \t\r\n\u3000.,;，。；、"  # a value, where options are listed like words
_STRAY = f"{_AROUND}-—–"
_ENDS = (".", "!", "?", "…", "。", "！", "？")  # a sentence
_CLAUSE_ENDS = re.compile(r"[.!?](?=\s)|[。！？—–\n]")
_NUMBERS = re.compile(r"(?:(?:https?://\S{1,500}|[+-]?\.?[0-9]\S{0,30})(?:\s+|$))+")
_SEVERAL = 2  # words
_LONGEST_VALUE = 60  # characters, of several words
_MOST_NAMED = 5  # options, in a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedOptions:
    """The options typed at the end of a prompt.

    prompt: the text before them. images: how many. optimize: how the prompt is optimized. without: what the picture
    must not show. unknown: unsupported options such as "--v", as they were typed.
    """

    prompt: str
    model: str | None = None
    size: str | None = None
    ratio: str | None = None
    seed: int | None = None
    images: int | None = None
    optimize: str | None = None
    without: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether any option was typed."""
        return self != TypedOptions(prompt=self.prompt)

    @property
    def words(self) -> str:
        """The prompt with a sentence for `without`, because the API has no negative prompt."""
        if not self.without:
            return self.prompt
        prompt = self.prompt.rstrip(" ,;:，；：、")
        stop = "" if not prompt or prompt.endswith(_ENDS) else "."
        return f"{prompt}{stop} Without {self.without}.".lstrip()

    def under(self, options: GenerationOptions) -> GenerationOptions:
        """Fill in what `options` leave open with what was typed. A size in pixels already sets the aspect ratio."""
        size = options.size or (None if options.ratio and _in_pixels(self.size) else self.size)
        return replace(
            options,
            prompt=self.words,
            model=options.model or self.model,
            size=size,
            ratio=options.ratio or (None if _in_pixels(options.size) else self.ratio),
            seed=self.seed if options.seed is None else options.seed,
            group=self.images if options.group is None else options.group,
            optimize_prompt=options.optimize_prompt or self.optimize,
        )

    def note(self) -> str:
        """Name unsupported options, if other bots have them; anything else would repeat a member's words publicly."""
        typed = {name.lower() for name in self.unknown}
        named = sorted(name for name in typed if name.removeprefix("--") in FAMILIAR)[:_MOST_NAMED]
        return sentences(_named_note(named), _others_note(len(typed) - len(named)))


def parse_options(text: str) -> TypedOptions:
    """Split a text into the prompt and the options at its end. Raises: InvalidRequest."""
    typed: dict[str, tuple[str, str]] = {}
    unknown: list[str] = []
    start = None
    for match, value in _trailing(text):
        start, name = match.start(), match["name"]
        if field := FIELDS.get(name.lower()):
            typed.setdefault(field, (name.lower(), value))  # read from last to first, so the last one wins
        else:
            unknown.append(f"--{name}")
    if start is None:
        return TypedOptions(prompt=text)
    named = tuple(dict.fromkeys(reversed(unknown)))
    return TypedOptions(prompt=text[:start].rstrip(), unknown=named, **checked_values(typed))


def _trailing(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Find the options at the end with their values, from last to first."""
    end = len(text)
    for match in reversed(list(_OPTION.finditer(text))):
        written = text[match.end() : end].strip(_AROUND)
        if not _fits(match, written):
            return
        yield match, written.rstrip(_STRAY)
        end = match.start()


def _fits(option: re.Match[str], written: str) -> bool:
    """Return whether the words up to the next option, or to the end, are the option's value."""
    name, value = option["name"].lower(), written.rstrip(_STRAY)
    field, words = FIELDS.get(name), len(value.split(maxsplit=2))
    if option["dash"] and (not words if field else name not in FAMILIAR):
        return False  # the dash belongs to the prompt
    if field == "without":
        return not _CLAUSE_ENDS.search(written)
    if field:
        return words < _SEVERAL or (len(value) <= _LONGEST_VALUE and read_value(field, value) is not None)
    return not words or (words < _SEVERAL and name in WORDED) or bool(_NUMBERS.fullmatch(value))


def _named_note(names: list[str]) -> str:
    options = all_of(f"`{name}`" for name in names)
    # Translators: {options} are options that a member typed, such as "`--v` and `--stylize`".
    return (
        ngettext("{options} isn't supported here.", "{options} aren't supported here.", len(names), options=options)
        if names
        else ""
    )


def _others_note(n: int) -> str:
    # Translators: options such as "--v 6", at the end of a prompt.
    return (
        ngettext("{n} option you typed doesn't exist here.", "{n} options you typed don't exist here.", n) if n else ""
    )


def _in_pixels(size: str | None) -> bool:
    return size is not None and exact_size(normal_size(size)) is not None
