"""Sends calls to the SeeDream API over HTTP, with timeouts, retries and bounds. `seedream.client` decides what to send.

What may have started is never sent twice (see `seedream.errors`). Two facts about aiohttp matter for that:
- It sends a request again by itself when a kept-alive connection turns out to be dead, but only for idempotent methods;
  a POST is sent once. It would repeat a POST for a redirect 307 or 308, so redirects are not followed.
- A POST on a kept-alive connection that the server has just closed fails in a way that can't be told from a request
  whose answer was lost. Paid calls therefore use a fresh connection each: a handshake is nothing beside a generation.
"""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

from seedream.errors import (
    AnswerTooLarge,
    ConnectionNotMade,
    ResponseLost,
    SeeDreamError,
    UnreadableAnswer,
)
from seedream.json_parsing import parse_json
from seedream.proxies import ProxiedConnector
from seedream.read_ahead import read_ahead
from seedream.responses import parse_error
from seedream.retry import parse_retry_after, retry_delay
from seedream.streaming import StreamDecoder
from seedream.troubles import outside_text, trouble_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable

    from seedream.proxies import Proxies

log = logging.getLogger(__name__)

MAX_ANSWER_BYTES = 64 * 2**20
_MAX_ERROR_BYTES = 64 * 2**10
_OK_STATUSES = range(200, 300)

AnswerRecorder = Callable[[aiohttp.ClientResponse, bytes], None]
"""Is called with the bodies of answers as they arrive: once per answer with b"", then with each chunk."""

# aiohttp raises these before a byte of the request has left: no address, refused, no TLS, no connection in time.
_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorSSLError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)
CONNECTION_ERRORS = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Timeouts in seconds. chunk: between two chunks of a stream; stream: for a whole stream."""

    connect: float = 10.0
    answer: float = 600.0
    chunk: float = 300.0
    stream: float = 3600.0
    lookup: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One POST, which may have to be sent several times. paid: it may cost money.

    timeout: in seconds, for the whole answer. chunk_timeout: between two chunks of it.
    """

    path: str
    body: bytes
    timeout: float
    paid: bool
    accept: str = "application/json"
    chunk_timeout: float | None = None


class Transport:
    """Sends calls to one base URL with one key. It opens its sessions when they are needed, unless it is given one.

    retries: how often a call that certainly started nothing is sent again. max_answer_bytes: of a whole answer, and of
    one object of a stream.
    """

    def __init__(
        self,
        *,
        base_url: str,
        key: str,
        session: aiohttp.ClientSession | None,
        retries: int,
        timeouts: Timeouts,
        max_answer_bytes: int,
        sleep: Callable[[float], Awaitable[None]],
        record: AnswerRecorder | None,
        proxies: Proxies,
    ) -> None:
        self.base_url = base_url
        self._key = key
        self._given_session = session
        self._own_sessions: dict[bool, aiohttp.ClientSession] = {}
        self._retries = retries
        self._timeouts = timeouts
        self._max_answer_bytes = max_answer_bytes
        self._sleep = sleep
        self._record = record or _ignore_answer
        self._proxies = proxies

    async def close(self) -> None:
        """Close the sessions that this transport has opened."""
        while self._own_sessions:
            _, session = self._own_sessions.popitem()
            await session.close()

    # --- calls -------------------------------------------------------------------------------------------------------

    async def open(self, call: Call) -> aiohttp.ClientResponse:
        """Send a call, with retries, and return the response before its body is read."""
        attempt = 0
        while True:
            try:
                return await self.send(call)
            except SeeDreamError as error:
                await self._wait_to_retry(error, call, attempt)
            attempt += 1

    async def fetch_json(self, call: Call, *, if_empty: Any = UnreadableAnswer) -> Any:
        """Send a call, with retries, and return the answer's JSON; if_empty as for `read_json`."""
        attempt = 0
        while True:
            try:
                return await self.read_json(await self.send(call), if_empty=if_empty)
            except SeeDreamError as error:
                await self._wait_to_retry(error, call, attempt)
            attempt += 1

    async def _wait_to_retry(self, error: SeeDreamError, call: Call, attempt: int) -> None:
        """Return when the call may be sent again. Raises: the error, if it must not be."""
        delay = retry_delay(error, attempt=attempt, retries=self._retries, paid=call.paid)
        if delay is None:
            raise error
        log.info("retrying in %.1f s: %s", delay, error)
        await self._sleep(delay)

    async def send(self, call: Call) -> aiohttp.ClientResponse:
        """Send a call once and return a successful response, whose body is still to be read.

        Raises: ApiError, ConnectionNotMade, ResponseLost; the connection is then closed.
        """
        started = time.perf_counter()
        try:
            response = await self._session(paid=call.paid).post(
                f"{self.base_url}{call.path}",
                data=io.BytesIO(call.body),  # aiohttp sends it in chunks; a large bytes object would block the loop
                headers=self._headers(call),
                timeout=self._client_timeout(call.timeout, call.chunk_timeout),
                allow_redirects=False,
            )
        except _NEVER_SENT as error:
            raise ConnectionNotMade(f"{ConnectionNotMade.default_message()} ({reason(error)})") from error
        except CONNECTION_ERRORS as error:
            raise ResponseLost(f"{ResponseLost.default_message()} ({reason(error)})") from error
        self._record(response, b"")
        log.debug("%s answered %d after %.2f s", call.path, response.status, time.perf_counter() - started)
        if response.status in _OK_STATUSES:
            return response
        raise await self._error(response, lookup=not call.paid)

    def _headers(self, call: Call) -> dict[str, str]:
        return {
            "authorization": f"Bearer {self._key}",
            "content-type": "application/json",
            "accept": call.accept,
            "accept-encoding": "identity",  # compression would hold back the chunks of a stream
        }

    # --- answers -----------------------------------------------------------------------------------------------------

    async def read_json(self, response: aiohttp.ClientResponse, *, if_empty: Any = UnreadableAnswer) -> Any:
        """Read the answer's JSON. if_empty: is returned for an empty body; by default that raises UnreadableAnswer."""
        try:
            body = b"".join([chunk async for chunk in self._chunks(response, self._max_answer_bytes)])
        except CONNECTION_ERRORS as error:
            raise ResponseLost(f"{ResponseLost.default_message()} ({reason(error)})") from error
        finally:
            response.release()
        return parse_json(body) if body.strip() or if_empty is UnreadableAnswer else if_empty

    async def objects(self, response: aiohttp.ClientResponse) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the objects of a streamed answer. Use it within `contextlib.aclosing`.

        Raises: StreamBroken, UnreadableAnswer, AnswerTooLarge.
        """
        decoder = StreamDecoder(self._max_answer_bytes)
        async with aclosing(read_ahead(response.content.iter_any())) as chunks:
            async for chunk in chunks:
                self._record(response, chunk)
                for record in decoder.feed(chunk):
                    yield record
        for record in decoder.close():
            yield record
        if decoder.unreadable is not None:
            raise decoder.unreadable

    async def download(self, url: str) -> AsyncGenerator[bytes, None]:
        """Yield the content of a link in chunks, without sending the key. Use it within `contextlib.aclosing`."""
        timeout = self._client_timeout(self._timeouts.answer, self._timeouts.lookup)
        try:
            async with self._session(paid=False).get(url, timeout=timeout) as response:
                if response.status not in _OK_STATUSES:
                    raise await self._error(response, lookup=True)
                async for chunk in self._chunks(response, self._max_answer_bytes):
                    yield chunk
        except CONNECTION_ERRORS as error:
            raise ConnectionNotMade(f"The image can't be downloaded: {reason(error)}.") from error

    async def _error(self, response: aiohttp.ClientResponse, *, lookup: bool) -> SeeDreamError:
        body = b""
        with suppress(*CONNECTION_ERRORS, AnswerTooLarge):  # the status alone still says what went wrong
            body = b"".join([chunk async for chunk in self._chunks(response, _MAX_ERROR_BYTES)])
        response.close()
        after, date = response.headers.get("retry-after"), response.headers.get("date")
        retry_after = parse_retry_after(after, now=time.time(), date=date)
        body = body.replace(self._key.encode(), b"[key]")
        return parse_error(response.status, body, retry_after=retry_after, lookup=lookup)

    async def _chunks(self, response: aiohttp.ClientResponse, limit: int) -> AsyncGenerator[bytes, None]:
        size = 0
        async for chunk in response.content.iter_any():
            self._record(response, chunk)
            size += len(chunk)
            if size > limit:
                response.close()
                raise AnswerTooLarge(f"The service's answer is larger than {limit / 2**20:g} MiB.")
            yield chunk

    # --- connections -------------------------------------------------------------------------------------------------

    def _session(self, *, paid: bool) -> aiohttp.ClientSession:
        if self._given_session is not None:
            return self._given_session
        if paid not in self._own_sessions:
            # The caller decides how many calls run at once; a limit here would only hide their waiting.
            connector = ProxiedConnector(self._proxies, limit=0, force_close=paid)
            jar = aiohttp.DummyCookieJar()
            self._own_sessions[paid] = aiohttp.ClientSession(connector=connector, cookie_jar=jar)
        return self._own_sessions[paid]

    def _client_timeout(self, total: float, chunk: float | None) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=total, connect=self._timeouts.connect, sock_read=chunk)


def reason(error: BaseException) -> str:
    """Return in short what went wrong."""
    trouble = trouble_of(error)
    return trouble.cause if trouble else outside_text(str(error)) or type(error).__name__


def _ignore_answer(_response: aiohttp.ClientResponse, _chunk: bytes) -> None:
    """Record nothing."""
