"""Validates http(s) addresses. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from seedream.phrases import Phrase

MAX_URL_LENGTH = 4096  # characters


def http_url_problem(url: str) -> str | None:
    """Return what is wrong with an http(s) address that the service is to reach; None if it is valid."""
    if len(url) > MAX_URL_LENGTH:
        return Phrase("An address can have up to {most} characters.", most=MAX_URL_LENGTH)
    if not url.isprintable() or " " in url:
        return Phrase("An address can't contain spaces or control characters.")
    try:
        parts = urlsplit(url)
        fits = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    return None if fits else Phrase("An address starts with https:// or http:// and a host name.")
