"""Saves images as files, named after the prompt and with the extension of their format: whole files or none."""

from __future__ import annotations

import contextlib
import os
import tempfile
import unicodedata
from pathlib import Path
from typing import IO, TYPE_CHECKING

from seedream.errors import InvalidOption, InvalidRequest, UnreadableAnswer
from seedream.images import format_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

_MAX_SLUG_LENGTH = 40
_HEAD = 128
_PLAIN_NAME = "seedream"


def prepare(folder: Path) -> None:
    """Create the folder before anything is paid for. Raises: InvalidRequest if it can't be written to."""
    try:
        with _temporary(folder):
            pass
    except (OSError, ValueError) as error:  # a ValueError: no file system has such a name
        problem = f"The images can't be saved there: {getattr(error, 'strerror', None) or error}."
        raise InvalidRequest(InvalidOption("out", str(folder), problem, "Choose another folder.")) from error


def slug(prompt: str, *encodings: str) -> str:
    """Return the start of a file name: "a-red-fox-in-snow" for "A red fox, in snow!".

    It is in ASCII if one of the encodings doesn't have all of its characters. The number that follows it in a name also
    keeps it from being a reserved one on Windows (con, nul).
    """
    text = prompt[:200].casefold()
    if not all(_can_encode(text, encoding) for encoding in encodings):
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = "".join(c if c.isalnum() else " " for c in text).split()
    return "-".join(words)[:_MAX_SLUG_LENGTH].strip("-") or _PLAIN_NAME


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


async def save(chunks: AsyncIterator[bytes], folder: Path, name: str, number: int, unknown: str | None = None) -> Path:
    """Write an image to folder/name-number.ext, or the next free number, and return its path. Overwrites no file.

    unknown: the extension for what isn't recognised as an image, if it is to be kept.
    Raises: UnreadableAnswer if it isn't an image, OSError if it can't be written; no partial file is left.
    """
    head = b""
    with _temporary(folder) as file:
        async for chunk in chunks:
            head = head if len(head) >= _HEAD else head + chunk[:_HEAD]
            file.write(chunk)
        extension = format_of(head) or unknown
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
    folder.mkdir(parents=True, exist_ok=True)  # it may have been removed while the image was made
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
        try:
            path.open("xb").close()
        except FileExistsError:
            number += 1
        except OSError:
            if name == _PLAIN_NAME:
                raise
            name = _PLAIN_NAME  # a file system may have narrower names than the locale
        else:
            return path
