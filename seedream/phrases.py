"""Sentences that can be translated later.

A `Phrase` is a `str`, its English text, that remembers the template and the values it was made of. Code that has
translations formats the translated template with the same values; all other code uses the string as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

JSON = str | dict[str, Any]


class Phrase(str):
    """A translatable sentence. template: has `{names}` of values, which may be phrases; whole numbers get commas.

    If the sentence depends on a number, `n` is that number, `template` the singular and `many` the plural.
    """

    __slots__ = ("many", "n", "template", "values")

    template: str
    many: str
    n: int | None
    values: Mapping[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Self:
        return cls._build(template, "", None, values)

    @classmethod
    def counted(cls, singular: str, plural: str, n: int, /, **values: Any) -> Self:
        """Make a phrase that depends on a number, which is `{n}` in it."""
        return cls._build(singular, plural, n, values)

    @classmethod
    def _build(cls, template: str, many: str, n: int | None, values: Mapping[str, Any]) -> Self:
        shown = {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
        chosen = template if n in {None, 1} else many
        phrase = super().__new__(cls, chosen.format(**shown, n=n))
        phrase.template, phrase.many, phrase.n, phrase.values = template, many, n, values
        return phrase


class OneOf(str):
    """A list of alternatives: "2K, 3K or 4K"."""

    __slots__ = ("words",)

    words: tuple[str, ...]

    def __new__(cls, words: Iterable[str]) -> Self:
        listed = tuple(words)
        *most, last = listed
        text = super().__new__(cls, f"{', '.join(most)} or {last}" if most else last)
        text.words = listed
        return text


def to_json(text: str) -> JSON:
    """Return a text as JSON; a phrase with its template and values."""
    if isinstance(text, OneOf):
        return {"one_of": [to_json(word) for word in text.words]}
    if not isinstance(text, Phrase):
        return text
    values = {name: to_json(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return {"say": text.template, "many": text.many, "n": text.n, "with": values}


def from_json(data: JSON) -> str:
    """Return the text that `to_json` wrote. Raises: KeyError, TypeError, ValueError for anything else."""
    if not isinstance(data, dict):
        return str(data)
    if "one_of" in data:
        return OneOf(map(from_json, data["one_of"]))
    values = {name: value if isinstance(value, int) else from_json(value) for name, value in data["with"].items()}
    template, plural, n = data["say"], data["many"], data["n"]
    return Phrase(template, **values) if n is None else Phrase.counted(template, plural, n, **values)
