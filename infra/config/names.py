"""Tells the bot's settings from other programs' variables, and both from slips. Pure.

`.env` is often shared with Docker Compose, and a container's environment with whatever runs it.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from infra.config.settings import NAMES
from seedream.env_file import is_for_libraries
from seedream.proxies import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SLIP = 0.82  # how similar a name is to one of ours: DATABASE_URI is, BASE_URL and TRACE aren't
_OTHERS = re.compile(r"\w+_PROXY|DATABASE_(HOST|NAME|PASSWORD|PORT|USER)|\w+_SERVICE_(HOST|PORT\w*)")
# What Kubernetes tells every container about a Service: for one called “web”, WEB_PORT=tcp://10.0.0.1:80.
_SERVICE_ADDRESS = re.compile(r"(tcp|udp|sctp)://")


def without_services(environ: Mapping[str, str]) -> dict[str, str]:
    """Leave out the addresses of Kubernetes' Services, of which one may look like a setting."""
    return {name: value for name, value in environ.items() if not _is_service(name.upper(), value)}


def meant_setting(name: str) -> str | None:
    """Return the setting that a name is a slip of; None for a setting, and for another program's name."""
    name = name.upper()
    if name in NAMES or _OTHERS.fullmatch(name):
        return None
    similar = next(iter(difflib.get_close_matches(name, NAMES, n=1, cutoff=_SLIP)), None)
    return None if similar and name.endswith(f"_{similar}") else similar  # APP_SECRET_KEY


def other_names(names: Iterable[str]) -> list[str]:
    """Return the names that belong to other programs alone."""
    used = {*NAMES, *VARIABLES}
    return [
        name
        for name in names
        if name.upper() not in used and not is_for_libraries(name) and meant_setting(name) is None
    ]


def _is_service(name: str, value: str) -> bool:
    return "_PORT" in name and _SERVICE_ADDRESS.match(value) is not None
