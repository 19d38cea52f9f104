"""What stands between this machine and a service: a resolver that lies, a proxy, a web page in place of an answer."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from check.rows import Row, State
from infra.images.fetching import is_public

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from check.recorder import Recording

RESOLVE_SECONDS = 10.0
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_MADE_UP = [ipaddress.ip_network(one) for one in ("198.18.0.0/15", "0.0.0.0/8", "127.0.0.0/8", "::1/128", "::/128")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A service's host. own: the operator has chosen its address, so that it may be on their own network."""

    name: str
    own: bool

    @classmethod
    def of(cls, address: str, *, own: bool) -> Host:
        return cls(name=urlsplit(address).hostname or "", own=own)


async def check_network(hosts: Sequence[Host], environment: Mapping[str, str], *, allow_local: bool) -> list[Row]:
    """A row for what the names resolve to, and one for proxies that are set and not used."""
    resolved = {host: await _resolved(host.name) for host in hosts}
    return list(network_rows(resolved, environment, allow_local=allow_local))


def network_rows(
    resolved: Mapping[Host, Sequence[str] | OSError], environment: Mapping[str, str], *, allow_local: bool
) -> Iterator[Row]:
    """`resolved`: the addresses of each host, or why there are none. Pure."""
    suspects = [row for host, found in resolved.items() for row in _suspicious(host, found, allow_local=allow_local)]
    yield from suspects
    if not suspects:
        yield Row("network", State.OK, "; ".join(f"{host.name} is {_first(found)}" for host, found in resolved.items()))
    names = [name for name in environment if name.upper() in _PROXIES and environment[name]]
    if names:
        yield Row(
            "proxy",
            State.NOTE,
            f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} set, but the bot connects directly. If this "
            "machine reaches the internet only through that proxy, allow direct connections for the bot",
        )


def _suspicious(host: Host, found: Sequence[str] | OSError, *, allow_local: bool) -> Iterator[Row]:
    if isinstance(found, OSError):
        yield Row("network", State.FAILED, f"{host.name}: {explained(found)}")
        return
    if any(is_public(one) for one in found) or (allow_local and any(_is_loopback(one) for one in found)):
        return
    address = _first(found)
    if any(ipaddress.ip_address(address.partition("%")[0]) in network for network in _MADE_UP):
        yield Row(
            "network",
            State.FAILED,
            f"{host.name} resolves to {address}, which can't be the service: a VPN, proxy or filter on this machine or "
            "network makes up addresses. Exclude the host from it, or use another DNS server",
        )
    elif host.own:
        yield Row("network", State.NOTE, f"{host.name} resolves to {address}, on your own network")
    else:
        yield Row(
            "network",
            State.FAILED,
            f"{host.name} resolves to {address}, a private address: a DNS server on your network makes it up. Use "
            "another DNS server, or remove the entry",
        )


def _first(found: Sequence[str] | OSError) -> str:
    return "not found" if isinstance(found, OSError) else found[0]


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


async def _resolved(host: str) -> list[str] | OSError:
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:  # a timeout is one, too
        return error
    except UnicodeError:
        return OSError("it is no host name")
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def explained(error: BaseException) -> str:
    """Why a connection was not made, and what to do. One sentence."""
    for cause in _chain(error):
        words = next((words for kinds, words in _CAUSES if isinstance(cause, kinds)), None)
        if words:
            return words(cause)
    return str(error) or type(error).__name__


def _chain(error: BaseException) -> Iterable[BaseException]:
    """The error, and what it came from; the nearest to the network first."""
    causes = [error]
    while cause := causes[-1].__cause__:
        causes.append(cause)
    return reversed(causes)


def _certificate(error: BaseException) -> str:
    why = getattr(getattr(error, "certificate_error", error), "verify_message", "") or "it is not trusted"
    return (
        f"the certificate isn't the service's ({why}): something on the way intercepts the connection, or the address "
        "is another host's. Correct the address, or exempt the host from interception"
    )


def _os_error(error: BaseException) -> str:
    number = getattr(error, "os_error", error)
    words = getattr(number, "strerror", None) or str(error) or type(error).__name__
    return f"the connection fails: {words}"


def _connector(error: BaseException) -> str:
    inner = getattr(error, "os_error", None)
    return explained(inner) if isinstance(inner, ConnectionRefusedError | TimeoutError) else _os_error(error)


_CAUSES = (
    ((aiohttp.ClientConnectorCertificateError,), _certificate),
    (
        (aiohttp.ClientConnectorSSLError, aiohttp.ClientSSLError),
        lambda _: "the port doesn't speak TLS: it is another service's, or a proxy is in the way. Check host and port",
    ),
    (
        (aiohttp.ClientConnectorDNSError, socket.gaierror),
        lambda _: "the host name can't be resolved. Check its spelling, and this machine's DNS server",
    ),
    (
        (aiohttp.ConnectionTimeoutError, aiohttp.ServerTimeoutError, TimeoutError),
        lambda _: "there is no answer in time. A firewall may drop the connection, or the service is down",
    ),
    (
        (ConnectionRefusedError,),
        lambda _: "the connection is refused. Check host and port, and that a firewall lets this machine out",
    ),
    ((aiohttp.ClientConnectorError,), _connector),
    ((aiohttp.ServerDisconnectedError, ConnectionResetError), lambda _: "the connection was cut before an answer came"),
)


def page_in_place_of(recording: Recording | None) -> str | None:
    """What to say where a web page came in place of the API's answer."""
    if recording is None or not recording.is_page:
        return None
    return (
        f"a web page came in place of the API's answer (HTTP {recording.status}): a proxy, a firewall or a login page "
        "is in the way, or the address is wrong"
    )
