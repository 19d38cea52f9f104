"""Downloads from untrusted links: public https only, with limits on size and time.

Every redirect is checked like the first link. Host names go through a resolver that returns allowed addresses only, so
that the address that was checked is the one that is connected to.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

import aiohttp
from yarl import URL

from infra.images.addresses import GuardedResolver, NotAllowedError, not_public
from seedream.phrases import OneOf, Phrase
from seedream.proxies import ProxiedConnector, Proxies, tls_context
from seedream.troubles import describe
from studio.jobs.turns import Turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

    from infra.images.addresses import IPNetwork

MAX_REDIRECTS = 5
BACKOFF_SECONDS = (0.3, 0.9, 2.7)  # before each retry
PATIENCE_SECONDS = 120.0  # for all tries
RESOLVE_SECONDS = 1.0  # behind a proxy, where the resolver may know no name of the internet
AT_ONCE = 64  # connections
HELD_BYTES = 4 * 2**20  # of a body in memory, before it goes to disk
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=20)
_REDIRECTS = {301, 302, 303, 307, 308}
_BUSY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


@dataclass(frozen=True, slots=True)
class Route:
    """How the internet is reached. trusted: networks of addresses that the resolver may give for public hosts."""

    proxies: Proxies = field(default_factory=Proxies)
    trusted: Sequence[IPNetwork] = ()


class FetchError(Exception):
    """A link that couldn't be downloaded; the text says why.

    `again`: a retry may help. `gone`: the file doesn't exist any more. `cause`: what the operator can do about it, if
    the network is at fault.
    """

    def __init__(self, why: str, *, again: bool = False, gone: bool = False, cause: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.cause = cause
        self.again = again
        self.gone = gone


class Fetcher:
    """An async context manager. `allow_local`: also allow http and this machine, for a local world.

    Behind a proxy, a name is checked only if it can be resolved here; the proxy resolves it again by itself.
    """

    def __init__(
        self,
        *,
        allow_local: bool,
        backoff: Sequence[float] = BACKOFF_SECONDS,
        patience: float = PATIENCE_SECONDS,
        route: Route | None = None,
    ) -> None:
        self._route = route or Route()
        self._schemes = {"https", "http"} if allow_local else {"https"}
        self._resolver = GuardedResolver(allow_local=allow_local, trusted=self._route.trusted)
        self._backoff = backoff
        self._patience = patience
        self._turns = Turns(AT_ONCE)

    async def __aenter__(self) -> Self:
        self._direct = _session(aiohttp.TCPConnector(resolver=self._resolver, limit=0, ssl=tls_context()))
        self._proxied = _session(ProxiedConnector(self._route.proxies, limit=0))  # a proxy may have a private address
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._direct.close()
        await self._proxied.close()

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
            session = await self._session_for(link)
            return await session.request(method, link, headers=headers, allow_redirects=False)
        except ValueError:  # InvalidURL is one, and so is a host that has no form in ASCII
            raise FetchError(Phrase("it isn't a valid link")) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            refused = error if isinstance(error, NotAllowedError) else error.__cause__
            if isinstance(refused, NotAllowedError):
                raise FetchError(refused.why, cause=refused.cause) from error
            why = Phrase("the server can't be reached ({error})", error=type(error).__name__)
            raise FetchError(why, again=True, cause=f"{link.raw_host}: {describe(error)}") from error

    async def _session_for(self, link: URL) -> aiohttp.ClientSession:
        """Return the session that reaches a link. Raises: NotAllowedError."""
        if self._route.proxies.for_url(link) is None:
            return self._direct
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                await self._resolver.resolve(link.raw_host or "")
        except NotAllowedError:
            raise
        except OSError:  # or a timeout: only the proxy can resolve it
            return self._proxied
        return self._proxied

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
            raise FetchError(not_public(link.raw_host))


def _session(connector: aiohttp.BaseConnector) -> aiohttp.ClientSession:
    """Open a session. Bodies are measured as they arrive, so nothing is decompressed. No cookies are kept."""
    return aiohttp.ClientSession(
        connector=connector,
        timeout=_TIMEOUT,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity"},
    )


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
        raise FetchError(why, again=True, cause=describe(error)) from error


def _append(file: Path, pieces: list[bytes], offset: int) -> None:
    """Append to the file; at offset 0, replace what an earlier try left."""
    with file.open("ab" if offset else "wb") as out:
        out.writelines(pieces)
