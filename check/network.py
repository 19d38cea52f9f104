"""Finds problems between this machine and a service: wrong DNS answers, proxies, web pages in place of answers."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from check.results import CheckResult
from infra.images.addresses import is_public, is_within
from seedream.proxies import ProxiedConnector
from seedream.troubles import PROXY_PASSWORD, address_trouble, describe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from check.recorder import Recording
    from infra.images.addresses import IPNetwork
    from seedream.proxies import Proxies

RESOLVE_SECONDS = 10.0
PROXY_SECONDS = 15.0
_HTTP = {"ws": "http", "wss": "https"}
_IS_UNUSED = "names a proxy, but NO_PROXY excludes every service that was checked"
_NEVER_A_SERVICE = [
    ipaddress.ip_network(network) for network in ("198.18.0.0/15", "0.0.0.0/8", "127.0.0.0/8", "::1/128", "::/128")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A service's host. own: the operator has set its address, so it may be on their own network."""

    name: str
    own: bool
    url: URL = field(default_factory=URL)

    @classmethod
    def of(cls, address: str, *, own: bool) -> Host:
        """Return the host of a service's address."""
        url = URL(address)
        return cls(
            name=url.host or "", own=own, url=url.with_scheme(_HTTP.get(url.scheme, url.scheme)).origin().with_path("/")
        )


async def check_network(
    hosts: Sequence[Host], *, allow_local: bool, proxies: Proxies, trusted: Sequence[IPNetwork]
) -> list[CheckResult]:
    """Report what the host names resolve to, and whether the proxies work."""
    resolved = {host: await _resolved(host.name) for host in dict.fromkeys(hosts)}
    direct = {
        host: found
        for host, found in resolved.items()
        if not (isinstance(found, OSError) and proxies.for_url(host.url))  # the proxy resolves it
    }
    results = list(network_results(direct, allow_local=allow_local, trusted=trusted))
    return results + await _proxy_results(hosts, proxies)


def network_results(
    resolved: Mapping[Host, Sequence[str] | OSError], *, allow_local: bool, trusted: Sequence[IPNetwork] = ()
) -> Iterator[CheckResult]:
    """Report the addresses of each host, or why it has none. Pure."""
    problems = [
        problem
        for host, found in resolved.items()
        for problem in _address_problems(host, found, allow_local=allow_local, trusted=trusted)
    ]
    yield from problems
    if resolved and not problems:
        addresses = dict.fromkeys(f"{host.name} is {_first(found)}" for host, found in resolved.items())
        yield CheckResult.ok("network", "; ".join(addresses))


def _address_problems(
    host: Host, found: Sequence[str] | OSError, *, allow_local: bool, trusted: Sequence[IPNetwork]
) -> Iterator[CheckResult]:
    if isinstance(found, OSError):
        yield CheckResult.failed("network", f"{host.name}: {describe(found)}")
        return
    if any(is_public(address) or is_within(address, trusted) for address in found):
        return
    if allow_local and any(map(_is_loopback, found)):
        return
    address = _first(found)
    if host.own and not is_within(address, _NEVER_A_SERVICE):
        yield CheckResult.note("network", f"{host.name} resolves to {address}, on your own network")
    else:
        yield CheckResult.failed("network", str(address_trouble(host.name, address)))


async def _proxy_results(hosts: Sequence[Host], proxies: Proxies) -> list[CheckResult]:
    """Try each proxy with every host that is reached through it."""
    if not proxies.by_scheme:
        return []
    through = {host: proxy for host in dict.fromkeys(hosts) if (proxy := proxies.for_url(host.url))}
    if not through:
        names = " and ".join(sorted({proxy.source for proxy in proxies.by_scheme.values()}))
        return [CheckResult.note("proxy", f"{names} {_IS_UNUSED}")]
    failed: dict[str, list[str]] = {}
    for host, proxy in through.items():
        if problem := await _try(host, proxies):
            failed.setdefault(f"{proxy} ({proxy.source}): {problem}", []).append(host.name)
    if failed:
        return [
            CheckResult.failed("proxy", f"{problem} (tried for {', '.join(dict.fromkeys(names))})")
            for problem, names in failed.items()
        ]
    used = dict.fromkeys(f"{proxy} ({proxy.source})" for proxy in through.values())
    reached = dict.fromkeys(host.name for host in through)
    return [CheckResult.ok("proxy", f"{' and '.join(used)} connects to {', '.join(reached)}")]


async def _try(host: Host, proxies: Proxies) -> str:
    """Ask a host for anything through its proxy. Return what is wrong; "" for nothing."""
    timeout = aiohttp.ClientTimeout(total=PROXY_SECONDS)
    session = aiohttp.ClientSession(connector=ProxiedConnector(proxies), timeout=timeout)
    try:
        async with session, session.head(host.url, allow_redirects=False) as answer:
            refused = answer.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
            return str(PROXY_PASSWORD) if refused else ""
    except (aiohttp.ClientError, OSError) as error:
        return describe(error)


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


def web_page_problem(recording: Recording | None) -> str | None:
    """Return what to say if a web page came in place of the API's answer; None if it didn't."""
    if recording is None or not recording.is_page:
        return None
    return (
        f"a web page came in place of the API's answer (HTTP {recording.status}): a proxy, a firewall or a login page "
        "is in the way, or the address is wrong"
    )
