"""Finds problems between this machine and a service: wrong DNS answers, proxies, web pages in place of answers."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from check.results import CheckResult
from infra.images.fetching import is_public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from check.recorder import Recording

RESOLVE_SECONDS = 10.0
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_NEVER_A_SERVICE = [
    ipaddress.ip_network(network) for network in ("198.18.0.0/15", "0.0.0.0/8", "127.0.0.0/8", "::1/128", "::/128")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A service's host. own: the operator has set its address, so it may be on their own network."""

    name: str
    own: bool

    @classmethod
    def of(cls, address: str, *, own: bool) -> Host:
        return cls(name=urlsplit(address).hostname or "", own=own)


async def check_network(
    hosts: Sequence[Host], environment: Mapping[str, str], *, allow_local: bool
) -> list[CheckResult]:
    """Report what the host names resolve to, and proxies that are set but not used."""
    resolved = {host: await _resolved(host.name) for host in hosts}
    return list(network_results(resolved, environment, allow_local=allow_local))


def network_results(
    resolved: Mapping[Host, Sequence[str] | OSError], environment: Mapping[str, str], *, allow_local: bool
) -> Iterator[CheckResult]:
    """Report the addresses of each host, or why it has none; and the proxies. Pure."""
    problems = [
        problem
        for host, found in resolved.items()
        for problem in _address_problems(host, found, allow_local=allow_local)
    ]
    yield from problems
    if not problems:
        yield CheckResult.ok(
            "network", "; ".join(f"{host.name} is {_first(found)}" for host, found in resolved.items())
        )
    names = [name for name in environment if name.upper() in _PROXIES and environment[name]]
    if names:
        yield CheckResult.note(
            "proxy",
            f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} set, but the bot connects directly. If this "
            "machine reaches the internet only through that proxy, allow direct connections for the bot",
        )


def _address_problems(host: Host, found: Sequence[str] | OSError, *, allow_local: bool) -> Iterator[CheckResult]:
    if isinstance(found, OSError):
        yield CheckResult.failed("network", f"{host.name}: {explain_connection_error(found)}")
        return
    if any(map(is_public, found)) or (allow_local and any(map(_is_loopback, found))):
        return
    address = _first(found)
    if any(ipaddress.ip_address(address.partition("%")[0]) in network for network in _NEVER_A_SERVICE):
        yield CheckResult.failed(
            "network",
            f"{host.name} resolves to {address}, which can't be the service: a VPN, proxy or filter on this machine or "
            "network gives wrong addresses. Exclude the host from it, or use another DNS server",
        )
    elif host.own:
        yield CheckResult.note("network", f"{host.name} resolves to {address}, on your own network")
    else:
        yield CheckResult.failed(
            "network",
            f"{host.name} resolves to {address}, a private address: a DNS server on your network gives a wrong answer. "
            "Use another DNS server, or remove the entry",
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
        return OSError("it isn't a valid host name")
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def explain_connection_error(error: BaseException) -> str:
    """Return in one sentence why a connection failed, and what to do."""
    for cause in _chain(error):
        describe = next((describe for types, describe in _CAUSES if isinstance(cause, types)), None)
        if describe:
            return describe if isinstance(describe, str) else describe(cause)
    return str(error) or type(error).__name__


def _chain(error: BaseException) -> Iterable[BaseException]:
    """Return the error and its causes, the original cause first."""
    causes = [error]
    while cause := causes[-1].__cause__:
        causes.append(cause)
    return reversed(causes)


def _certificate(error: BaseException) -> str:
    why = getattr(getattr(error, "certificate_error", error), "verify_message", "") or "it isn't trusted"
    return (
        f"the certificate isn't the service's ({why}): something intercepts the connection, or the address belongs to "
        "another host. Correct the address, or exempt the host from interception"
    )


def _os_error(error: BaseException) -> str:
    os_error = getattr(error, "os_error", error)
    reason = getattr(os_error, "strerror", None) or str(error) or type(error).__name__
    return f"the connection fails: {reason}"


def _connector(error: BaseException) -> str:
    inner = getattr(error, "os_error", None)
    return (
        explain_connection_error(inner)
        if isinstance(inner, ConnectionRefusedError | TimeoutError)
        else _os_error(error)
    )


_CAUSES: tuple[tuple[tuple[type[BaseException], ...], str | Callable[[BaseException], str]], ...] = (
    ((aiohttp.ClientConnectorCertificateError,), _certificate),
    (
        (aiohttp.ClientConnectorSSLError, aiohttp.ClientSSLError),
        "the port doesn't speak TLS: another service uses it, or a proxy interferes. Check host and port",
    ),
    (
        (aiohttp.ClientConnectorDNSError, socket.gaierror),
        "the host name can't be resolved. Check its spelling, and this machine's DNS server",
    ),
    (
        (aiohttp.ConnectionTimeoutError, aiohttp.ServerTimeoutError, TimeoutError),
        "no answer came in time. A firewall may block the connection, or the service is down",
    ),
    (
        (ConnectionRefusedError,),
        "the connection is refused. Check host and port, and that a firewall lets this machine out",
    ),
    ((aiohttp.ClientConnectorError,), _connector),
    ((aiohttp.ServerDisconnectedError, ConnectionResetError), "the connection was cut before an answer came"),
)


def web_page_problem(recording: Recording | None) -> str | None:
    """Return what to say if a web page came in place of the API's answer; None if it didn't."""
    if recording is None or not recording.is_page:
        return None
    return (
        f"a web page came in place of the API's answer (HTTP {recording.status}): a proxy, a firewall or a login page "
        "is in the way, or the address is wrong"
    )
