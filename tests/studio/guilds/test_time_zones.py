"""Time zones as people write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.settings.cities import cities
from studio.guilds.time_zones import (
    MOST_OFFERED,
    SeveralZonesError,
    UnknownZoneError,
    find_zone,
    zone_label,
    zone_meant,
    zone_names,
)
from studio.guilds.zone_aliases import ABBREVIATIONS, CITIES

SUMMER = datetime(2026, 7, 1, tzinfo=UTC).timestamp()
WINTER = datetime(2026, 12, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("GMT+2", "Etc/GMT-2"), ("UTC+8", "Etc/GMT-8"), ("+02:00", "Etc/GMT-2"), ("-3", "Etc/GMT+3"),
        ("utc -5", "Etc/GMT+5"), ("UTC−5", "Etc/GMT+5"), ("＋９", "Etc/GMT-9"), ("+0200", "Etc/GMT-2"),
        ("GMT+0", "UTC"), ("UTC", "UTC"), ("Z", "UTC"), ("UTC+14", "Etc/GMT-14"), ("UTC-12", "Etc/GMT+12"),
        ("Etc/GMT-2", "Etc/GMT-2"), ("Etc/GMT+2", "Etc/GMT+2"), ("UTC+5:45", "Asia/Kathmandu"),
        ("MSK", "Europe/Moscow"), ("JST", "Asia/Tokyo"), ("brt", "America/Sao_Paulo"),
        ("Beijing", "Asia/Shanghai"), ("北京", "Asia/Shanghai"), ("上海", "Asia/Shanghai"), ("東京", "Asia/Tokyo"),
        ("New York", "America/New_York"), ("nueva york", "America/New_York"), ("Moskau", "Europe/Moscow"),
        ("São Paulo", "America/Sao_Paulo"), ("sao paulo", "America/Sao_Paulo"), ("München", "Europe/Berlin"),
        ("St. John's", "America/St_Johns"), ("buenos aires", "America/Argentina/Buenos_Aires"),
        (" europe/BERLIN ", "Europe/Berlin"), ("America/New York", "America/New_York"),
    ],
)  # fmt: skip
def test_a_name_leads_to_the_zone_that_is_meant(text, zone):
    assert zone_meant(text, SUMMER, cities()) == zone
    assert find_zone(zone).key == zone


@pytest.mark.parametrize(
    ("text", "first", "others"),
    [
        ("EST", "America/New_York", {"America/Toronto", "America/Panama", "Australia/Sydney"}),
        ("PST", "America/Los_Angeles", {"America/Vancouver"}),
        ("CET", "Europe/Berlin", {"Europe/Paris", "Europe/Madrid"}),
        ("ist", "Asia/Kolkata", {"Europe/Dublin", "Asia/Jerusalem"}),
        ("CST", "America/Chicago", {"Asia/Shanghai", "America/Mexico_City"}),
        ("BST", "Europe/London", {"Asia/Dhaka"}),
        ("UTC+5:30", "Asia/Kolkata", {"Asia/Colombo"}),
        ("San Juan", "America/Puerto_Rico", {"America/Argentina/San_Juan"}),
    ],
)
def test_what_can_be_several_places_is_asked_about_with_the_likeliest_first(text, first, others):
    with pytest.raises(SeveralZonesError) as several:
        zone_meant(text, SUMMER)
    assert several.value.zones[0] == first
    assert others <= set(several.value.zones)


@pytest.mark.parametrize(
    "text", ["localtime", "Factory", "posixrules", "UTC+15", "UTC+99", "+5:17", "America", "5", ""]
)
def test_what_is_no_place_is_refused(text):
    with pytest.raises(UnknownZoneError):
        zone_meant(text, SUMMER, cities())


@pytest.mark.parametrize("text", ["posix/Europe/Berlin", "right/Europe/Berlin"])
def test_of_a_zones_copies_the_original_is_suggested(text):
    with pytest.raises(UnknownZoneError) as unknown:
        zone_meant(text, SUMMER, cities())
    assert unknown.value.nearest == "Europe/Berlin"


def test_a_half_hour_is_the_places_that_have_it_at_that_time():
    with pytest.raises(SeveralZonesError) as summer:
        zone_meant("UTC+9:30", WINTER - 180 * 86400)
    assert "Australia/Adelaide" in summer.value.zones
    assert zone_meant("UTC+9:30", WINTER) == "Australia/Darwin"


@given(st.integers(-12, 14), st.sampled_from(["UTC{:+d}", "GMT{:+d}", "{:+03d}:00", "utc {:+d}", "{:+03d}00"]))
def test_a_sign_is_never_swapped(hours, form):
    zone = zone_meant(form.format(hours), SUMMER)
    assert datetime.now(ZoneInfo(zone)).utcoffset() == timedelta(hours=hours)
    assert zone_meant(zone_label(zone), SUMMER) == zone


@given(st.text(max_size=80))
def test_any_text_is_a_zone_or_refused(text):
    with suppress(UnknownZoneError, SeveralZonesError):
        assert zone_meant(text, SUMMER, cities()) in zone_names().values()


def test_every_name_in_the_tables_is_a_zone_and_every_zone_keeps_its_own_name():
    zones = {zone for zones in ABBREVIATIONS.values() for zone in zones} | set(CITIES.values()) | set(cities().values())
    assert zones <= set(zone_names().values())
    assert max(map(len, ABBREVIATIONS.values())) <= MOST_OFFERED
    for name in zone_names().values():
        if "/" in name:
            assert zone_meant(name, SUMMER, cities()) == name
