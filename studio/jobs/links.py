"""Links to Discord's files, which say themselves when they die. Pure."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit


def dies_at(url: str) -> float | None:
    """Seconds since the epoch at which a signed link ends; None for a link that does not say.

    Source: Discord API reference, "Signed Attachment CDN URLs".
    """
    try:
        (ends,) = parse_qs(urlsplit(url).query).get("ex", [])
        return float(int(ends, 16))
    except (ValueError, OverflowError):
        return None


def same_file(url: str, other: str) -> bool:
    """Whether two links lead to the same file: only their signatures differ."""
    return _path(url) == _path(other)


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return url
