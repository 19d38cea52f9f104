"""Reads the expiry from links to Discord's files. Pure."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit


def dies_at(url: str) -> float | None:
    """Return when a signed link expires, in seconds since the epoch; None if the link doesn't say.

    Source: Discord API reference, "Signed Attachment CDN URLs".
    """
    try:
        (ends,) = parse_qs(urlsplit(url).query).get("ex", [])
        return float(int(ends, 16))
    except (ValueError, OverflowError):
        return None


def same_file(url: str, other: str) -> bool:
    """Whether two links lead to the same file, whatever their signatures."""
    return _path(url) == _path(other)


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return url
