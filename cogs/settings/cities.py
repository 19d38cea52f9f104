"""Places and their time zones in many languages, and the names that Windows has for zones, by CLDR."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from babel import Locale
from babel.core import get_global

from cogs.i18n.translate import LANGUAGES
from studio.guilds.time_zones import city_key, main_zones, zone_names

if TYPE_CHECKING:
    from collections.abc import Iterator

# Members write the names of places in their own languages, of which these have many speakers or an own script.
_FURTHER = ("ru", "ko", "zh-Hant", "it", "pl", "tr", "uk", "cs", "vi", "el", "bg", "th", "hi", "ar", "he")


@cache
def cities() -> dict[str, tuple[str, ...]]:
    """Return place -> time zones, by `city_key`. The first call takes a second."""
    found: dict[str, tuple[str, ...]] = {}
    for language in (*LANGUAGES, *_FURTHER):
        for name, zones in _places(Locale.parse(language, sep="-")):
            found.setdefault(city_key(name), zones)
    known = set(zone_names().values())
    for name, zone in get_global("windows_zone_mapping").items():
        if zone in known:
            found.setdefault(city_key(name), (zone,))
    return found


def _places(locale: Locale) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield cities and countries, the latter with their main zones."""
    known = set(zone_names().values())
    for zone, names in locale.time_zones.items():
        if zone in known and "city" in names:
            yield names["city"], (_renamed().get(zone, zone),)
    for territory, zones in get_global("territory_zones").items():
        usable = main_zones(zone for zone in zones if zone in known)
        if usable and territory in locale.territories:
            yield locale.territories[territory], usable


@cache
def _renamed() -> dict[str, str]:
    """Return old name -> name of zones that were renamed: translations keep to the first, such as Europe/Kiev."""
    database = (files("tzdata") / "zoneinfo" / "tzdata.zi").read_text("utf-8")
    links = [line.split() for line in database.splitlines() if line.startswith("L ")]
    return {old: name for _, name, old in links if old not in get_global("zone_territories")}
