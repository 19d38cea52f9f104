"""Names of uploaded files. Source: api-docs #7754 and #7890: cleansed like werkzeug's `secure_filename`, and so is what
`attachment://` refers to.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

SCHEME = "attachment://"
_LINKS = {"url", "icon_url"}
_NOTHING_ELSE = re.compile(r"[._]*\.([A-Za-z0-9]+)")
_OTHER = re.compile(r"[^A-Za-z0-9_.-]")


def cleansed(name: str) -> str:
    """Return the name under which a file is stored: ASCII, no spaces, no leading or trailing dot or underscore."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = _OTHER.sub("", "_".join(re.split(r"[\s/\\]+", ascii_only)))
    if extension := _NOTHING_ELSE.fullmatch(plain):
        return f"unknown.{extension[1]}"
    return plain.strip("._") or "unknown"


def referenced(part: Any) -> Iterator[str]:
    """Yield the names of the files that a part of a message shows by `attachment://`."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in _LINKS and isinstance(value, str) and value.startswith(SCHEME):
                yield cleansed(value.removeprefix(SCHEME))
            yield from referenced(value)
    elif isinstance(part, list):
        for item in part:
            yield from referenced(item)
