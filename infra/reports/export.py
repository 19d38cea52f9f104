"""The ledger as a CSV file, row by row, for spreadsheets and for whoever adds it up by hand."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from studio.quota.ledger import Charge

MOST_BYTES = 10 * 2**20  # what Discord takes of a bot in any server
COLUMNS = ("time", "user_id", "user", "model", "images", "price", "credits", "from_grants", "state", "job")

# A spreadsheet runs a cell that begins so as a formula: a member may be called =HYPERLINK(...).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NOTE_BYTES = 300
_AT_A_STRETCH = 100  # lines, which take a millisecond


class LedgerExport:
    """A CSV that is never larger than `most_bytes`: UTF-8 with the mark by which Excel knows it, times in UTC.

    `add` charges, oldest first, until it says that no more fit; `finish` gives the file. `rows`: how many are in it;
    `cut`: whether some did not fit, which its last line says too.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes - _NOTE_BYTES
        self._file = io.BytesIO()
        self._file.write(b"\xef\xbb\xbf" + _line(COLUMNS))
        self._last = ""
        self.rows = 0
        self.cut = False

    def add(self, charge: Charge, name: str = "") -> bool:
        """False, and nothing is written, if it does not fit. `name`: what the member is called, if that is known."""
        time = _iso(charge.at)
        state = "settled" if charge.settled else "reserved"
        line = _line(
            (
                time,
                charge.user_id,
                _harmless(name),
                _harmless(charge.model),
                charge.images,
                charge.price,
                charge.amount,
                charge.from_grants,
                state,
                _harmless(charge.job_id),
            )
        )
        if self.cut or self._file.tell() + len(line) > self._most:
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
class Sheet:
    """A file, and what its lines add up to. `cut`: not all charges fitted."""

    data: bytes
    rows: int
    images: int
    credits: int
    cut: bool


async def sheet_of(charges: AsyncIterator[Charge], names: Mapping[int, str], *, most_bytes: int = MOST_BYTES) -> Sheet:
    """Charges, the oldest first, with the names of members as far as they are known."""
    file, images, credits_ = LedgerExport(min(most_bytes, MOST_BYTES)), 0, 0
    async for charge in charges:
        if not file.add(charge, names.get(charge.user_id, "")):
            break
        images, credits_ = images + charge.images, credits_ + charge.amount
        if file.rows % _AT_A_STRETCH == 0:
            await asyncio.sleep(0)  # others have their turn
    return Sheet(data=file.finish(), rows=file.rows, images=images, credits=credits_, cut=file.cut)


def _line(cells: tuple[object, ...]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    # Half of a surrogate pair is no character, and would be no UTF-8.
    return text.getvalue().encode("utf-8", "replace")


def _harmless(text: str) -> str:
    """One line that is shown and never run: an apostrophe before it is how spreadsheets mark text."""
    line = " ".join(text.replace("\0", "").splitlines())
    return f"'{line}" if text.startswith(_FORMULA) or line.lstrip().startswith(_FORMULA) else line


def _iso(at: float) -> str:
    """2026-05-13T12:00:00Z"""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
