"""Reads .env files as people write them: with a byte order mark, Windows line ends, quotes, comments and mistakes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from dotenv.parser import parse_stream

if TYPE_CHECKING:
    from pathlib import Path


class UnreadableFileError(Exception):
    """A file that can't be used as it is; `problems` has a line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_env_file(file: Path) -> dict[str, str]:
    """Read names and values. A missing file has none; of a name that is set twice, the last value counts.

    Values aren't expanded, so that a `$` in a token stays one. Raises: UnreadableFileError.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        raise UnreadableFileError([f"{file} is not in UTF-8. Save it in that encoding."]) from None
    except OSError as error:
        raise UnreadableFileError([f"{file} can't be read: {error.strerror}."]) from None
    bindings = list(parse_stream(io.StringIO(text)))
    # A broken line may contain a secret, so the message gives its number and not its text.
    broken = [line.original.line for line in bindings if line.error or (line.key and line.value is None)]
    if broken:
        raise UnreadableFileError([f"{file}, line {number}: write it as NAME=value." for number in broken])
    return {line.key: line.value for line in bindings if line.key and line.value is not None}
