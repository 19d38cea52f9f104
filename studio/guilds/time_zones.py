"""Finds time zones by what people type: a zone's name, a city, an offset such as GMT+2, an abbreviation. Pure."""

from __future__ import annotations

import difflib
import re
import unicodedata
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from studio.guilds.zone_aliases import ABBREVIATIONS, CITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MOST_OFFERED = 25  # as many as a menu has options

_LONGEST = 64
# They name no place: whatever zone the bot's machine is in, no zone at all, and copies of the others.
_NO_PLACE = re.compile(r"localtime|factory|posixrules|(posix|right)/.*", re.IGNORECASE)
# GMT+2, +05:30, utc -5.5h, UTC plus 3; without a sign, as in UTC 8, it is ahead.
_OFFSET = re.compile(
    r"(?:(?:utc?|gmt|z)?_*([+-]|plus|minus)|(?:utc|gmt))_*(\d{1,2})(?:[:h]?_*([0-5]\d)|[.,](\d{1,2}))?_*(?:h|hrs?|hours?)?"
)
# After a point, some write minutes: 5.5 and 5.30 are both half past.
_MINUTES = {"0": 0, "00": 0, "25": 15, "3": 30, "30": 30, "5": 30, "50": 30, "45": 45, "75": 45}
# As Windows writes: (UTC+01:00) Amsterdam, Berlin. Or: GMT+9 Seoul.
_BRACKETS = re.compile(r"^\([^)]*\)_*|_*\([^)]*\)$|^(utc|gmt)_?[+-]_?\d{1,2}(:?\d\d)?_+(?=[^\W\d])")
_TIME = re.compile(
    r"(_(standard|daylight|summer))?_time$|_(standard|daylight)$|(标准|標準)?(时间|時間)$|標準時$"
    r"|^(heure|hora|hor[aá]rio)_de_|^us_"
)
_OLD = re.compile(r"(Brazil|Canada|Chile|Etc|Mexico|US)/")  # no city follows
_COPY = re.compile(r"^(posix|right)/")
_SIMILAR = 0.8  # Berlni is to Berlin; Praha isn't to Perth
# POSIX counts hours west of Greenwich: Etc/GMT-2 is two hours ahead of UTC.
_FIXED = re.compile(r"Etc/GMT([+-])(\d+)")
_AHEAD, _BEHIND = timedelta(hours=14), timedelta(hours=-12)


class UnknownZoneError(ValueError):
    """No time zone has this name. `nearest`: the most similar one, if there is any."""

    def __init__(self, name: str, nearest: str | None) -> None:
        super().__init__(f"“{name}” isn't a time zone" + (f"; did you mean {nearest}?" if nearest else ""))
        self.name = name
        self.nearest = nearest


class SeveralZonesError(ValueError):
    """A name stands for several time zones, of which one must be chosen; the likeliest is first."""

    def __init__(self, name: str, zones: tuple[str, ...]) -> None:
        super().__init__(f"“{name}” can be {', '.join(zones)}")
        self.name = name
        self.zones = zones


def find_zone(name: str) -> ZoneInfo:
    """Return the time zone of this name, in any case, with spaces or underscores. Raises: UnknownZoneError."""
    zones, key = zone_names(), _key(name[:_LONGEST])
    if key not in zones:
        raise UnknownZoneError(name[:_LONGEST], _nearest(key, zones))
    return ZoneInfo(zones[key])


def zone_meant(text: str, now: float, cities: Mapping[str, Sequence[str]] | None = None) -> str:
    """Return the name of the zone that a person means. cities: further places, by `city_key`, each with its zones.

    Raises: SeveralZonesError, UnknownZoneError.
    """
    text = text[:_LONGEST]
    for form in _forms(_key(text)):
        if offset := _OFFSET.fullmatch(form):
            found = _at_offset(offset, now)
            break
        if found := _named(form, cities or {}):
            break
    else:
        found = _in_list(form, cities or {})
    if len(found) > 1:
        raise SeveralZonesError(text, found)
    if not found:
        raise UnknownZoneError(text, None if offset else _nearest(_COPY.sub("", _key(text)), zone_names()))
    return found[0]


def zone_label(name: str) -> str:
    """Write a zone's name as people read it: Etc/GMT-2, whose sign misleads, as UTC+2."""
    fixed = _FIXED.fullmatch(name)
    return f"UTC{'+' if fixed[1] == '-' else '-'}{fixed[2]}" if fixed else name


@cache
def zone_names() -> dict[str, str]:
    """Return all names of time zones, by their normalised form. The first call reads a folder."""
    return {_key(name): name for name in sorted(available_timezones()) if not _NO_PLACE.fullmatch(name)}


def main_zones(zones: Iterable[str]) -> tuple[str, ...]:
    """Return those of the table of places, in its order, which often begins with the largest; all, if none is."""
    given = tuple(zones)
    return tuple(zone for zone in _places() if zone in given) or given


def _forms(key: str) -> Iterator[str]:
    """Yield what a text may say: itself, and without what people put around a zone's name."""
    yield key
    bare = _BRACKETS.sub("", key)
    yield bare
    yield _TIME.sub("", bare)


def _at_offset(offset: re.Match[str], now: float) -> tuple[str, ...]:
    """Return the fixed zone of an offset from UTC, or the places that have it now, as for half hours."""
    sign, hours, minutes, fraction = offset.groups()
    rest = int(minutes or 0) if fraction is None else _MINUTES.get(fraction)
    if rest is None:
        return ()
    is_behind = sign in {"-", "minus"}
    ahead = timedelta(hours=int(hours), minutes=rest) * (-1 if is_behind else 1)
    if not ahead:
        return ("UTC",)
    if not rest and _BEHIND <= ahead <= _AHEAD:
        return (f"Etc/GMT{'+' if is_behind else '-'}{int(hours)}",)
    there = (zone for zone in _places() if datetime.fromtimestamp(now, ZoneInfo(zone)).utcoffset() == ahead)
    return tuple(there)[:MOST_OFFERED]


def _named(form: str, cities: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the zones of an abbreviation, which comes first (the zone EST is Panama's, which few mean), or a name."""
    if found := ABBREVIATIONS.get(re.sub(r"_*([+-])_*", r"\1", form)):
        return found
    if name := zone_names().get(form):
        return (name,)
    return _in_city(city_key(form), cities) or _in_region(form, cities) or _with_summer_time(form)


def _in_region(form: str, cities: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the zones of a city that isn't called after one, but written as if it were: Asia/Beijing."""
    region, _, city = form.rpartition("/")
    return tuple(zone for zone in _in_city(city_key(city), cities) if zone.casefold().startswith(f"{region}/"))


def _with_summer_time(form: str) -> tuple[str, ...]:
    """Return the zones that have both abbreviations: EST/EDT."""
    first, *others = (ABBREVIATIONS.get(part.strip("_"), ()) for part in form.split("/"))
    return tuple(zone for zone in first if others and all(zone in other for other in others))


def _in_list(form: str, cities: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the zones of the places in a list: Amsterdam, Berlin; or Berlin, Germany."""
    if "," not in form:
        return ()
    parts = (_in_city(city_key(part.strip("_")), cities) for part in form.split(","))
    found = [zones for zones in parts if zones]
    every = dict.fromkeys(zone for zones in found for zone in zones)
    common = (zone for zone in every if all(zone in zones for zones in found))
    return (tuple(common) or tuple(every))[:MOST_OFFERED]


def _in_city(name: str, cities: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the zones of a city or a country of this name."""
    return _by_city().get(name) or tuple(cities.get(name, ()))[:MOST_OFFERED]


@cache
def _by_city() -> dict[str, tuple[str, ...]]:
    """Return the zones by city, plain: those of the table of places; of other names, the ones that lead somewhere."""
    found: dict[str, tuple[str, ...]] = {}
    for zone in sorted(zone_names().values(), key=lambda zone: zone not in _places()):
        city = city_key(zone.rpartition("/")[2])
        if "/" in zone and not zone.startswith(("Etc/", "SystemV/")) and city not in found:
            found[city] = (zone,)
    for city, zone in CITIES.items():
        plain = city_key(city)
        others = (other for other in found.get(plain, ()) if other in _places())  # Asia/Saigon is a second name
        found[plain] = tuple(dict.fromkeys((zone, *others)))
    return found


@cache
def _places() -> tuple[str, ...]:
    """Return the zones of the table of places, one for each region whose clocks agree since 1970."""
    table = (files("tzdata") / "zoneinfo" / "zone1970.tab").read_text("utf-8")
    return tuple(line.split("\t")[2] for line in table.splitlines() if not line.startswith("#"))


def _nearest(key: str, zones: Mapping[str, str]) -> str | None:
    """Return the zone whose name or city is much like a text, and begins the same."""
    if not key or (_NO_PLACE.fullmatch(key) and "/" not in key):
        return None
    plain = city_key(key)
    names = {city_key(name): zone for name, zone in zones.items() if not _OLD.match(zone)}
    cities = {city: there[0] for city, there in _by_city().items() if not _OLD.match(there[0])}
    alike = {name: zone for name, zone in (names | cities).items() if name.startswith(plain[:1])}
    near = difflib.get_close_matches(plain, alike, n=1, cutoff=_SIMILAR)
    return alike[near[0]] if near else None


def _key(name: str) -> str:
    """Normalise a name: width, case, spaces, quotes, and the several characters for minus."""
    text = unicodedata.normalize("NFKC", name).strip(" \t\n\"'“”`").casefold()
    return "_".join(re.sub(r"[−–—]", "-", text).replace("±0", "+0").replace("_", " ").split())


def city_key(name: str) -> str:
    """Normalise a city's name, without accents, spaces and punctuation: saopaulo, stjohns, hanoi."""
    apart = unicodedata.normalize("NFKD", _key(name))
    return "".join(filter(str.isalnum, apart))
