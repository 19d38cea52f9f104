"""Tells the bot's settings from other programs' variables, and both from slips. Pure.

`.env` is often shared with Docker Compose, and a container's environment with whatever runs it.
"""

from __future__ import annotations

import difflib
import re
from bisect import bisect
from typing import TYPE_CHECKING

from infra.config.settings import NAMES
from seedream.env_file import is_for_libraries
from seedream.proxies import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SIMILAR = 0.82  # how similar a name is to one of ours: DISCORD_BOT_TOKEN is, BASE_URL and TRACE aren't
_SHORT_WORD = 4
_LOGLEVEL = 8
_OTHERS = re.compile(r"\w+_PROXY|DATABASE_(HOST|NAME|PASSWORD|PORT|USER)|\w+_SERVICE_(HOST|PORT\w*)")
# What Kubernetes tells every container about a Service: for one called “web”, WEB_PORT=tcp://10.0.0.1:80.
_SERVICE_ADDRESS = re.compile(r"(tcp|udp|sctp)://")


def without_services(environ: Mapping[str, str]) -> dict[str, str]:
    """Leave out the addresses of Kubernetes' Services, of which one may look like a setting."""
    return {name: value for name, value in environ.items() if not _is_service(name.upper(), value)}


def similar_setting(name: str) -> str | None:
    """Return the setting that a name resembles; None for a setting, and for another program's name."""
    name = name.upper()
    if name in NAMES or _OTHERS.fullmatch(name) or any(_extends(name, ours) for ours in NAMES):
        return None
    close = (ours for most in range(1, _most_edits(name) + 1) for ours in NAMES if _edits(name, ours) <= most)
    return next(close, None) or next(iter(difflib.get_close_matches(name, NAMES, n=1, cutoff=_SIMILAR)), None)


def is_slip(name: str, meant: str, *, in_environment: bool = False) -> bool:
    """Return whether a name is hardly another program's: a letter or two from the one meant.

    One of the environment must be closer and longer: there, others' names abound, such as LOGLEVEL.
    """
    name = name.upper()
    if name.endswith("_FILE") or _has_another_word(name, meant):
        return False
    return _edits(name, meant) <= (len(name) > _LOGLEVEL if in_environment else _most_edits(name))


def other_names(names: Iterable[str]) -> list[str]:
    """Return the names that belong to other programs alone."""
    used = {*NAMES, *VARIABLES}
    return [
        name
        for name in names
        if name.upper() not in used and not is_for_libraries(name) and similar_setting(name) is None
    ]


def _extends(name: str, ours: str) -> bool:
    """Return whether a name is one of ours and more: APP_SECRET_KEY, DISCORD_TOKEN_OLD, SEEDREAM_API_KEY2."""
    return name.endswith(f"_{ours}") or re.fullmatch(rf"{ours}(_\w+|\d+)", name) is not None


def _most_edits(name: str) -> int:
    return bisect((6, 11), len(name) - 1)  # SHARES isn't a slip of SHARDS


def _has_another_word(name: str, ours: str) -> bool:
    """Return whether a short word is replaced by another: SITE for SIZE, SSL for URL. URI and URL are the same."""
    pairs = zip(name.split("_"), ours.split("_"), strict=False)
    return name.count("_") == ours.count("_") and any(
        len(its) == len(our) <= _SHORT_WORD and sorted(its) != sorted(our) and {its, our} != {"URI", "URL"}
        for its, our in pairs
    )


def _edits(one: str, other: str) -> int:
    """Count the letters that were left out, added, replaced, or swapped with their neighbour."""
    before, row = list[int](), list(range(len(other) + 1))
    for i, letter in enumerate(one):
        older, before, row = before, row, [i + 1]
        for j, its in enumerate(other):
            edits = min(before[j + 1] + 1, row[j] + 1, before[j] + (letter != its))
            if i and j and letter == other[j - 1] and its == one[i - 1]:
                edits = min(edits, older[j - 1] + 1)
            row.append(edits)
    return row[-1]


def _is_service(name: str, value: str) -> bool:
    return "_PORT" in name and _SERVICE_ADDRESS.match(value) is not None
