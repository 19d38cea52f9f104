"""How a setting's value is shown to the operator: in one short line, without secrets."""

from __future__ import annotations

import re

PASSWORD = re.compile(r"(password=)[^&\s]*", re.IGNORECASE)
_MAX_LENGTH = 80


def shown(value: object) -> str:
    """A value as an operator would write it, without a URL's password."""
    line = in_one_line(_without_password(_text(value)))
    return line if len(line) <= _MAX_LENGTH else f"{line[:_MAX_LENGTH]}…"


def in_one_line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case tuple():
            return ",".join(map(str, value))
        case _:
            return str(value)


def _without_password(text: str) -> str:
    head, at, host = text.rpartition("@")
    if at and "://" in head:
        text = f"{head.split('://', 1)[0]}://…@{host}"
    return PASSWORD.sub(r"\1…", text)
