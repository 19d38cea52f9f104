"""The results of checks, and how they are printed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from seedream.troubles import outside_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MAX_NAME_WIDTH = 64  # characters of the first column
_GAP = "  "


class CheckStatus(StrEnum):
    """NOTE: not as expected, but the bot can handle it. UNTRIED: it could not be checked."""

    OK = "ok"
    NOTE = "note"
    FAILED = "failed"
    UNTRIED = "-"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check. name: what was checked. detail: what was found, and what to do about it."""

    name: str
    status: CheckStatus
    detail: str

    @classmethod
    def ok(cls, name: str, detail: str) -> Self:
        return cls(name, CheckStatus.OK, detail)

    @classmethod
    def note(cls, name: str, detail: str) -> Self:
        return cls(name, CheckStatus.NOTE, detail)

    @classmethod
    def failed(cls, name: str, detail: str) -> Self:
        return cls(name, CheckStatus.FAILED, detail)

    @classmethod
    def untried(cls, name: str, detail: str) -> Self:
        return cls(name, CheckStatus.UNTRIED, detail)


def unexpected_error(name: str, error: Exception) -> CheckResult:
    """Return the result of a check that broke, so that the other results are still reported."""
    return CheckResult.failed(name, f"unexpected {type(error).__name__}: {outside_text(str(error))}")


def passed(results: Iterable[CheckResult]) -> bool:
    """Return whether no check has failed."""
    return all(result.status is not CheckStatus.FAILED for result in results)


def format_results(results: Iterable[CheckResult], *, header: tuple[str, str, str] | None = None) -> Iterator[str]:
    """Yield the results as lines with aligned columns."""
    rows = [(result.name, result.status.value, " ".join(result.detail.split())) for result in results]
    rows = [header, *rows] if header else rows
    name_width, status_width = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, status, detail in rows:
        yield _GAP.join((name.ljust(min(name_width, _MAX_NAME_WIDTH)), status.ljust(status_width), detail)).rstrip()


def counted(number: int, thing: str) -> str:
    """Return "1 picture" or "2 pictures"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
