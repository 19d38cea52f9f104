"""Saves images as files, named after the prompt and with the extension of their format: whole files or none."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from seedream.errors import InvalidOption, InvalidRequest, UnreadableAnswer
from seedream.images import format_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

_MAX_SLUG_LENGTH = 40
_HEAD = 128


def prepare(folder: Path) -> None:
    """Create the folder before anything is paid for. Raises: InvalidRequest if it can't be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _temporary(folder):
            pass
    except OSError as error:
        problem = f"The images can't be saved there: {error.strerror}."
        raise InvalidRequest(InvalidOption("out", str(folder), problem, "Choose another folder.")) from error


def slug(prompt: str) -> str:
    """Return the start of a file name: "a-red-fox-in-snow" for "A red fox, in snow!"."""
    words = "".join(c if c.isalnum() else " " for c in prompt[:200].casefold()).split()
    return "-".join(words)[:_MAX_SLUG_LENGTH].strip("-") or "seedream"


async def save(chunks: AsyncIterator[bytes], folder: Path, name: str, number: int) -> Path:
    """Write an image to folder/name-number.ext, or the next free number, and return its path. Overwrites no file.

    The folder must exist (see `prepare`).
    Raises: UnreadableAnswer if it isn't an image, OSError if it can't be written; no partial file is left.
    """
    head = b""
    with _temporary(folder) as file:
        async for chunk in chunks:
            head = head if len(head) >= _HEAD else head + chunk[:_HEAD]
            file.write(chunk)
        extension = format_of(head)
        if extension is None:
            raise UnreadableAnswer("What the service sent isn't an image.")
        file.flush()
        os.fsync(file.fileno())
        file.close()  # Windows renames no open file
        path = _reserved(folder, name, number, extension)
        os.replace(file.name, path)  # noqa: PTH105 - the temporary file's name is text
    return path


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[IO[bytes]]:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", suffix=".part", delete=False) as file:
        try:
            yield file
        finally:
            file.close()
            Path(file.name).unlink(missing_ok=True)


def _reserved(folder: Path, name: str, number: int, extension: str) -> Path:
    """A new, empty file: two runs at once never choose the same one."""
    while True:
        path = folder / f"{name}-{number}.{extension}"
        number += 1
        with contextlib.suppress(FileExistsError):
            path.open("xb").close()
            return path
