"""Reads typed fields of a request's JSON; errors name the parameter. Pure."""

from typing import TypeVar
from urllib.parse import urlsplit

from sandbox.seedream.errors import Json, invalid

T = TypeVar("T")
D = TypeVar("D")

_KINDS: dict[type, str] = {
    bool: "true or false",
    str: "a string",
    int: "an integer",
    float: "a number",
    dict: "an object",
}


def typed(body: Json, name: str, kind: type[T], default: D) -> T | D:
    """Return a field of this type (an integer is also a number), or `default` if it is missing or null."""
    value = body.get(name)
    if value is None:
        return default
    if kind is float and type(value) is int:
        value = float(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise invalid(name, f"is {str(value)[:40]!r}: it takes {_KINDS[kind]}.")
    return value


def choice(body: Json, name: str, allowed: tuple[str, ...], default: str) -> str:
    value = typed(body, name, str, default)
    if value not in allowed:
        raise invalid(name, f"is {value[:40]!r}: it takes {' or '.join(allowed)}.")
    return value


def web_url(body: Json, name: str) -> str | None:
    value = typed(body, name, str, None)
    if value is not None and not is_web_url(value):
        raise invalid(name, f"is {value[:80]!r}: it takes an http or https URL.")
    return value


def is_web_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
