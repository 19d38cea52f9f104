"""Pictures into files: named after the prompt, with the extension that their content calls for, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from seedream.errors import InvalidRequest, Refusal, UnreadableAnswer
from seedream.image_formats import format_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

_LONGEST_SLUG = 40
_HEAD = 12


def prepare(folder: Path) -> None:
    """Make the folder, before anything is paid for. Raises: InvalidRequest when nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _temporary(folder):
            pass
    except OSError as error:
        allowed = f"pictures can't be written there, {error.strerror}"
        raise InvalidRequest(Refusal("out", str(folder), allowed, "choose another folder")) from error


def slug(prompt: str) -> str:
    """A file name's start: "A red fox, in snow!" -> "a-red-fox-in-snow"."""
    words = "".join(c if c.isalnum() else " " for c in prompt[:200].casefold()).split()
    return "-".join(words)[:_LONGEST_SLUG].strip("-") or "seedream"


async def save(pieces: AsyncIterator[bytes], folder: Path, name: str, number: int) -> Path:
    """Write a picture to folder/name-number.ext, or the next free number: no file is ever overwritten.

    The folder exists (see `prepare`).
    Raises: UnreadableAnswer when it is no picture, OSError when it can't be written; no part of it stays behind.
    """
    head = b""
    with _temporary(folder) as file:
        async for piece in pieces:
            head = head if len(head) >= _HEAD else head + piece[:_HEAD]
            file.write(piece)
        kind = format_of(head)
        if kind is None:
            raise UnreadableAnswer("What the service gave is no picture.")
        file.flush()
        os.fsync(file.fileno())
        file.close()  # Windows renames no open file
        place = _reserved(folder, name, number, kind)
        os.replace(file.name, place)  # noqa: PTH105 - the temporary file's name is text
    return place


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[IO[bytes]]:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", suffix=".part", delete=False) as file:
        try:
            yield file
        finally:
            file.close()
            Path(file.name).unlink(missing_ok=True)


def _reserved(folder: Path, name: str, number: int, kind: str) -> Path:
    """A new, empty file: two runs at once never choose the same one."""
    while True:
        place = folder / f"{name}-{number}.{kind}"
        number += 1
        with contextlib.suppress(FileExistsError):
            place.open("xb").close()
            return place
