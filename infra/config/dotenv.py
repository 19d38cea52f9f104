""".env files as people leave them: with a byte order mark, Windows line ends, quotes, comments and slips."""

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
    """Names and values; a file that is not there has none, and of a name given twice the last counts.

    Values are taken as they stand: a `$` in a token means itself. Raises: UnreadableFileError.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        raise UnreadableFileError([f"{file} is not in UTF-8; save it again in that encoding."]) from None
    except OSError as error:
        raise UnreadableFileError([f"{file} can't be read: {error.strerror}."]) from None
    bindings = list(parse_stream(io.StringIO(text)))
    # What stands in a broken line may be a secret: the line is numbered, not shown.
    broken = [one.original.line for one in bindings if one.error or (one.key and one.value is None)]
    if broken:
        raise UnreadableFileError([f"{file}, line {line}: it is not of the form NAME=value." for line in broken])
    return {one.key: one.value for one in bindings if one.key and one.value is not None}
