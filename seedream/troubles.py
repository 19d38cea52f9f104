"""Says what went wrong outside of the program, and what the operator can do about it: the one table of such troubles.

Network, DNS, TLS, proxies, files. Other packages explain the errors that only they know: `infra.db.errors` those of the
database, `cogs.delivery.discord_errors` Discord's answers, `check.error_advice` the API's.
"""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import aiohttp

from seedream.errors import MAX_OUTSIDE_LENGTH, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FAKE_NETWORKS = tuple(map(ipaddress.ip_network, ("198.18.0.0/15", "fc00::/18")))
"""What Clash, mihomo and the like answer for every name, to catch the connection (their “fake-ip” mode)."""

_TITLE = re.compile(r"<title[^>]{0,100}>([^<]{0,200})</title", re.IGNORECASE)
_NO_RESOLVER = re.compile(r"time|contact|refused", re.IGNORECASE)
_NUMBER = re.compile(r"\[(?:Errno|WinError) (-?\d+)\] ?")
_PAGE = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong, as the rest of a sentence without a stop, and what to do, as a sentence without a stop."""

    cause: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.cause}. {self.remedy}"


def outside_text(text: str) -> str:
    """Return a text from outside as a short line without the numbers of errors; of a web page, only its title."""
    if page := _PAGE.search(text):
        title = _TITLE.search(text)
        text = f"{text[: page.start()]}a web page{f' “{title[1].strip()}”' if title else ''}"
    return one_line(_NUMBER.sub("", text), MAX_OUTSIDE_LENGTH)


def describe(error: BaseException) -> str:
    """Return in one line what went wrong and what to do."""
    trouble = trouble_of(error)
    return str(trouble) if trouble else outside_text(str(error)) or type(error).__name__


def trouble_of(error: BaseException) -> Trouble | None:
    """Return the trouble behind an error or one of its causes; None if it is of no known kind."""
    for cause in _causes(error):
        known = next((known for types, known in _TROUBLES if isinstance(cause, types)), None)
        if known and (trouble := known(cause) if callable(known) else known):
            return trouble
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what caused it, what the program saw first."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        inner = getattr(cause, "os_error", None)
        cause = inner if isinstance(inner, BaseException) else cause.__cause__


# --- addresses ----------------------------------------------------------------------------------------------------


def address_trouble(host: str, address: str) -> Trouble:
    """Return what it means that a public host resolves to an address that isn't public."""
    found = f"{host} resolves to {address}"
    ip = ipaddress.ip_address(address.partition("%")[0])
    if fake := next((network for network in FAKE_NETWORKS if ip in network), None):
        return Trouble(
            f"{found}, a fake address: a VPN or proxy on this machine or network, such as Clash or mihomo, answers for "
            "every name",
            f"Set TRUST_RESOLVER={fake} if connections work through it, or exclude the host from it",
        )
    if ip.is_loopback or ip.is_unspecified or (ip.version == 4 and ip.packed[0] == 0):  # noqa: PLR2004 - IPv4
        return Trouble(
            f"{found}, which can't be the service: a VPN, proxy or filter on this machine or network gives wrong "
            "addresses",
            "Exclude the host from it, or use another DNS server",
        )
    return Trouble(
        f"{found}, a private address: a DNS server on your network gives a wrong answer, or a login page is in the way",
        "Use another DNS server, remove the entry, or log in",
    )


# --- the table ----------------------------------------------------------------------------------------------------

_NOT_VERIFIED = {18, 19, 20, 21}  # self-signed, or signed by somebody unknown. Source: OpenSSL, x509_vfy.h
_NOT_NOW = {9, 10}  # not valid yet, or expired

PROXY_PASSWORD = Trouble(
    "the proxy wants a user name and a password, or rejects those that it gets (407)",
    "Put them before the host in PROXY_URL, as in user:password@proxy.example:3128, special characters percent-encoded",
)
_OFFER = "An HTTP proxy is set with PROXY_URL or HTTPS_PROXY"
_SLOW = Trouble(
    "no answer came in time", f"A firewall may block the connection, or the service is down. {_OFFER}, if you need one"
)
_REFUSED = Trouble("the connection is refused", "Check host and port, and that a firewall lets this machine out")
_CUT = Trouble("the connection was cut before an answer came", f"A firewall may cut it. {_OFFER}, if you need one")
_NO_TLS = Trouble("the port doesn't speak TLS: another service uses it, or a proxy interferes", "Check host and port")
_DRIVE_GONE = Trouble("the drive has lost its server", "Check the server, and mount the drive again")
_FILES = {
    errno.ENOSPC: Trouble("the disk is full", "Free some space"),
    errno.EDQUOT: Trouble("the disk quota is used up", "Free some space, or raise the quota"),
    errno.EROFS: Trouble("the file system is read-only", "Mount it writable, or use another folder"),
    errno.EMFILE: Trouble("the process has too many files open", "Raise its limit (ulimit -n, LimitNOFILE)"),
    errno.ENFILE: Trouble("the machine has too many files open", "Raise its limit (fs.file-max)"),
    errno.ENOMEM: Trouble("the memory is used up", "Give the machine or the container more, or end other programs"),
    errno.EIO: Trouble("the disk fails, or its connection", "Look at the system's log (dmesg)"),
    errno.ESTALE: _DRIVE_GONE,
}
_FORBIDDEN = Trouble(
    "this machine forbids the connection",
    "Allow it in its firewall, SELinux or AppArmor; a port below 1024 needs root or CAP_NET_BIND_SERVICE",
)
_CONNECTIONS = {
    errno.ENETUNREACH: Trouble("this machine has no route to the network", "Check its connection"),
    errno.EHOSTUNREACH: Trouble("there is no route to the host", "Check this machine's connection and its firewall"),
    errno.EADDRINUSE: Trouble("the port is in use", "Choose another port, or stop the program that uses it"),
    errno.EADDRNOTAVAIL: Trouble("the address isn't this machine's", "Choose an address of this machine"),
    errno.ENETDOWN: Trouble("this machine's network is down", "Check its network interface and its connection"),
    errno.EHOSTDOWN: Trouble("the host is down", "Check that it runs, and this machine's connection"),
    errno.EAFNOSUPPORT: Trouble(
        "this machine has no network of the address's kind (IPv4 or IPv6)", "Enable it, or use an address of the other"
    ),
    errno.ENOBUFS: Trouble(
        "the system has no room for more network traffic", "End programs with many connections, or add memory"
    ),
    errno.ECONNREFUSED: _REFUSED,
    errno.ECONNRESET: _CUT,
    errno.EPIPE: _CUT,
    errno.ENETRESET: _CUT,
    errno.ECONNABORTED: _CUT,
    errno.ENOTCONN: _CUT,
    errno.ESHUTDOWN: _CUT,
    errno.ETIMEDOUT: _SLOW,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
}


def _proxy_unreachable(error: Any) -> Trouble:
    inner = trouble_of(error.os_error)
    why = inner.cause if inner else outside_text(str(error.os_error))
    return Trouble(
        f"the proxy {error.host}:{error.port} can't be used: {why}",
        "Start it, or correct PROXY_URL or HTTPS_PROXY",
    )


def _proxy_refusal(error: Any) -> Trouble:
    host = error.request_info.url.host
    if error.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return PROXY_PASSWORD
    if error.status in {502, 503, 504}:
        return Trouble(
            f"the proxy can't reach {host} ({error.status})", "Check the proxy's own connection and its rules"
        )
    return Trouble(
        f"the proxy refuses to connect to {host} ({error.status} {outside_text(error.message)})",
        "Allow the host there, or put it into NO_PROXY if this machine reaches it directly",
    )


def _no_websocket(error: Any) -> Trouble:
    if error.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return PROXY_PASSWORD
    return Trouble(
        f"{error.request_info.url.host} answered {error.status} in place of a websocket",
        "If that lasts, check that the proxy or firewall in between lets websockets through",
    )


def _odd_answer(error: Any) -> Trouble:
    return Trouble(
        f"{error.request_info.url.host} gave an answer that can't be read ({outside_text(error.message)})",
        "Another service may use the port, or a proxy interferes. Check host and port",
    )


def _certificate(error: Any) -> Trouble:
    error = getattr(error, "certificate_error", error)
    why, code = getattr(error, "verify_message", "") or "it isn't trusted", getattr(error, "verify_code", 0)
    cause = f"the certificate isn't the service's ({why})"
    if code in _NOT_NOW:
        return Trouble(f"{cause}: it is out of date, or this machine's clock is wrong", "Correct the clock")
    remedy = "Correct the address, or exempt the host from interception"
    if code in _NOT_VERIFIED:
        remedy += "; if the proxy is yours, set SSL_CERT_FILE to a file with its CA's certificate"
    return Trouble(f"{cause}: something intercepts the connection, or the address belongs to another host", remedy)


def as_gaierror(error: aiohttp.ClientConnectorDNSError) -> socket.gaierror:
    """Return why a name was not resolved. Without the system's resolver, aiohttp has only a text of c-ares."""
    inner = error.os_error
    if isinstance(inner, socket.gaierror):
        return inner
    text = str(inner)
    return socket.gaierror(socket.EAI_AGAIN if _NO_RESOLVER.search(text) else socket.EAI_NONAME, text)


def _unresolved(error: Any) -> Trouble:
    inner = as_gaierror(error) if isinstance(error, aiohttp.ClientConnectorDNSError) else error
    if inner.errno == socket.EAI_AGAIN:
        return Trouble(
            "the host name can't be resolved now: the DNS server doesn't answer",
            f"Check this machine's DNS server and its connection. {_OFFER}, which resolves names itself",
        )
    return Trouble("the host name can't be resolved", "Check its spelling, and this machine's DNS server")


def _os_error(error: Any) -> Trouble | None:
    if isinstance(getattr(error, "os_error", None), ssl.SSLError | OSError):
        return None  # the cause says more
    if error.errno is None and (number := _NUMBER.search(str(error))):
        return trouble_of(OSError(int(number[1]), ""))  # asyncio's, of several addresses: the first one's
    if trouble := _FILES.get(error.errno):
        return trouble
    if error.filename is None or not error.strerror:
        return _CONNECTIONS.get(error.errno)
    if error.errno in {errno.ENOTCONN, errno.EHOSTDOWN}:
        return _DRIVE_GONE
    return Trouble(
        f"{outside_text(str(error.filename))}: {error.strerror}", "Check that the bot's user may read and write there"
    )


_TROUBLES: tuple[tuple[tuple[type[BaseException], ...], Trouble | Callable[[Any], Trouble | None]], ...] = (
    ((aiohttp.ClientProxyConnectionError,), _proxy_unreachable),
    ((aiohttp.ClientHttpProxyError,), _proxy_refusal),
    ((aiohttp.WSServerHandshakeError,), _no_websocket),
    ((aiohttp.ClientResponseError,), _odd_answer),
    ((aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError), _certificate),
    ((aiohttp.ClientConnectorSSLError, aiohttp.ClientSSLError, ssl.SSLError), _NO_TLS),
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), _unresolved),
    ((aiohttp.ConnectionTimeoutError, aiohttp.ServerTimeoutError, TimeoutError), _SLOW),
    ((ConnectionRefusedError,), _REFUSED),
    ((aiohttp.ServerDisconnectedError, ConnectionResetError, BrokenPipeError), _CUT),
    ((OSError,), _os_error),
)
