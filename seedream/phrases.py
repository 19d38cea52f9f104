"""Sentences that can be said in other languages too.

A `Phrase` is its English text, and remembers the template and the values that it was made of. Whoever has a translation
of the template says it with the same values; everybody else uses it as the `str` that it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

JSON = str | dict[str, Any]


class Phrase(str):
    """`template`: with `{names}` of values, which may be phrases themselves; whole numbers get their commas.

    Of a phrase about a number, `n` is that number, `template` is for one, and `many` for others.
    """

    __slots__ = ("many", "n", "template", "values")

    template: str
    many: str
    n: int | None
    values: Mapping[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Self:
        return cls._made(template, "", None, values)

    @classmethod
    def counted(cls, one: str, many: str, n: int, /, **values: Any) -> Self:
        """A phrase about a number, which is `{n}` in it."""
        return cls._made(one, many, n, values)

    @classmethod
    def _made(cls, template: str, many: str, n: int | None, values: Mapping[str, Any]) -> Self:
        shown = {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
        chosen = template if n in {None, 1} else many
        phrase = super().__new__(cls, chosen.format(**shown, n=n))
        phrase.template, phrase.many, phrase.n, phrase.values = template, many, n, values
        return phrase


class OneOf(str):
    """Several words of which one is meant: "2K, 3K or 4K"."""

    __slots__ = ("words",)

    words: tuple[str, ...]

    def __new__(cls, words: Iterable[str]) -> Self:
        listed = tuple(words)
        *most, last = listed
        text = super().__new__(cls, f"{', '.join(most)} or {last}" if most else last)
        text.words = listed
        return text


def to_json(text: str) -> JSON:
    """A text as JSON; of a phrase, what it was made of."""
    if isinstance(text, OneOf):
        return {"one_of": [to_json(word) for word in text.words]}
    if not isinstance(text, Phrase):
        return text
    values = {name: to_json(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return {"say": text.template, "many": text.many, "n": text.n, "with": values}


def from_json(data: JSON) -> str:
    """The text that `to_json` wrote. Raises: KeyError, TypeError, ValueError for anything else."""
    if not isinstance(data, dict):
        return str(data)
    if "one_of" in data:
        return OneOf(map(from_json, data["one_of"]))
    values = {name: value if isinstance(value, int) else from_json(value) for name, value in data["with"].items()}
    say, many, n = data["say"], data["many"], data["n"]
    return Phrase(say, **values) if n is None else Phrase.counted(say, many, n, **values)
