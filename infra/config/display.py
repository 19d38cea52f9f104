"""How a setting's value is shown to the operator: in one short line, without secrets."""

from __future__ import annotations

import re
from urllib.parse import unquote

# A parameter such as password or sslpassword, also where nothing else looks like an address.
PASSWORD = re.compile(r"(password\s*=\s*)('[^']*'?|[^&;\s]*)", re.IGNORECASE)
HIDDEN = "…"
_NAME, _PORT = r"(?:\[[0-9a-f:.]+\]|[a-z0-9][a-z0-9._-]*)", ":[0-9]{1,5}"
HOST = rf"{_NAME}(?:{_PORT})?"
"""One of several in an address; to be matched in any case."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:/+", re.IGNORECASE)
_IPV6 = re.compile(r"\[[0-9a-f:.]+\](:\d*)?(/|$)", re.IGNORECASE)
_SERVERS = re.compile(rf"{_NAME}{_PORT}(?:,{_NAME}{_PORT})+(?:/.*)?", re.IGNORECASE)
_HOST_PARAMETER = re.compile(rf"host={HOST}(?:,{HOST})*", re.IGNORECASE)
# What begins as an address but isn't one: a quote before it, a missing colon or slash.
_ADDRESS_WORD = re.compile(
    r"[\"'\s]*(?:postgres[\w+]*|mysql|https?|wss?)(?=[:/])|pass(?:word)?\b(?=\s*[:=])", re.IGNORECASE
)
_MAX_PORT = 65_535
_MAX_LENGTH = 80


def shown(value: object) -> str:
    """A value as an operator would write it, without an address's user, password and parameters."""
    line = in_one_line(_without_secrets(_text(value)))
    return line if len(line) <= _MAX_LENGTH else f"{line[:_MAX_LENGTH]}…"


def in_one_line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case tuple():
            return ",".join(map(str, value))
        case _:
            return str(value)


def _without_secrets(text: str) -> str:
    """Hide whatever may be secret if `text` is an address, however badly it is written."""
    scheme = match[0] if (match := _SCHEME.match(text)) else ""
    secret, at, rest = text[len(scheme) :].rpartition("@")
    if at and any(mark in secret for mark in "?#"):  # the @ may be part of a secret itself
        return f"{scheme}{HIDDEN}"
    if not scheme and (word := _ADDRESS_WORD.match(text)):
        return f"{word[0]}{HIDDEN}"
    where, *parameters = re.split(r"([?#;])", rest, maxsplit=1)
    place = _without_bad_port(where) if scheme and not (at and _SERVERS.fullmatch(where)) else where
    user = f"{HIDDEN}@" if at else ""
    return PASSWORD.sub(rf"\1{HIDDEN}", f"{scheme}{user}{place}") + _without_values(*parameters)


def _without_bad_port(where: str) -> str:
    """Hide a port that isn't a number: it is probably a password whose @ was forgotten."""
    if where.startswith("["):
        return where if _IPV6.match(where) else HIDDEN
    host, colon, rest = where.partition(":")
    port, slash, path = rest.partition("/")
    if not colon or "/" in host or not port or (port.isdecimal() and int(port) <= _MAX_PORT):
        return where
    return f"{host}:{HIDDEN}{slash}{path}"


def _without_values(mark: str = "", parameters: str = "") -> str:
    return mark + "&".join(_without_value(part) for part in parameters.split("&") if part.partition("=")[0])


def _without_value(parameter: str) -> str:
    if _HOST_PARAMETER.fullmatch(unquote(parameter)):
        return unquote(parameter)
    name, equals, _ = parameter.partition("=")
    return f"{name}={HIDDEN}" if equals else HIDDEN
