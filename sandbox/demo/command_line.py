"""Parses the options of a slash command that was typed as text. Pure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]
_OPTION = re.compile(r"(?:^|\s)([a-z_0-9]{1,32}):")
_INTEGER, _BOOLEAN, _NUMBER, _ATTACHMENT = 4, 5, 10, 11


class InvalidInputError(Exception):
    """A line that can't be run; the text says why, and what to type instead."""


def parse_options(text: str, types: Mapping[str, int]) -> tuple[Json, Json]:
    """Parse `prompt:a red fox size:2K reference:in.png` into options and files. Raises: InvalidInputError."""
    starts = [match for match in _OPTION.finditer(text) if match[1] in types]
    if text.strip() and (not starts or text[: starts[0].start()].strip()):
        raise InvalidInputError(f"Write options as name:value. The options are {', '.join(types)}.")
    options: Json = {}
    attachments: Json = {}
    for number, match in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        value = text[match.end() : end].strip()
        if types[match[1]] == _ATTACHMENT:
            attachments[match[1]] = {"path": str(Path(value).resolve())}
        else:
            options[match[1]] = _value(match[1], value, types[match[1]])
    return options, attachments


def _value(name: str, text: str, kind: int) -> Any:
    try:
        match kind:
            case 4:
                return int(text)
            case 10:
                return float(text)
            case 5:
                return {"true": True, "false": False}[text.lower()]
    except (ValueError, KeyError):
        expected = {_INTEGER: "a whole number", _NUMBER: "a number", _BOOLEAN: "true or false"}[kind]
        raise InvalidInputError(f"{name}: “{text}” is not {expected}.") from None
    return text
