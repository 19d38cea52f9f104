"""Downloads from untrusted links: public https only, with limits on size and time.

Every redirect is checked like the first link. Host names go through a resolver that returns allowed addresses only, so
that the address that was checked is the one that is connected to.
"""

from __future__ import annotations

import asyncio
import ipaddress
from contextlib import asynccontextmanager
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from seedream.phrases import OneOf, Phrase
from studio.jobs.turns import Turns

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

MAX_REDIRECTS = 5
BACKOFF_SECONDS = (0.3, 0.9, 2.7)  # before each retry
PATIENCE_SECONDS = 120.0  # for all tries
AT_ONCE = 64  # connections
HELD_BYTES = 4 * 2**20  # of a body in memory, before it goes to disk
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=20)
_REDIRECTS = {301, 302, 303, 307, 308}
_BUSY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class FetchError(Exception):
    """A link that couldn't be downloaded; the text says why.

    `again`: a retry may help. `gone`: the file doesn't exist any more.
    """

    def __init__(self, why: str, *, again: bool = False, gone: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.again = again
        self.gone = gone


class NotAllowedError(OSError):
    """A host whose addresses are all forbidden."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


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


def _is_loopback(address: str) -> bool:
    return _unwrapped(ipaddress.ip_address(address.partition("%")[0])).is_loopback


class GuardedResolver(AbstractResolver):
    """Resolves host names to public addresses only; with `allow_local`, also to this machine's."""

    def __init__(self, *, allow_local: bool) -> None:
        self._resolver = ThreadedResolver()
        self._allow_local = allow_local

    def allows(self, address: str) -> bool:
        return is_public(address) or (self._allow_local and _is_loopback(address))

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = 0) -> list[ResolveResult]:  # type: ignore[assignment]  # aiohttp's own signature
        addresses = await self._resolver.resolve(host, port, family)
        allowed = [address for address in addresses if self.allows(address["host"])]
        if not allowed:
            raise NotAllowedError(_not_public(host))
        return allowed

    async def close(self) -> None:
        await self._resolver.close()


class Fetcher:
    """An async context manager. `allow_local`: also allow http and this machine, for a local world."""

    def __init__(
        self,
        *,
        allow_local: bool,
        backoff: Sequence[float] = BACKOFF_SECONDS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._schemes = {"https", "http"} if allow_local else {"https"}
        self._resolver = GuardedResolver(allow_local=allow_local)
        self._backoff = backoff
        self._patience = patience
        self._turns = Turns(AT_ONCE)

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(resolver=self._resolver, limit=0)  # members take turns instead
        # Bodies are measured as they arrive, so nothing is decompressed. No cookies are kept.
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=_TIMEOUT,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def read(self, url: str, *, most: int) -> bytes:
        """Download the body, with retries. Raises: FetchError."""
        return b"".join(await self._with_retries(url, most, None))

    async def read_or_spill(self, url: str, *, most: int, spill: Path) -> bytes | Path:
        """Download the body. Returns its bytes, or `spill` if it is large. Raises: FetchError; OSError (disk)."""
        pieces = await self._with_retries(url, most, spill)
        return b"".join(pieces) if pieces else spill

    async def look(self, url: str) -> None:
        """Send a HEAD request, without retries. Raises: FetchError."""
        async with self._answer(url, "HEAD"):
            pass

    async def head(self, url: str, *, most: int, start: int = 0) -> bytes:
        """Download at most `most` bytes of the body, without retries.

        Some hosts know no ranges: then nothing is returned for a `start`. Raises: FetchError.
        """
        head = b""
        async with self._answer(url, headers={"Range": f"bytes={start}-{start + most - 1}"}) as answer:
            if start and answer.status != HTTPStatus.PARTIAL_CONTENT:
                return b""
            while len(head) < most and (piece := await _piece(answer)):
                head += piece
        return head[:most]

    async def _with_retries(self, url: str, most: int, spill: Path | None) -> list[bytes]:
        try:
            async with asyncio.timeout(self._patience):
                for pause in self._backoff:
                    try:
                        return await self._once(url, most, spill)
                    except FetchError as error:
                        if not error.again:
                            raise
                    await asyncio.sleep(pause)
                return await self._once(url, most, spill)
        except TimeoutError:
            why = Phrase("it took longer than {seconds} seconds", seconds=f"{self._patience:g}")
            raise FetchError(why, again=True) from None

    async def _once(self, url: str, most: int, spill: Path | None) -> list[bytes]:
        """Returns the body in pieces; none if it went to `spill`."""
        pieces: list[bytes] = []
        held = spilled = 0
        async with self._answer(url) as answer:
            if answer.content_length is not None and answer.content_length > most:
                why = Phrase("it has {size} bytes, and the limit is {most}", size=answer.content_length, most=most)
                raise FetchError(why)
            while piece := await _piece(answer):
                pieces.append(piece)
                held += len(piece)
                if spilled + held > most:
                    raise FetchError(Phrase("it has more than {most} bytes, the limit", most=most))
                if spill is not None and held > HELD_BYTES:
                    await asyncio.to_thread(_append, spill, pieces, spilled)
                    spilled, held, pieces = spilled + held, 0, []
        if not held + spilled:
            raise FetchError(Phrase("it is empty"))
        if spill is not None and spilled:
            await asyncio.to_thread(_append, spill, pieces, spilled)
            return []
        return pieces

    @asynccontextmanager
    async def _answer(
        self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Follow redirects to the response with the file, or with the range of it that `headers` ask for."""
        link = _link(url)
        for _ in range(MAX_REDIRECTS + 1):
            self._check(link)
            async with self._turns.turn(), await self._ask(method, link, headers) as answer:
                if answer.status == HTTPStatus.OK or (headers and answer.status == HTTPStatus.PARTIAL_CONTENT):
                    yield answer
                    return
                if answer.status not in _REDIRECTS:
                    again = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in _BUSY
                    why = Phrase("the server answered {status}", status=str(answer.status))
                    raise FetchError(why, again=again, gone=answer.status in _GONE)
                link = link.join(_link(answer.headers.get("Location", "")))
        raise FetchError(Phrase("it redirects more than {most} times", most=MAX_REDIRECTS))

    async def _ask(self, method: str, link: URL, headers: Mapping[str, str] | None) -> aiohttp.ClientResponse:
        try:
            return await self._session.request(method, link, headers=headers, allow_redirects=False)
        except ValueError:  # InvalidURL is one, and so is a host that has no form in ASCII
            raise FetchError(Phrase("it isn't a valid link")) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if isinstance(error.__cause__, NotAllowedError):
                raise FetchError(error.__cause__.why) from error
            why = Phrase("the server can't be reached ({error})", error=type(error).__name__)
            raise FetchError(why, again=True) from error

    def _check(self, link: URL) -> None:
        if link.raw_user is not None or link.raw_password is not None:
            raise FetchError(Phrase("it contains a user name or a password"))
        if not link.raw_host or link.scheme not in self._schemes:
            raise FetchError(Phrase("it isn't an {schemes} link", schemes=OneOf(sorted(self._schemes))))
        try:
            allowed = self._resolver.allows(link.raw_host)
        except ValueError:
            return  # a host name: the resolver checks it
        if not allowed:
            raise FetchError(_not_public(link.raw_host))


def _not_public(host: str) -> Phrase:
    return Phrase("{host} is not on the public internet", host=host)


def _link(text: str) -> URL:
    """Parse the link once, with the parser that the request uses. Escapes stay as they are: they may be signed."""
    if " " in text or not text.isprintable():
        raise FetchError(Phrase("it isn't a valid link"))
    try:
        link = URL(text, encoded=text.isascii())
        _ = link.port
    except ValueError:
        raise FetchError(Phrase("it isn't a valid link")) from None
    return link


async def _piece(answer: aiohttp.ClientResponse) -> bytes:
    """The next piece of the body; empty at its end. To aiohttp, a body that is too short is a lost connection."""
    try:
        return await answer.content.readany()
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        why = Phrase("the connection was lost ({error})", error=type(error).__name__)
        raise FetchError(why, again=True) from error


def _append(file: Path, pieces: list[bytes], offset: int) -> None:
    """Append to the file; at offset 0, replace what an earlier try left."""
    with file.open("ab" if offset else "wb") as out:
        out.writelines(pieces)
