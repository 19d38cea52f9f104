"""Fetching from links that came from outside: public https only, bounded while it is read.

Every redirect is checked like the first link. Names are resolved once, by a resolver that gives out public addresses
only: what was checked is what is connected to.
"""

from __future__ import annotations

import asyncio
import ipaddress
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Awaitable, Callable

T = TypeVar("T")

MOST_REDIRECTS = 5
TRIES = 3
_BACKOFF_SECONDS = 0.3
_CHUNK = 1 << 16
_TIMEOUT = aiohttp.ClientTimeout(total=120, sock_connect=10, sock_read=30)
_REDIRECTS = {301, 302, 303, 307, 308}
_SERVER_ERROR = 500


class FetchError(Exception):
    """A link that could not be fetched; the text says why. `again`: it may go better another time."""

    def __init__(self, why: str, *, again: bool = False) -> None:
        super().__init__(why)
        self.again = again


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet, also where it is an IPv4 address dressed as IPv6."""
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None or ip in ipaddress.ip_network("64:ff9b::/96"):
            return inner is not None and is_public(str(inner))
    return ip.is_global and not ip.is_multicast


class PublicResolver(AbstractResolver):
    """Resolves names, and gives out public addresses only."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = 0) -> list[ResolveResult]:  # type: ignore[assignment]  # aiohttp's own signature
        found = await self._resolver.resolve(host, port, family)
        public = [one for one in found if is_public(one["host"])]
        if not public:
            raise OSError(f"{host} is not on the public internet")
        return public

    async def close(self) -> None:
        await self._resolver.close()


class Fetcher:
    """Use as an async context manager. `allow_local`: http and this machine are allowed too (a local world)."""

    def __init__(self, *, allow_local: bool) -> None:
        self._allow_local = allow_local

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector() if self._allow_local else aiohttp.TCPConnector(resolver=PublicResolver())
        self._session = aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT, auto_decompress=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def chunks(self, url: str, *, most: int) -> AsyncIterator[bytes]:
        """The body, piece by piece. Raises: FetchError; too long, cut off or refused are errors."""
        answer = await self._get(url)
        try:
            length, read = answer.content_length, 0
            if length is not None and length > most:
                raise FetchError(f"it has {length} bytes; at most {most} are taken")
            async for chunk in answer.content.iter_chunked(_CHUNK):
                read += len(chunk)
                if read > most:
                    raise FetchError(f"it has over {most} bytes")
                yield chunk
            if length is not None and read < length:
                raise FetchError(f"it was cut off after {read} of {length} bytes", again=True)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise FetchError(f"the connection broke ({type(error).__name__})", again=True) from error
        finally:
            answer.release()

    async def read(self, url: str, *, most: int) -> bytes:
        """The whole body, tried again where that may help. Raises: FetchError."""
        return await retried(lambda: self._read(url, most))

    async def _read(self, url: str, most: int) -> bytes:
        return b"".join([chunk async for chunk in self.chunks(url, most=most)])

    async def _get(self, url: str) -> aiohttp.ClientResponse:
        for _ in range(MOST_REDIRECTS + 1):
            self._check(url)
            try:
                answer = await self._session.get(url, allow_redirects=False)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                raise FetchError(f"it can't be reached ({type(error).__name__})", again=True) from error
            if answer.status not in _REDIRECTS:
                break
            answer.release()
            url = urljoin(url, answer.headers.get("Location", ""))
        else:
            raise FetchError(f"it redirects more than {MOST_REDIRECTS} times")
        if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
            answer.release()
            raise FetchError(f"the server answers {answer.status}", again=answer.status >= _SERVER_ERROR)
        return answer

    def _check(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise FetchError("it is no link") from None
        if parts.username or parts.password:
            raise FetchError("it holds a name or a password")
        if not host or parts.scheme not in ({"https", "http"} if self._allow_local else {"https"}):
            raise FetchError("it is not an https link")
        if self._allow_local:
            return
        try:
            public = is_public(host)
        except ValueError:
            return  # a name: the resolver judges it
        if not public:
            raise FetchError("it is not on the public internet")


async def retried(attempt: Callable[[], Awaitable[T]]) -> T:
    """What `attempt` gives, tried again after a failure that may pass. Raises: FetchError."""
    for number in range(1, TRIES):
        try:
            return await attempt()
        except FetchError as error:
            if not error.again:
                raise
        await asyncio.sleep(_BACKOFF_SECONDS * number)
    return await attempt()
