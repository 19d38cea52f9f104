"""Reports what in .env isn't the bot's, and what other readers of the file would take differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from check.results import CheckResult
from infra.config.names import other_names
from infra.config.settings import NAMES
from seedream.env_file import read_env_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def env_file_results(file: Path) -> Iterator[CheckResult]:
    """Yield nothing for a file that holds only settings. Raises: UnreadableFileError."""
    content = read_env_file(file)
    if others := other_names(content.values):
        yield CheckResult.ok(
            "other names", f"{', '.join(others)} in {file} aren't settings of this bot and are ignored"
        )
    for name in content.expandable:
        if name.upper() in NAMES:
            yield CheckResult.note(
                name.upper(),
                f"its value in {file} has a $, which Docker Compose would expand: for Compose, put it in single quotes",
            )
