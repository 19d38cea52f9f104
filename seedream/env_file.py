"""Reads .env files as people write them: with a byte order mark, Windows line ends, quotes, comments and mistakes.

The bot and the command line both read their settings here, so that one file means the same to both.
"""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dotenv.parser import parse_stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping
    from pathlib import Path

    from dotenv.parser import Binding

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NAME = re.compile(r"[A-Za-z_]\w*")
_LIBRARIES = re.compile(r"PG[A-Z_]+|SSL_CERT_(FILE|DIR)")  # libpq's names, which asyncpg reads too, and OpenSSL's


class UnreadableFileError(Exception):
    """A file that can't be used as it is. Its text has a line for each problem."""


@dataclass(frozen=True, slots=True)
class EnvFile:
    """The content of a .env file. values: names and values as they stand there.

    problems: a sentence for each line that is no setting. broken_names: the names in these lines, in upper case, which
    are probably meant to be set there. expandable: names whose values have a `$` that Docker Compose would expand.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    broken_names: frozenset[str] = frozenset()
    expandable: tuple[str, ...] = ()


def read_env_file(file: Path) -> EnvFile:
    """Read the settings in a file; a missing file has none. Of a name that is set twice, the last value counts.

    Values aren't expanded: a `$` in a token stays one. Raises: UnreadableFileError if the whole file is unreadable.
    """
    bindings = list(parse_stream(io.StringIO(_text(file))))
    broken = [line for line in bindings if line.error or (line.key and line.value is None)]
    return EnvFile(
        {line.key: line.value for line in bindings if line.key and line.value is not None},
        # A broken line may contain a secret, so the sentence gives its number and not its text.
        tuple(f"{file}, line {line.original.line}: write it as NAME=value." for line in broken),
        frozenset(_names(broken)),
        tuple(line.key for line in bindings if line.key and "$" in (line.value or "") and not _is_literal(line)),
    )


def read_settings(file: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return NAME -> value from the file and the environment, which wins. Raises: UnreadableFileError."""
    content = read_env_file(file)
    if content.problems:
        raise UnreadableFileError("\n".join(content.problems))
    return {**given_values(content.values), **given_values(environ)}


def is_for_libraries(name: str) -> bool:
    """Return whether a variable is read by the libraries for TLS or PostgreSQL, such as SSL_CERT_FILE or PGPASSWORD."""
    return _LIBRARIES.fullmatch(name) is not None


def pass_to_libraries(file: Path, environ: MutableMapping[str, str]) -> None:
    """Put the libraries' variables from a .env file into the environment, where they look for them; what is set wins.

    Call it before the first connection. Raises: UnreadableFileError.
    """
    for name, value in read_env_file(file).values.items():
        if value and is_for_libraries(name):
            environ.setdefault(name, value)


def given_values(raw: Mapping[str, str]) -> dict[str, str]:
    """Return NAME -> value: names in upper case, values without the spaces around them, and no empty ones."""
    stripped = {name.upper(): value.strip() for name, value in raw.items()}
    return {name: value for name, value in stripped.items() if value}


def _text(file: Path) -> str:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise UnreadableFileError(f"{file} can't be read: {error.strerror or error}.") from None
    if content.startswith(_UTF_16) or b"\0" in content:
        raise UnreadableFileError(f"{file} is in UTF-16. Save it in UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableFileError(f"{file}, line {line}, is not in UTF-8. Save the file in that encoding.") from None


def _is_literal(line: Binding) -> bool:
    return line.original.string.partition("=")[2].lstrip().startswith("'")


def _names(lines: Iterable[Binding]) -> Iterable[str]:
    for line in lines:
        yield from map(str.upper, _NAME.findall(line.original.string))
