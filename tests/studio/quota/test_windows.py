"""The window that a moment lies in, wherever clocks are changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.guilds.time_zones import UnknownZoneError, find_zone, zone_names
from studio.quota.windows import Bounds, Window, window_bounds

HOUR = 3600
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "America/Havana",
    "Asia/Beirut",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Antarctica/Troll",
]
moments = st.floats(1_104_537_600, 2_145_830_400)  # 2005 to 2037
zones = st.sampled_from(ZONES).map(ZoneInfo)


def told(bounds: Bounds, zone: str) -> tuple[str, str]:
    return tuple(datetime.fromtimestamp(moment, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") for moment in bounds)


def at(text: str, zone: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("zone", "now", "hours"),
    [
        ("Europe/Berlin", "2026-03-29 12:00", 23),
        ("Europe/Berlin", "2026-10-25 12:00", 25),
        ("Europe/Berlin", "2026-10-26 12:00", 24),
        ("America/New_York", "2026-03-08 00:30", 23),
        ("America/New_York", "2026-11-01 23:30", 25),
        ("Asia/Kathmandu", "2026-03-29 12:00", 24),
        ("Australia/Lord_Howe", "2026-04-05 12:00", 24.5),
        ("America/Havana", "2026-03-08 12:00", 23),  # midnight is skipped: the day begins at one
        ("America/Havana", "2026-11-01 12:00", 25),  # midnight comes twice: the day begins at the first
        ("Asia/Beirut", "2026-03-29 12:00", 23),
        ("Pacific/Apia", "2011-12-29 12:00", 24),  # the 30th was left out
        ("Pacific/Apia", "2011-12-31 12:00", 24),
    ],
)
def test_a_day_is_as_long_as_clocks_make_it(zone, now, hours):
    bounds = window_bounds(Window.DAY, at(now, zone), ZoneInfo(zone))
    assert bounds.end - bounds.start == hours * HOUR
    assert datetime.fromtimestamp(bounds.start, ZoneInfo(zone)).date().isoformat() == now[:10]


@pytest.mark.parametrize(
    ("window", "zone", "now", "expected"),
    [
        ("day", "Asia/Kathmandu", "2026-05-10 00:00", ("2026-05-10 00:00", "2026-05-11 00:00")),
        ("day", "Asia/Kathmandu", "2026-05-09 23:59", ("2026-05-09 00:00", "2026-05-10 00:00")),
        ("week", "Europe/Berlin", "2026-03-29 23:59", ("2026-03-23 00:00", "2026-03-30 00:00")),
        ("week", "Europe/Berlin", "2026-03-30 00:00", ("2026-03-30 00:00", "2026-04-06 00:00")),
        ("week", "America/New_York", "2026-01-01 12:00", ("2025-12-29 00:00", "2026-01-05 00:00")),
        ("month", "America/New_York", "2026-12-31 23:59", ("2026-12-01 00:00", "2027-01-01 00:00")),
        ("month", "Europe/Berlin", "2028-02-29 12:00", ("2028-02-01 00:00", "2028-03-01 00:00")),
        ("month", "Europe/Berlin", "2026-02-28 23:59", ("2026-02-01 00:00", "2026-03-01 00:00")),
        ("month", "Pacific/Apia", "2011-12-31 12:00", ("2011-12-01 00:00", "2012-01-01 00:00")),
    ],
)
def test_weeks_begin_on_mondays_and_months_end_when_they_do(window, zone, now, expected):
    assert told(window_bounds(Window(window), at(now, zone), ZoneInfo(zone)), zone) == expected


def test_the_same_moment_lies_in_different_days():
    now = at("2026-05-10 23:00", "UTC")
    assert told(window_bounds(Window.DAY, now, ZoneInfo("Asia/Kathmandu")), "UTC")[0] == "2026-05-10 18:15"
    assert told(window_bounds(Window.DAY, now, ZoneInfo("America/New_York")), "UTC")[0] == "2026-05-10 04:00"


def test_clocks_set_back_over_midnight_do_not_bring_yesterday_back():
    # St John's went from 00:01 back to 23:01 of the day before.
    zone = ZoneInfo("America/St_Johns")
    midnight = datetime(2010, 11, 7, tzinfo=zone).timestamp()
    again = midnight + HOUR / 2
    assert datetime.fromtimestamp(again, zone).day == 6
    assert window_bounds(Window.DAY, again, zone).start == midnight


@given(st.sampled_from(Window), moments, zones)
def test_every_moment_lies_in_exactly_one_window(window, now, zone):
    bounds = window_bounds(window, now, zone)
    assert bounds.start <= now < bounds.end
    assert window_bounds(window, bounds.start, zone) == bounds
    assert window_bounds(window, bounds.end - 1e-3, zone) == bounds
    assert window_bounds(window, bounds.end, zone).start == bounds.end


@given(moments, zones)
def test_a_window_begins_when_its_first_date_is_first_seen(now, zone):
    for window in Window:
        start = window_bounds(window, now, zone).start
        first = datetime.fromtimestamp(start, zone).date()
        assert datetime.fromtimestamp(start - 1, zone).date() < first
        assert window is not Window.WEEK or first.weekday() == 0
        assert window is not Window.MONTH or first.day == 1


@given(moments, zones)
def test_a_day_lies_in_its_week_and_in_its_month(now, zone):
    day = window_bounds(Window.DAY, now, zone)
    for longer in (Window.WEEK, Window.MONTH):
        bounds = window_bounds(longer, now, zone)
        assert bounds.start <= day.start
        assert day.end <= bounds.end


@pytest.mark.parametrize("name", ["Europe/Berlin", "europe/berlin", " EUROPE/BERLIN ", "America/New York"])
def test_a_zone_is_found_however_it_is_written(name):
    assert find_zone(name).key in {"Europe/Berlin", "America/New_York"}


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("Europe/Belrin", "Europe/Berlin"), ("new york", "America/New_York"), ("", None), ("../../etc/passwd", None)],
)
def test_a_zone_that_is_none_is_refused_with_the_nearest(name, nearest):
    with pytest.raises(UnknownZoneError) as told_so:
        find_zone(name)
    assert told_so.value.nearest == nearest
    assert str(told_so.value) == f"“{name}” isn't a time zone" + (f"; did you mean {nearest}?" if nearest else "")


def test_an_endless_name_is_refused_in_a_moment():
    with pytest.raises(UnknownZoneError) as told_so:
        find_zone("Europe/" * 100_000)
    assert len(str(told_so.value)) < 200


def test_every_known_zone_has_a_month():
    now = at("2026-07-01 12:00", "UTC")
    for name in zone_names().values():
        bounds = window_bounds(Window.MONTH, now, ZoneInfo(name))
        assert timedelta(days=29) < timedelta(seconds=bounds.end - bounds.start) < timedelta(days=32)
