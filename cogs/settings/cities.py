"""The cities of time zones in the languages that members read, by CLDR."""

from __future__ import annotations

from functools import cache

from babel import Locale

from cogs.i18n.translate import LANGUAGES
from studio.guilds.time_zones import zone_names


@cache
def cities() -> dict[str, str]:
    """Return city -> time zone. The first call takes half a second."""
    found: dict[str, str] = {}
    known = set(zone_names().values())
    for locale in LANGUAGES:
        for zone, names in Locale.parse(locale, sep="-").time_zones.items():
            if zone in known and "city" in names:
                found.setdefault(names["city"], zone)
    return found
