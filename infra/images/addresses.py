"""Guards against links into private networks: only public addresses may be connected to."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from seedream.phrases import Phrase
from seedream.troubles import address_trouble
from studio.jobs.turns import Turns
from studio.quota.errors import CrowdedError

if TYPE_CHECKING:
    from collections.abc import Sequence

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOK_UPS_AT_ONCE = 16  # of names; a member's share is three quarters
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NotAllowedError(OSError):
    """A host whose addresses are all forbidden. address: one of them."""

    def __init__(self, host: str, address: str) -> None:
        self.why = not_public(host)
        self.cause = str(address_trouble(host, address)) if address else ""
        super().__init__(self.cause or self.why)


@lru_cache(maxsize=1024)  # a few hosts serve all pictures
def is_public(address: str) -> bool:
    """Whether an IP address is public, an IPv4 address embedded in IPv6 included.

    Raises: ValueError if it isn't an address.
    """
    ip = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
    is_local = ip.version == 6 and ip.is_site_local  # noqa: PLR2004 - IPv6
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or is_local)


def _unwrapped(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    behind_nat64 = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None
    return ip.ipv4_mapped or ip.sixtofour or behind_nat64 or ip


def is_within(address: str, networks: Sequence[IPNetwork]) -> bool:
    """Return whether an IP address, or the IPv4 address embedded in it, is in one of the networks."""
    ip = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
    return any(ip in network for network in networks)


def _is_loopback(address: str) -> bool:
    return _unwrapped(ipaddress.ip_address(address.partition("%")[0])).is_loopback


class GuardedResolver(AbstractResolver):
    """Resolves host names to public addresses only; with `allow_local`, also to this machine's.

    trusted: networks whose addresses are allowed too, if the resolver gives them.
    """

    def __init__(self, *, allow_local: bool, trusted: Sequence[IPNetwork] = ()) -> None:
        self._look_ups = _LookUps()
        self._resolver: AbstractResolver = ThreadedResolver(self._look_ups)  # type: ignore[arg-type]  # all it needs
        self._turns = Turns(LOOK_UPS_AT_ONCE)
        self._running: set[asyncio.Task[list[ResolveResult]]] = set()
        self._allow_local = allow_local
        self._trusted = trusted

    def allows(self, address: str) -> bool:
        """Return whether a link may name this address."""
        return is_public(address) or (self._allow_local and _is_loopback(address))

    def _accepts(self, address: str) -> bool:
        """Return whether a name may resolve to this address."""
        return self.allows(address) or is_within(address, self._trusted)

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = 0) -> list[ResolveResult]:  # type: ignore[assignment]  # aiohttp's own signature
        look_up = asyncio.create_task(self._look_up(host, port, family), name=f"resolve-{host}")
        self._running.add(look_up)
        look_up.add_done_callback(self._ended)
        addresses = await asyncio.shield(look_up)
        allowed = [address for address in addresses if self._accepts(address["host"])]
        if not allowed:
            raise NotAllowedError(host, addresses[0]["host"] if addresses else "")
        return allowed

    async def _look_up(self, host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        """Look a name up. Its place is taken until the system answers, even if nobody waits any more."""
        try:
            async with self._turns.turn():
                return await self._resolver.resolve(host, port, family)
        except CrowdedError as error:
            raise socket.gaierror(socket.EAI_AGAIN, "too many names are being looked up") from error

    def _ended(self, look_up: asyncio.Task[list[ResolveResult]]) -> None:
        self._running.discard(look_up)
        if not look_up.cancelled():
            look_up.exception()  # whoever waits gets it; if nobody does, it is of no interest

    async def close(self) -> None:
        for look_up in self._running:
            look_up.cancel()
        self._look_ups.close()


class _LookUps:
    """What `ThreadedResolver` needs of a loop, with threads of its own: a slow name holds up nothing else."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOK_UPS_AT_ONCE, thread_name_prefix="resolver")

    async def getaddrinfo(self, host: str, port: int, **options: int) -> list[Any]:
        look_up = partial(socket.getaddrinfo, host, port, **options)
        return await asyncio.get_running_loop().run_in_executor(self._threads, look_up)

    async def getnameinfo(self, address: Any, flags: int) -> tuple[str, str]:
        return await asyncio.get_running_loop().run_in_executor(self._threads, socket.getnameinfo, address, flags)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def not_public(host: str) -> Phrase:
    return Phrase("{host} is not on the public internet", host=host)
