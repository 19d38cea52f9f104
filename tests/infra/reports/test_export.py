"""The ledger as a CSV."""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.reports.export import COLUMNS, MAX_BYTES, LedgerExport
from studio.quota.ledger import Charge
from tests.support.ledger_model import settle

if TYPE_CHECKING:
    from collections.abc import Iterator

CHARGE = Charge(
    job_id="k3J-x_9", server_id=1, user_id=11, at=1_778_673_600.9, model="doubao-seedream-4.5", price=2, images=4
)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def exported(*charges: Charge, name: str = "Ada") -> list[dict[str, str]]:
    export = LedgerExport()
    assert all(export.add(charge, name) for charge in charges)
    return rows(export.finish())


def test_a_row_says_it_all():
    assert exported(CHARGE, settle(replace(CHARGE, from_grants=3), 3)) == [
        {
            "time": "2026-05-13T12:00:00Z",
            "user_id": "11",
            "user": "Ada",
            "model": "doubao-seedream-4.5",
            "images": "4",
            "price": "2",
            "credits": "8",
            "from_grants": "0",
            "state": "reserved",
            "job": "k3J-x_9",
        },
        {
            "time": "2026-05-13T12:00:00Z",
            "user_id": "11",
            "user": "Ada",
            "model": "doubao-seedream-4.5",
            "images": "3",
            "price": "2",
            "credits": "6",
            "from_grants": "1",
            "state": "settled",
            "job": "k3J-x_9",
        },
    ]


def test_an_empty_range_has_its_heading():
    export = LedgerExport()
    assert export.finish().decode("utf-8-sig") == ",".join(COLUMNS) + "\r\n"
    assert (export.rows, export.cut) == (0, False)


@given(
    st.lists(
        st.builds(
            Charge,
            job_id=st.just("j"),
            server_id=st.just(1),
            user_id=st.integers(1, 9),
            at=st.floats(0, 4e9),
            model=st.just("m"),
            price=st.integers(0, 9),
            images=st.integers(0, 15),
        ),
        max_size=20,
    )
)
def test_added_up_by_hand_it_is_the_ledgers_sum(charges):
    assert sum(int(row["credits"]) for row in exported(*charges)) == sum(charge.amount for charge in charges)


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "  =1",
        "\r=1",
        "\n=1",
        "＝1",
        "=cmd|' /C calc'!A0",
        '=HYPERLINK("x")',
        "\0=1",
    ],
)
def test_a_name_is_never_a_formula(name):
    told = exported(CHARGE, name=name)[0]["user"]
    assert told.startswith("'")
    assert told.endswith(name.strip("\t\r\n\0")[-1])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a;=1", "a;'=1"),
        ("a\t=1", "a =1"),
        ("a,+1", "a,'+1"),
        ("a|-1", "a|'-1"),
        ('a"=1', "a\"'=1"),
        ("a; \u200b@b", "a;' \u200b@b"),
        ("a;﹦1", "a;'﹦1"),
        ("−1", "'−1"),
        ("\x0b\x1f=1", "'  =1"),
        ("=1;=2", "'=1;'=2"),
    ],
)
def test_a_name_holds_no_formula_behind_a_delimiter(name, told):
    assert exported(CHARGE, name=name)[0]["user"].strip() == told.strip()


def cells(text: str, delimiter: str) -> Iterator[str]:
    """Whatever a spreadsheet may take for a cell: with and without quotes."""
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting):
            yield from row
            yield from (part for cell in row for part in cell.split('"'))


@given(st.text(max_size=50) | st.text("=+-@＝＠﹣−⁼;,|\t\r\n\v\0 \u200b\u3000\"'a", max_size=12))
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_no_cell_is_a_formula_whatever_a_spreadsheet_takes_for_a_delimiter(delimiter, name):
    export = LedgerExport()
    assert export.add(CHARGE, name)
    for cell in cells(export.finish().decode("utf-8-sig"), delimiter):
        visible = "".join(one for one in cell if not one.isspace() and unicodedata.category(one) not in {"Cc", "Cf"})
        assert not unicodedata.normalize("NFKC", visible).startswith(("=", "+", "-", "@", "−"))


@given(st.text(max_size=50) | st.text("=+-@\t\r\n\0,\"';\ud800", max_size=10))
def test_whatever_a_member_is_called_it_stays_in_its_cell(name):
    told = exported(replace(CHARGE, job_id="-job"), CHARGE, name=name)
    assert len(told) == 2
    assert told[0]["job"] == "'-job"
    for row in told:
        assert len(row) == len(COLUMNS)
        assert None not in row
        assert not row["user"].lstrip().startswith(("=", "+", "-", "@"))


def test_other_names_stay_as_they_are():
    for name in ("Ada", "a=b", "O'Neill", "田中, さくら", 'the "fox"', "🦊"):
        assert exported(CHARGE, name=name)[0]["user"] == name


@given(st.integers(500, 3000))
def test_it_is_never_larger_than_it_may_be_and_says_where_it_was_cut(most):
    export = LedgerExport(most)
    written = 0
    while export.add(replace(CHARGE, at=CHARGE.at + written), "Ada" * (written % 9)):
        written += 1
    assert not export.add(CHARGE)  # nothing small slips in behind what did not fit
    data = export.finish()
    assert len(data) <= most
    assert (export.rows, export.cut) == (written, True)
    told = rows(data)
    assert len(told) == written + 1
    assert told[-1]["time"].startswith(f"Cut here: {written} rows fit into one file.")
    assert not written or told[-2]["time"] in told[-1]["time"]
    assert told[-1]["credits"] is None


def test_a_hundred_thousand_rows_stay_within_discords_limit():
    export = LedgerExport()
    while export.add(CHARGE, "Ada Lovelace"):
        pass
    assert export.rows > 90_000
    assert MAX_BYTES - 1000 < len(export.finish()) <= MAX_BYTES
