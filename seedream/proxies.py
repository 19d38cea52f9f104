"""Chooses the proxy for each connection: PROXY_URL, or what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say.

aiohttp reads these variables only for http and https, and discord.py not at all. So the choice is made where every
connection is opened, in the connector, and holds for REST, websockets and downloads alike.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp
from aiohttp.hdrs import PROXY_AUTHORIZATION
from multidict import CIMultiDict
from yarl import URL

from seedream.troubles import as_gaierror

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import ClientRequest
    from aiohttp.client import ClientTimeout
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_SCHEMES = {"http": "http", "ws": "http", "https": "https", "wss": "https"}
_SOCKS = {"socks", "socks4", "socks4a", "socks5", "socks5h"}
_WORDS = {"auto", "direct", "disabled", "false", "no", "none", "null", "off", "on", "system", "true", "yes"}
_HOST = re.compile(r"(?=.*\w)[\w.:%-]+")  # yarl also takes spaces, and a $NAME that nobody has expanded
_ADDRESS = re.compile(r"^[a-z]+://([^/]*).*")
_FORM = "http://host:port or http://user:password@host:port"
_ENCODED = (
    "with special characters in user and password percent-encoded: "
    "%40 for @, %3A for :, %2F for /, %5C for \\, %23 for #, %3F for ?"
)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy. url: without user and password. source: the name of the setting or variable that it comes from."""

    url: URL
    source: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.url.scheme}://{'…@' if self.headers else ''}{self.url.host_port_subcomponent}"

    @property
    def headers(self) -> CIMultiDict[str]:
        """What it wants to know of its users."""
        if not (self.user or self.password):
            return CIMultiDict()
        return CIMultiDict({PROXY_AUTHORIZATION: aiohttp.encode_basic_auth(self.user, self.password, "utf-8")})


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies of a process. by_scheme: for http and https. exceptions: hosts to connect to directly (NO_PROXY).

    notes: a sentence for each variable that is ignored.
    """

    by_scheme: Mapping[str, Proxy] = field(default_factory=dict)
    exceptions: str = ""
    notes: tuple[str, ...] = ()

    def for_url(self, url: URL) -> Proxy | None:
        """Return the proxy to use for a URL; None to connect directly."""
        proxy = self.by_scheme.get(_SCHEMES.get(url.scheme, ""))
        return None if proxy is None or self._excepts(url) else proxy

    def _excepts(self, url: URL) -> bool:
        return any(_matches(url, entry) for entry in _entries(self.exceptions))

    @property
    def secrets(self) -> set[str]:
        """The passwords, as they are and as they are written in an address."""
        known = {proxy.password for proxy in self.by_scheme.values() if proxy.password}
        return {form for password in known for form in (password, quote(password, safe=""))}


def proxies_from(environ: Mapping[str, str], proxy_url: str = "") -> Proxies:
    """Return the proxies that a setting PROXY_URL and the environment name; the setting wins.

    Raises: ValueError with a sentence that starts with the variable's name.
    """
    exceptions = _value(environ, "NO_PROXY")
    if "*" in _entries(exceptions):
        return Proxies()
    if proxy_url:
        return Proxies(dict.fromkeys(("http", "https"), _proxy("PROXY_URL", proxy_url)), exceptions)
    found = {
        scheme: _proxy(name, value)
        for scheme in ("http", "https")
        if (value := _value(environ, name := f"{scheme.upper()}_PROXY"))
    }
    notes: tuple[str, ...] = ()
    if len(found) < 2 and (value := _value(environ, "ALL_PROXY")):  # noqa: PLR2004 - one for each scheme
        if "https" in found and _scheme(value) in _SOCKS:  # what the bot connects to is https
            notes = ("ALL_PROXY is ignored: it is a SOCKS proxy, and HTTPS_PROXY names a proxy that can be used.",)
        else:
            found = dict.fromkeys(("http", "https"), _proxy("ALL_PROXY", value)) | found
    return Proxies(found, exceptions, notes)


def with_file(environ: Mapping[str, str], file: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with what only a file sets: `https_proxy` there doesn't count with HTTPS_PROXY here."""
    given = {name.upper() for name in environ}
    return {name: value for name, value in file.items() if name.upper() not in given} | dict(environ)


def parse_proxy(text: str, source: str) -> Proxy:
    """Parse a proxy's address. Raises: ValueError with the rest of a sentence: what is wrong with “it”."""
    if is_quoted(text):
        raise ValueError("it is in quotes, which belong to the value here; leave them out")
    try:
        url = URL(text if "://" in text else f"http://{text}")
        fits = url.scheme in {"http", "https"} and _HOST.fullmatch(url.host or "") and url.port != 0
    except ValueError:  # its text would quote the password
        raise ValueError(f"it is not an address; write it as {_FORM}, {_ENCODED}") from None
    if url.scheme in _SOCKS:
        raise ValueError(
            "it is a SOCKS proxy, and only HTTP proxies are supported; use the HTTP port of the same program, such as "
            "http://127.0.0.1:7890 for Clash and mihomo"
        )
    if not fits:
        raise ValueError(f"it must be {_FORM} (or https:// for a proxy that speaks TLS), {_ENCODED}")
    if _is_word(url):
        raise ValueError(f"it is a word and not a proxy's address; leave it empty for no proxy, or write it as {_FORM}")
    if url.path.lower().endswith((".pac", ".dat")):
        raise ValueError(f"it is a PAC file, which only browsers read; write the proxy that it names as {_FORM}")
    if url.path != "/" or url.query_string or url.fragment:
        raise ValueError(f"there is more than a host and a port; write it as {_FORM}, {_ENCODED}")
    return Proxy(url.origin(), source, url.user or "", url.password or "")


def is_quoted(text: str) -> bool:
    """Return whether a value has quotes around it, as `docker run --env-file` leaves them."""
    return len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"


@cache
def tls_context() -> ssl.SSLContext:
    """Return what servers' certificates are checked with. aiohttp's own is made before .env can name SSL_CERT_FILE."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(("http/1.1",))  # as aiohttp does
    return context


class ProxiedConnector(aiohttp.TCPConnector):
    """Opens each connection through the proxy that its URL needs. options: as for `aiohttp.TCPConnector`."""

    def __init__(self, proxies: Proxies, **options: Any) -> None:
        super().__init__(ssl=tls_context(), **options)
        self._proxies = proxies

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:  # noqa: ASYNC109 - aiohttp's
        proxy = self._proxies.for_url(req.url)
        if proxy is None:
            return await super().connect(req, traces, timeout)
        req.update_proxy(proxy.url, None, proxy.headers)
        if not req.is_ssl():  # there is no CONNECT to carry them
            req.headers.update(proxy.headers)
        try:
            return await super().connect(req, traces, timeout)
        except aiohttp.ClientConnectorDNSError as error:  # of the proxy: it resolves the others
            key = req.connection_key._replace(host=proxy.url.host or "", port=proxy.url.port)
            raise aiohttp.ClientProxyConnectionError(key, as_gaierror(error)) from error


def _proxy(name: str, value: str) -> Proxy:
    try:
        return parse_proxy(value, name)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _scheme(address: str) -> str:
    return address.partition("://")[0].lower()


def _is_word(url: URL) -> bool:
    """Return whether it is what people write to switch proxies off or on."""
    host = url.host or ""
    return url.explicit_port is None and url.user is None and (host in _WORDS or host.isdecimal())


def _entries(exceptions: str) -> list[str]:
    """Return the entries of NO_PROXY. Some are in quotes, separated by spaces, or addresses such as https://host/."""
    entries = [_ADDRESS.sub(r"\1", entry) for entry in re.split(r"[,;\s\"']+", exceptions.lower())]
    return [entry for entry in entries if entry]


def _value(environ: Mapping[str, str], name: str) -> str:
    """Return a variable's value; in lower case it counts more, even if it is empty, as for Python and curl."""
    return environ.get(name.lower(), environ.get(name, "")).strip()


def _matches(url: URL, entry: str) -> bool:
    """Return whether a URL is under an entry of NO_PROXY: a domain, host:port, an IP address, or a network."""
    host = (url.host or "").lower().rstrip(".")
    name, colon, port = entry.rpartition(":")
    if colon and port.isdecimal() and (":" not in name or name.endswith("]")):
        return url.port == int(port) and _matches(url, name)
    entry = entry.strip("[]").removeprefix("*").strip(".")
    if "*" in entry:  # 10.*, as Windows writes it
        return fnmatch.fnmatchcase(host, entry)
    if host == entry or host.endswith(f".{entry}"):
        return True
    with suppress(ValueError):  # a name
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    return False
