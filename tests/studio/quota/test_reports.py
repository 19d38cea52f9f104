"""Periods and figures of reports."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from studio.quota.reports import Report, Totals, Use, dates_bounds, dates_of, last_days
from studio.quota.windows import Bounds, Window, window_bounds

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kolkata", "Africa/Cairo"])


@given(st.integers(1, 90), st.integers(1_300_000_000, 2_000_000_000), ZONES.map(ZoneInfo))
def test_the_last_days_follow_one_another_up_to_now(count, now, zone):
    days = last_days(count, now, zone)
    assert len(days) == count
    assert days[-1].end == now
    assert all(one.end == after.start for one, after in pairwise(days))
    assert all(window_bounds(Window.DAY, one.start, zone).start == one.start for one in days)
    dates = dates_of(days, zone)
    assert list(dates) == sorted(set(dates))


@given(st.dates(date(2015, 1, 1), date(2999, 12, 31)), ZONES.map(ZoneInfo))
def test_a_day_is_from_midnight_to_midnight(day, zone):
    start, end = dates_bounds(day, day, zone)
    assert 0 <= end - start <= 49 * 3600
    if end > start:  # Apia left a day out
        assert datetime.fromtimestamp(start, zone).date() == day


def test_use_is_summed_by_model_and_day():
    use = (Use(0, "a", 1, 2), Use(1, "a", 1, 2), Use(1, "b", 9, 9))
    found = Report(
        days=(date(2026, 1, 1), date(2026, 1, 2)),
        bounds=Bounds(0, 1),
        use=use,
        members=(),
        totals=Totals(3, 11, 13, 0, 1),
    )
    assert found.by_model == {"b": (0, 9), "a": (2, 2)}
    assert list(found.by_model) == ["b", "a"]
    assert found.busiest == (date(2026, 1, 2), 11)
