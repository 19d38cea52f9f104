"""Finds time zones by the names that people type. Pure."""

from __future__ import annotations

import difflib
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


class UnknownZoneError(ValueError):
    """No time zone has this name. `nearest`: the most similar one, if there is any."""

    def __init__(self, name: str, nearest: str | None) -> None:
        super().__init__(f"“{name}” isn't a time zone" + (f"; did you mean {nearest}?" if nearest else ""))
        self.name = name
        self.nearest = nearest


def find_zone(name: str) -> ZoneInfo:
    """Return the time zone of this name, in any case, with spaces or underscores.

    Raises: UnknownZoneError with the nearest one, also for a city alone such as "new york".
    """
    zones = zone_names()
    key = _key(name[:64])
    if key in zones:
        return ZoneInfo(zones[key])
    cities = {zone.rpartition("/")[2]: zone for zone in zones}
    near = difflib.get_close_matches(key, [*cities, *zones], n=1)
    raise UnknownZoneError(name[:64], zones[cities.get(near[0], near[0])] if near else None)


@cache
def zone_names() -> dict[str, str]:
    """Return all names of time zones, by their normalised form. The first call reads a folder."""
    return {_key(name): name for name in sorted(available_timezones())}


def _key(name: str) -> str:
    return name.strip().replace(" ", "_").casefold()
