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
        ("UTC 8", "Etc/GMT-8"), ("UTC8", "Etc/GMT-8"), ("UTC+7h", "Etc/GMT-7"), ("GMT+2h", "Etc/GMT-2"),
        ("GMT +7 hours", "Etc/GMT-7"), ("UTC -3 h", "Etc/GMT+3"), ("UTC-3.0", "Etc/GMT+3"),
        ("UTC+5.75", "Asia/Kathmandu"),
        ("Etc/GMT+3 time", "Etc/GMT+3"), ("(UTC-05:00) Etc/GMT+5", "Etc/GMT+5"),
        ("MSK+3", "Asia/Omsk"), ("MSK -1", "Europe/Kaliningrad"), ("МСК", "Europe/Moscow"), ("msd", "Europe/Moscow"),
        ("China Standard Time", "Asia/Shanghai"), ("Korea Standard Time", "Asia/Seoul"), ("Tokyo time", "Asia/Tokyo"),
        ("W. Europe Standard Time", "Europe/Berlin"), ("(UTC+08:00) Beijing", "Asia/Shanghai"),
        ("北京时间", "Asia/Shanghai"), ("BJT", "Asia/Shanghai"), ("日本時間", "Asia/Tokyo"), ("서울", "Asia/Seoul"),
        ("Киев", "Europe/Kyiv"), ("Прага", "Europe/Prague"), ("Praha", "Europe/Prague"), ("Taiwan", "Asia/Taipei"),
        ("Wuhan", "Asia/Shanghai"), ("Saigon", "Asia/Ho_Chi_Minh"),
        ("NYC", "America/New_York"), ("LA", "America/Los_Angeles"), ("KL", "Asia/Kuala_Lumpur"), ("UT", "UTC"),
        ("ChST", "Pacific/Guam"), ("BOT", "America/La_Paz"), ("PYT", "America/Asuncion"), ("UYT", "America/Montevideo"),
        ("UZT", "Asia/Tashkent"), ("GET", "Asia/Tbilisi"), ("AZT", "Asia/Baku"), ("ALMT", "Asia/Almaty"),
        ("Berlin, Germany", "Europe/Berlin"), ("Toronto, Canada", "America/Toronto"), ("GMT+9 Seoul", "Asia/Seoul"),
        ("UTC+02:00 Kyiv", "Europe/Kyiv"), ("Moscow (UTC+3)", "Europe/Moscow"), ("臺灣", "Asia/Taipei"),
        ("heure de Paris", "Europe/Paris"),
        ("Asia/Beijing", "Asia/Shanghai"), ("Europe/Munich", "Europe/Berlin"), ("America/Boston", "America/New_York"),
        ("Africa/Cape Town", "Africa/Johannesburg"), ("NewYork", "America/New_York"), ("Hà Nội", "Asia/Ho_Chi_Minh"),
        ("Санкт Петербург", "Europe/Moscow"), ("Αθήνα", "Europe/Athens"), ("東八區", "Asia/Shanghai"),
        ("UTC plus 3", "Etc/GMT-3"), ("gmt minus 5", "Etc/GMT+5"), ("UTC±0", "UTC"),
        ('"Europe/Berlin"', "Europe/Berlin"),
        ("horário de Brasília", "America/Sao_Paulo"), ("California", "America/Los_Angeles"),
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
        ("UTC+5.5", "Asia/Kolkata", {"Asia/Colombo"}),
        ("UTC+5.30", "Asia/Kolkata", {"Asia/Colombo"}),
        ("UTC+05:30 (IST)", "Asia/Kolkata", {"Asia/Colombo"}),
        ("EST5", "America/New_York", {"America/Toronto"}),
        ("EST/EDT", "America/New_York", {"America/Toronto"}),
        ("CET/CEST", "Europe/Berlin", {"Europe/Paris"}),
        ("Eastern Time", "America/New_York", {"America/Toronto"}),
        ("Eastern Standard", "America/New_York", {"America/Toronto"}),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York", {"America/Toronto"}),
        ("Pacific Time", "America/Los_Angeles", {"America/Vancouver"}),
        ("Central European Time", "Europe/Berlin", set()),
        ("(UTC+01:00) Amsterdam, Berlin", "Europe/Amsterdam", {"Europe/Berlin"}),
        ("ACT", "America/Rio_Branco", {"Australia/Sydney", "Australia/Adelaide"}),
        ("AMT", "America/Manaus", {"Asia/Yerevan"}),
        ("SST", "Pacific/Pago_Pago", {"Asia/Singapore"}),
        ("WAST", "Africa/Lagos", {"Australia/Perth"}),
        ("ECT", "America/Guayaquil", {"America/Puerto_Rico"}),
        ("HDT", "America/Adak", {"Pacific/Honolulu"}),
        ("España", "Europe/Madrid", {"Atlantic/Canary"}),
        ("US", "America/New_York", {"America/Los_Angeles"}),
        ("US Eastern", "America/New_York", {"America/Toronto"}),
        ("Россия", "Europe/Kaliningrad", {"Europe/Moscow"}),
        ("San Juan", "America/Puerto_Rico", {"America/Argentina/San_Juan"}),
    ],
)
def test_what_can_be_several_places_is_asked_about_with_the_likeliest_first(text, first, others):
    with pytest.raises(SeveralZonesError) as several:
        zone_meant(text, SUMMER, cities())
    assert several.value.zones[0] == first
    assert others <= set(several.value.zones)


@pytest.mark.parametrize(
    "text",
    [
        "localtime",
        "Factory",
        "posixrules",
        "UTC+15",
        "UTC+99",
        "+5:17",
        "UTC+5.2",
        "America",
        "5",
        "5.5",
        "",
        "Asia/London",
        "../etc",
        "UTC±5",
    ],
)
def test_what_is_no_place_is_refused(text):
    with pytest.raises(UnknownZoneError):
        zone_meant(text, SUMMER, cities())


@pytest.mark.parametrize("text", ["posix/Europe/Berlin", "right/Europe/Berlin"])
def test_of_a_zones_copies_the_original_is_suggested(text):
    with pytest.raises(UnknownZoneError) as unknown:
        zone_meant(text, SUMMER, cities())
    assert unknown.value.nearest == "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("Berlni", "Europe/Berlin"),
        ("Londn", "Europe/London"),
        ("Nwe York", "America/New_York"),
        ("Istanbull", "Europe/Istanbul"),
        ("Pacific Tme", None),
        ("Praag", None),
        ("XL", None),
        ("Metropolis", None),
        ("Gotham", None),
        ("ET/CT", None),
    ],
)
def test_only_what_is_much_alike_is_suggested(text, nearest):
    with pytest.raises(UnknownZoneError) as unknown:
        zone_meant(text, SUMMER, cities())
    assert unknown.value.nearest == nearest


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
    zones = (
        {zone for zones in ABBREVIATIONS.values() for zone in zones}
        | set(CITIES.values())
        | {zone for zones in cities().values() for zone in zones}
    )
    assert zones <= set(zone_names().values())
    assert max(map(len, ABBREVIATIONS.values())) <= MOST_OFFERED
    for name in zone_names().values():
        if "/" in name:
            assert zone_meant(name, SUMMER, cities()) == name
