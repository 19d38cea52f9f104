"""Creates .env for `bot.py --init`: asks for the token and the key on the terminal, which doesn't show them."""

from __future__ import annotations

import os
import re
import sys
from getpass import getpass
from typing import TYPE_CHECKING

from infra.config.loading import typing_problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TRIES = 3
_ASKED = {
    "DISCORD_TOKEN": "The bot's token (page Bot at https://discord.com/developers/applications)",
    "SEEDREAM_API_KEY": "The API key of your SeeDream provider",
}
_PLAIN = re.compile(r"[\w.+/=:-]+")


class NotCreatedError(Exception):
    """No file was written. The text says why and what to do."""


def create_env_file(file: Path, example: Path) -> None:
    """Ask for what is required and write it into a copy of `example`, which only this user can read.

    Raises: NotCreatedError.
    """
    if file.exists() or file.is_symlink():
        raise NotCreatedError(_exists(file))
    if not sys.stdin.isatty():
        raise NotCreatedError(
            f"There is no terminal to ask on. Copy {example.name} to {file} and fill in {' and '.join(_ASKED)}."
        )
    print("What you paste here isn't shown.")
    try:
        answers = {name: _ask(name, question) for name, question in _ASKED.items()}
    except EOFError:
        print()
        raise NotCreatedError(f"The input ended, so {file} wasn't written.") from None
    _write(file, _filled(example, answers))


def quoted(value: str) -> str:
    """Write a value so that .env means the same to this bot and to Docker Compose, which would expand a `$`."""
    if _PLAIN.fullmatch(value):
        return value
    return "'{}'".format(value.replace("\\", "\\\\").replace("'", "\\'"))


def _ask(name: str, question: str) -> str:
    for _ in range(TRIES):
        value = getpass(f"{question}: ").strip()
        problem = typing_problem(name, value) if value else f"{name}: nothing was entered."
        if problem is None:
            return value
        print(problem)
    raise NotCreatedError(f"{name}: {TRIES} tries without a valid value, so nothing was written. Run --init again.")


def _filled(example: Path, answers: Mapping[str, str]) -> str:
    """Return the example with the answers in their lines. In an image, which has no example, return only these."""
    blank = "".join(f"{name}=\n" for name in answers)
    text = example.read_text("utf-8") if example.exists() else blank
    lines = (f"{line}{quoted(answers[line[:-1]])}" if line[:-1] in answers else line for line in text.splitlines())
    return "\n".join(lines) + "\n"


def _write(file: Path, text: str) -> None:
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise NotCreatedError(_exists(file)) from None
    except OSError as error:
        raise NotCreatedError(f"{file} can't be written: {error.strerror or error}.") from None


def _exists(file: Path) -> str:
    return f"{file} already exists and stays as it is. Edit it, then run: python bot.py --check"
