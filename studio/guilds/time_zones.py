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
    from collections.abc import Mapping

MOST_OFFERED = 25  # as many as a menu has options

_LONGEST = 64
# They name no place: whatever zone the bot's machine is in, no zone at all, and copies of the others.
_NO_PLACE = re.compile(r"localtime|factory|posixrules|(posix|right)/.*", re.IGNORECASE)
_OFFSET = re.compile(r"(?:utc|gmt|z)?_*([+-])_*(\d{1,2})(?::?_*([0-5]\d))?")
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


def zone_meant(text: str, now: float, cities: Mapping[str, str] | None = None) -> str:
    """Return the name of the zone that a person means. cities: further cities' names, each with its zone.

    Raises: SeveralZonesError, UnknownZoneError.
    """
    key = _key(text[:_LONGEST])
    if offset := _OFFSET.fullmatch(key):
        found = _at_offset(offset, now)
    else:  # an abbreviation first: the zone EST is Panama's, which few mean
        name = zone_names().get(key)
        found = ABBREVIATIONS.get(key) or ((name,) if name else _in_city(_plain(key), cities or {}))
    if len(found) > 1:
        raise SeveralZonesError(text[:_LONGEST], found)
    if offset and not found:
        raise UnknownZoneError(text[:_LONGEST], None)
    return found[0] if found else find_zone(text).key


def zone_label(name: str) -> str:
    """Write a zone's name as people read it: Etc/GMT-2, whose sign misleads, as UTC+2."""
    fixed = _FIXED.fullmatch(name)
    return f"UTC{'+' if fixed[1] == '-' else '-'}{fixed[2]}" if fixed else name


@cache
def zone_names() -> dict[str, str]:
    """Return all names of time zones, by their normalised form. The first call reads a folder."""
    return {_key(name): name for name in sorted(available_timezones()) if not _NO_PLACE.fullmatch(name)}


def _at_offset(offset: re.Match[str], now: float) -> tuple[str, ...]:
    """Return the fixed zone of an offset from UTC, or the places that have it now, as for half hours."""
    sign, hours, minutes = offset.groups()
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0)) * (1 if sign == "+" else -1)
    if not ahead:
        return ("UTC",)
    if not int(minutes or 0) and _BEHIND <= ahead <= _AHEAD:
        return (f"Etc/GMT{'-' if sign == '+' else '+'}{int(hours)}",)
    there = (zone for zone in _places() if datetime.fromtimestamp(now, ZoneInfo(zone)).utcoffset() == ahead)
    return tuple(there)[:MOST_OFFERED]


def _in_city(name: str, cities: Mapping[str, str]) -> tuple[str, ...]:
    """Return the zones of a city of this name."""
    known = _by_city()
    if name in known:
        return known[name]
    return next(((zone,) for city, zone in cities.items() if _plain(_key(city)) == name), ())


@cache
def _by_city() -> dict[str, tuple[str, ...]]:
    """Return the zones by city, plain: those of the table of places; of other names, the ones that lead somewhere."""
    found: dict[str, tuple[str, ...]] = {}
    for zone in sorted(zone_names().values(), key=lambda zone: zone not in _places()):
        city = _plain(_key(zone.rpartition("/")[2]))
        if "/" in zone and not zone.startswith(("Etc/", "SystemV/")) and city not in found:
            found[city] = (zone,)
    for city, zone in CITIES.items():
        plain = _plain(_key(city))
        found[plain] = tuple(dict.fromkeys((zone, *found.get(plain, ()))))
    return found


@cache
def _places() -> tuple[str, ...]:
    """Return the zones of the table of places, one for each region whose clocks agree since 1970."""
    table = (files("tzdata") / "zoneinfo" / "zone1970.tab").read_text("utf-8")
    return tuple(line.split("\t")[2] for line in table.splitlines() if not line.startswith("#"))


def _nearest(key: str, zones: Mapping[str, str]) -> str | None:
    cities = {_plain(_key(zone.rpartition("/")[2])): zone for zone in zones.values()} | {
        city: zones_there[0] for city, zones_there in _by_city().items()
    }
    near = [] if _NO_PLACE.fullmatch(key) and "/" not in key else difflib.get_close_matches(key, [*cities, *zones], n=1)
    return (cities.get(near[0]) or zones[near[0]]) if near else None


def _key(name: str) -> str:
    """Normalise a name: width, case, spaces, and the several characters for minus."""
    text = unicodedata.normalize("NFKC", name).strip().casefold()
    return "_".join(re.sub(r"[−–—]", "-", text).replace("_", " ").split())


def _plain(key: str) -> str:
    """Leave out accents and punctuation: sao_paulo, st_johns."""
    apart = unicodedata.normalize("NFKD", key)
    return "".join(character for character in apart if character == "_" or character.isalnum())
