"""Amounts and days as admins write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.quota_admin.amounts import amount_of, amounts_offered, dates_offered, range_of
from cogs.texts.refusal import RefusalError
from studio.quota.limits import MOST_AMOUNT, LimitKind

TODAY = date(2026, 3, 14)


@pytest.mark.parametrize(
    ("kind", "text", "amount"),
    [
        (LimitKind.DAY, "50", 50),
        (LimitKind.DAY, " 0 ", 0),
        (LimitKind.MONTH, "1,000", 1000),
        (LimitKind.MONTH, "1 000 000", 1_000_000),
        (LimitKind.MONTH, "1.000", 1000),
        (LimitKind.DAY, "Unlimited", None),
        (LimitKind.AT_ONCE, "no  limit", None),
        (LimitKind.IMAGES, "∞", None),
        (LimitKind.COOLDOWN, "90", 90),
        (LimitKind.COOLDOWN, "90 s", 90),
        (LimitKind.COOLDOWN, "5min", 300),
        (LimitKind.COOLDOWN, "2 hours", 7200),
        (LimitKind.COOLDOWN, "1 D", 86400),
        (LimitKind.COOLDOWN, "none", None),
    ],
)
def test_amounts_are_parsed(kind, text, amount):
    assert amount_of(kind, text) == amount


@pytest.mark.parametrize(
    "text", ["", "five", "-1", "1.5", "1,00", "10 min", "٥", "1e9", "1000000001", "9" * 400, "0x10"]
)
def test_an_invalid_amount_is_refused_with_what_is_accepted(text):
    with pytest.raises(RefusalError, match=r"Use a whole number from 0 to 1,000,000,000, or unlimited\."):
        amount_of(LimitKind.DAY, text)


@given(st.sampled_from(LimitKind), st.text(max_size=40))
def test_any_text_is_an_amount_or_is_refused(kind, text):
    try:
        amount = amount_of(kind, text)
    except RefusalError:
        return
    assert amount is None or 0 <= amount <= MOST_AMOUNT


@given(st.sampled_from([None, *LimitKind]), st.text(max_size=100))
def test_every_suggested_amount_is_valid(kind, typed):
    offered = amounts_offered(kind, typed)
    assert len(offered) == len(set(offered)) <= 25
    for name, value in offered:
        amount_of(kind or LimitKind.DAY, name)
        amount_of(kind or LimitKind.DAY, value)
        assert 1 <= len(name) <= 100


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        (None, None, ("2026-03-01", "2026-03-14")),
        ("2026-02-03", None, ("2026-02-03", "2026-03-14")),
        (None, "2026-02-03", ("2026-02-01", "2026-02-03")),
        (" 2024-02-29 ", "2024-02-29", ("2024-02-29", "2024-02-29")),
    ],
)
def test_days_are_parsed(since, until, days):
    assert tuple(map(str, range_of(since, until, TODAY))) == days


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        ("14.3.2026", None, "since: “14.3.2026” isn't a valid date"),
        (None, "2026-02-30", "until: “2026-02-30” isn't a valid date"),
        ("2026-W01-1", None, "isn't a valid date"),
        ("0001-01-01", None, "isn't a valid date"),
        (None, "9999-12-31", "isn't a valid date"),
        ("2026-03-15", None, "2026-03-15 is after 2026-03-14"),
    ],
)
def test_invalid_days_are_refused(since, until, words):
    with pytest.raises(RefusalError, match=words):
        range_of(since, until, TODAY)


def test_suggested_days_match_what_is_typed_and_are_valid():
    assert dates_offered("last month", TODAY) == [
        ("2026-02-28 (last day of last month)", "2026-02-28"),
        ("2026-02-01 (first day of last month)", "2026-02-01"),
    ]
    for _, value in dates_offered("", TODAY):
        range_of(value, None, TODAY)
