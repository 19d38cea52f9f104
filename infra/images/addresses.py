"""Guards against links into private networks: only public addresses may be connected to."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from seedream.phrases import Phrase
from seedream.troubles import address_trouble

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
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
        self._resolver = ThreadedResolver()
        self._allow_local = allow_local
        self._trusted = trusted

    def allows(self, address: str) -> bool:
        """Return whether a link may name this address."""
        return is_public(address) or (self._allow_local and _is_loopback(address))

    def _accepts(self, address: str) -> bool:
        """Return whether a name may resolve to this address."""
        return self.allows(address) or is_within(address, self._trusted)

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = 0) -> list[ResolveResult]:  # type: ignore[assignment]  # aiohttp's own signature
        addresses = await self._resolver.resolve(host, port, family)
        allowed = [address for address in addresses if self._accepts(address["host"])]
        if not allowed:
            raise NotAllowedError(host, addresses[0]["host"] if addresses else "")
        return allowed

    async def close(self) -> None:
        await self._resolver.close()


def not_public(host: str) -> Phrase:
    return Phrase("{host} is not on the public internet", host=host)
