"""What a check found, a row each. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WIDEST_NAME = 64
_GAP = "  "


class State(StrEnum):
    """NOTE: not as expected, and the bot copes. UNTRIED: nobody knows."""

    OK = "ok"
    NOTE = "note"
    FAILED = "failed"
    UNTRIED = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """name: what was checked, or what the bot relies on. detail: what was found, and what to do."""

    name: str
    state: State
    detail: str


def unexpected(name: str, error: Exception) -> Row:
    """For what nobody has thought of: a check says what it finds, also of itself."""
    return Row(name, State.FAILED, f"unexpected {type(error).__name__}: {error}")


def passed(rows: Iterable[Row]) -> bool:
    return all(row.state is not State.FAILED for row in rows)


def lines(rows: Iterable[Row], *, header: tuple[str, str, str] | None = None) -> Iterator[str]:
    """The rows in columns, each on a line of its own."""
    cells = [*([header] if header else []), *((row.name, row.state.value, _flat(row.detail)) for row in rows)]
    widths = [max(len(cell[column]) for cell in cells) for column in (0, 1)]
    for name, state, detail in cells:
        yield _GAP.join((name.ljust(min(widths[0], _WIDEST_NAME)), state.ljust(widths[1]), detail)).rstrip()


def _flat(text: str) -> str:
    return " ".join(text.split())


def counted(number: int, thing: str) -> str:
    """ "1 picture", "2 pictures"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
