"""The ledger as a CSV file, for spreadsheets."""

from __future__ import annotations

import asyncio
import csv
import io
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from studio.quota.ledger import Charge

MAX_BYTES = 10 * 2**20  # a bot's upload limit in every server
COLUMNS = ("time", "user_id", "user", "model", "images", "price", "credits", "from_grants", "state", "job")

# A spreadsheet runs a cell that starts like this as a formula, and a member may be called =HYPERLINK(...). NFKC folds
# the full-width and small forms of these; the last is the minus sign of mathematics.
_FORMULA = frozenset("=+-@−")
# What begins a cell, depending on the delimiter and the quotes that a spreadsheet is set to.
_DELIMITERS = frozenset(',;|"')
_NOTE_BYTES = 300
_ROWS_BETWEEN_YIELDS = 100  # about a millisecond's work


class LedgerExport:
    """A CSV file of at most `max_bytes`: UTF-8 with the byte order mark that Excel needs, times in UTC.

    `add` charges, oldest first, until it returns False; `finish` returns the file. `rows`: how many are in it. `cut`:
    whether some didn't fit, which the last line then says.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes - _NOTE_BYTES
        self._file = io.BytesIO()
        self._file.write(b"\xef\xbb\xbf" + _line(COLUMNS))
        self._last = ""
        self.rows = 0
        self.cut = False

    def add(self, charge: Charge, name: str = "") -> bool:
        """Write a row; False if it doesn't fit. `name`: the member's, if known."""
        time = _iso(charge.at)
        state = "settled" if charge.settled else "reserved"
        line = _line(
            (
                time,
                charge.user_id,
                _as_text(name),
                _as_text(charge.model),
                charge.images,
                charge.price,
                charge.amount,
                charge.from_grants,
                state,
                _as_text(charge.job_id),
            )
        )
        if self.cut or self._file.tell() + len(line) > self._max_bytes:
            self.cut = True
            return False
        self._file.write(line)
        self._last = time
        self.rows += 1
        return True

    def finish(self) -> bytes:
        if self.cut:
            since = f" Export from {self._last} on for the rest." if self._last else ""
            self._file.write(_line((f"Cut here: {self.rows} rows fit into one file.{since}",)))
        return self._file.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCsv:
    """A file and its totals. `cut`: not all charges fit."""

    data: bytes
    rows: int
    images: int
    credits: int
    cut: bool


async def ledger_csv(
    charges: AsyncIterator[Charge], names: Mapping[int, str], *, max_bytes: int = MAX_BYTES
) -> LedgerCsv:
    """Write charges, given oldest first, with the names of members where known."""
    file, images, credits_ = LedgerExport(min(max_bytes, MAX_BYTES)), 0, 0
    async for charge in charges:
        if not file.add(charge, names.get(charge.user_id, "")):
            break
        images, credits_ = images + charge.images, credits_ + charge.amount
        if file.rows % _ROWS_BETWEEN_YIELDS == 0:
            await asyncio.sleep(0)  # let other tasks run
    return LedgerCsv(data=file.finish(), rows=file.rows, images=images, credits=credits_, cut=file.cut)


def _line(cells: tuple[object, ...]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    # Half of a surrogate pair can't be encoded in UTF-8.
    return text.getvalue().encode("utf-8", "replace")


def _as_text(text: str) -> str:
    """One line that no spreadsheet runs, at whatever delimiter it cuts: an apostrophe marks what follows as text."""
    written: list[str] = []
    start: int | None = 0  # of a cell that has had no visible character yet
    for character in _one_line(text):
        if start is not None and unicodedata.normalize("NFKC", character)[0] in _FORMULA:
            written.insert(start, "'")
        written.append(character)
        if character in _DELIMITERS:
            start = len(written)
        elif not _is_invisible(character):
            start = None
    return "".join(written)


def _one_line(text: str) -> str:
    """Tabs are delimiters too, and end as spaces like all control characters."""
    line = " ".join(text.replace("\0", "").splitlines())
    return "".join(" " if unicodedata.category(character) == "Cc" else character for character in line)


def _is_invisible(character: str) -> bool:
    """Whether a spreadsheet may skip it at the start of a cell."""
    return character.isspace() or unicodedata.category(character) == "Cf"


def _iso(at: float) -> str:
    """2026-05-13T12:00:00Z"""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
