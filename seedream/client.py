"""The SeeDream API over HTTP: the only file here that awaits it.

What may have started is never sent twice (see `seedream.errors`). Two facts about aiohttp matter for that:
- It sends a request again by itself when a kept-alive connection turns out to be dead, but only for idempotent methods;
  a POST is sent once. It would repeat a POST for a redirect 307 or 308, so redirects are not followed.
- A POST on a kept-alive connection that the server has just closed fails in a way that can't be told from a request
  whose answer was lost. Paid calls therefore take a fresh connection each: a handshake is nothing beside a generation.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

import aiohttp

from seedream import wire
from seedream.errors import (
    AnswerTooLarge,
    BadRequest,
    ConnectionNotMade,
    InvalidRequest,
    ModelRefused,
    NotFound,
    Refusal,
    ResponseLost,
    SeeDreamError,
    StreamBroken,
    UnreadableAnswer,
)
from seedream.json_parsing import parse_json
from seedream.providers import DEFAULT_PROVIDER
from seedream.reading import read_ahead
from seedream.responses import (
    StreamParser,
    parse_error,
    parse_result,
    parse_submission,
    parse_task,
    parse_tasks,
)
from seedream.streaming import StreamDecoder
from seedream.values import Completed, TaskNamed, TaskStatus
from seedream.wire_ids import IdSearch, WireIds

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Iterable

    from seedream.capabilities import Model
    from seedream.providers import Provider
    from seedream.requests import ImageRequest
    from seedream.values import ImageEvent, Result, Submission

_T = TypeVar("_T")

log = logging.getLogger(__name__)

MAX_ANSWER_BYTES = 64 * 2**20
_MAX_ERROR_BYTES = 64 * 2**10
_TASKS_AT_ONCE = 50
_INLINE_CHARACTERS = 1 << 20
_OK_STATUSES = range(200, 300)

Record = Callable[[aiohttp.ClientResponse, bytes], None]
"""Is handed the bodies of answers as they come: each answer once with nothing, then with every piece of it."""

# aiohttp raises these before a byte of the request has left: no address, refused, no TLS, no connection in time.
_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorSSLError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds. `chunk`: between two pieces of a stream; `stream`: for a whole one."""

    connect: float = 10.0
    answer: float = 600.0
    chunk: float = 300.0
    stream: float = 3600.0
    lookup: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One POST, as it may have to be made several times. `paid`: it may cost money."""

    path: str
    body: bytes
    limits: aiohttp.ClientTimeout
    paid: bool
    accept: str = "application/json"


class SeeDreamClient:
    """A connection to the SeeDream API of a provider, or of a reseller like it. Errors: those of `seedream.errors`.

    base_url: in place of the provider's. wire_ids: what is known of the service's ids; it goes on learning. session: is
    used for every call and stays open on `close()`; give it a connector with `force_close=True`, or a connection that
    died while it was kept alive counts as a lost answer. Without one the client opens its own. retries: how often a
    call that certainly started nothing is made again. max_answer_bytes: of a plain answer, and of one object of a
    stream. record: sees every answer as it comes, to keep it.
    Raises: InvalidRequest for a key or an address that can't be one.
    """

    def __init__(
        self,
        *,
        api_key: str,
        provider: Provider = DEFAULT_PROVIDER,
        base_url: str = "",
        wire_ids: WireIds | None = None,
        session: aiohttp.ClientSession | None = None,
        retries: int = 2,
        timeouts: Timeouts | None = None,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        record: Record | None = None,
    ) -> None:
        self._key = wire.checked_key(api_key, provider)
        self._provider = provider
        self._base_url = wire.checked_base_url(provider.address(base_url))
        self._given_session = session
        self._own_sessions: dict[bool, aiohttp.ClientSession] = {}
        self._retries = retries
        self._timeouts = timeouts or Timeouts()
        self._max_answer_bytes = max_answer_bytes
        self._sleep = sleep
        self._wire_ids = wire_ids or WireIds(provider)
        self._record = record or _not_recorded

    def __repr__(self) -> str:
        return f"<SeeDreamClient {self._base_url}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close what this client has opened."""
        while self._own_sessions:
            _, session = self._own_sessions.popitem()
            await session.close()

    @property
    def wire_ids(self) -> WireIds:
        """What is known of the ids that the service takes."""
        return self._wire_ids

    # --- generations: they cost money ------------------------------------------------------------------------------

    async def generate(self, request: ImageRequest) -> Result:
        """One long request, up to 10 minutes. Pictures of a group that failed are in `failures`."""
        if request.run_async or request.callback_url is not None:
            allowed = "an asynchronous request has no result to wait for"
            raise InvalidRequest(Refusal("async", "", allowed, "use submit() for it"))
        request = _sent_as(request, stream=False, run_async=False)

        async def answered(wire_id: str) -> Result:
            return parse_result(await self._json(await self._opened(request, wire_id)))

        return await self._with_an_id(request.capabilities, answered)

    async def submit(self, request: ImageRequest) -> Submission:
        """Start a task and return at once. Without a `callback_url` it is made asynchronous, to be looked up.

        Raises besides: InvalidRequest where the provider has no tasks.
        """
        self._need_tasks()
        asynchronous = request.run_async or request.callback_url is None
        request = _sent_as(request, stream=False, run_async=asynchronous)

        async def submitted(wire_id: str) -> Submission:
            return parse_submission(await self._json(await self._opened(request, wire_id)))

        return await self._with_an_id(request.capabilities, submitted)

    async def stream(self, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]:
        """Pictures as they are made; the last event is Completed. Use it within `contextlib.aclosing`.

        Raises besides: StreamBroken when it ends earlier. What had arrived counts; it is not safe to ask again.
        """
        request = _sent_as(request, stream=True, run_async=request.run_async)

        search = IdSearch(self._wire_ids, request.capabilities)
        for wire_id in search:
            try:
                async with aclosing(self._events(request, wire_id)) as events:
                    async for event in events:
                        if not isinstance(event, TaskNamed):
                            search.taken()
                        yield event
            except ModelRefused as error:
                search.refused(error)
            else:
                return
        raise search.failure

    async def _events(self, request: ImageRequest, wire_id: str) -> AsyncGenerator[ImageEvent, None]:
        response = await self._opened(request, wire_id)
        parser = StreamParser()
        try:
            async with aclosing(self._records(response)) as records:
                async for record in records:
                    for event in parser.parse(record):
                        yield event
                        if isinstance(event, Completed):
                            return
        except _BROKEN as error:
            raise StreamBroken(_broken(parser.arrived, error)) from error
        finally:
            response.close()
        raise StreamBroken(_broken(parser.arrived, None))

    async def _records(self, response: aiohttp.ClientResponse) -> AsyncGenerator[dict[str, Any], None]:
        decoder = StreamDecoder(self._max_answer_bytes)
        async with aclosing(read_ahead(response.content.iter_any())) as chunks:
            async for chunk in chunks:
                self._record(response, chunk)
                for record in decoder.feed(chunk):
                    yield record
        try:
            last = decoder.close()
        except UnreadableAnswer as error:
            raise StreamBroken(f"{StreamBroken.default_message()} It ended within a line.") from error
        for record in last:
            yield record

    async def _with_an_id(self, model: Model, ask: Callable[[str], Awaitable[_T]]) -> _T:
        """What `ask` gives for the first wire id that the service takes, wherever in its answer it says that."""
        search = IdSearch(self._wire_ids, model)
        for wire_id in search:
            try:
                answer = await ask(wire_id)
            except ModelRefused as error:
                search.refused(error)
            else:
                search.taken()
                return answer
        raise search.failure

    async def _opened(self, request: ImageRequest, wire_id: str) -> aiohttp.ClientResponse:
        """The beginning of a good answer."""
        call = _Call(
            path=self._provider.images_path,
            body=await _encoded(request.to_wire(wire_id)),
            limits=self._stream_limits() if request.stream else self._limits(total=self._timeouts.answer),
            paid=True,
            accept=self._provider.stream_type if request.stream else "application/json",
        )
        return await self._repeated(partial(self._sent, call), paid=True)

    def _need_tasks(self) -> str:
        if (path := self._provider.tasks_path) is None:
            allowed = f"{self._provider.label} has no tasks: it answers a request at once"
            raise InvalidRequest(Refusal("async", "", allowed, "use generate() or stream()"))
        return path

    # --- look-ups: they cost nothing -------------------------------------------------------------------------------

    async def task(self, task_id: str) -> TaskStatus:
        """How a task is doing. Raises: NotFound for an id that the service does not know."""
        [checked] = wire.checked_ids([task_id])
        return parse_task(await self._lookup({"id": checked, "action": "retrieve"}), checked)

    async def tasks(self, ids: Iterable[str]) -> dict[str, TaskStatus]:
        """How many tasks are doing, by id. One that the service does not know is "unknown"."""
        wanted = wire.checked_ids(ids)
        found: dict[str, TaskStatus] = {}
        for start in range(0, len(wanted), _TASKS_AT_ONCE):
            batch = wanted[start : start + _TASKS_AT_ONCE]
            found |= parse_tasks(await self._lookup({"ids": batch, "action": "retrieve_batch"}))
        return {one: found.get(one) or TaskStatus(id=one, state="unknown") for one in wanted}

    async def check_key(self) -> None:
        """Return if the service takes the key, which costs nothing: it is asked for what does not exist."""
        name = f"key-check-{secrets.token_hex(8)}"
        if self._provider.tasks_path is None:
            await self._ask_for_no_model(name)
            return
        with suppress(NotFound, BadRequest):  # only somebody whose key is taken hears that
            await self._lookup({"id": name, "action": "retrieve"}, empty=None)

    async def _ask_for_no_model(self, name: str) -> None:
        body = json.dumps({"model": name, "prompt": name}).encode()
        limits = self._limits(total=self._timeouts.lookup)
        with suppress(ModelRefused):
            (await self._sent(_Call(path=self._provider.images_path, body=body, limits=limits, paid=True))).close()

    async def probe(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON that the service answers to any body at a path of the provider's: to try what is not documented.

        It is sent once. At `provider.images_path` it may cost money like any generation.
        """
        paid = path != self._provider.tasks_path
        limits = self._limits(total=self._timeouts.answer if paid else self._timeouts.lookup)
        call = _Call(path=path, body=json.dumps(body).encode(), limits=limits, paid=paid)
        return await self._json(await self._sent(call), empty={})

    async def _lookup(self, body: dict[str, Any], **empty: Any) -> Any:
        limits = self._limits(total=self._timeouts.lookup)
        call = _Call(path=self._need_tasks(), body=json.dumps(body).encode(), limits=limits, paid=False)

        async def asked() -> Any:
            return await self._json(await self._sent(call), **empty)

        return await self._repeated(asked, paid=False)

    async def download(self, url: str) -> AsyncGenerator[bytes, None]:
        """The bytes of a picture that the API has linked, in pieces; the key is not sent. Use it within `aclosing`.

        At most `max_answer_bytes`. Raises: InvalidRequest for what is no http(s) link, NotFound for a dead one.
        """
        timeout = self._limits(total=self._timeouts.answer, sock_read=self._timeouts.lookup)
        try:
            async with self._session(paid=False).get(wire.checked_url("url", url), timeout=timeout) as response:
                if response.status not in _OK_STATUSES:
                    raise await self._error(response, lookup=True)
                async for chunk in self._bounded(response, self._max_answer_bytes):
                    yield chunk
        except _BROKEN as error:
            raise ConnectionNotMade(f"The picture could not be fetched: {_reason(error)}.") from error

    # --- one request -----------------------------------------------------------------------------------------------

    async def _repeated(self, ask: Callable[[], Awaitable[_T]], *, paid: bool) -> _T:
        """What `ask` gives, after as many attempts as `wire.retry_delay` allows."""
        attempt = 0
        while True:
            try:
                return await ask()
            except SeeDreamError as error:
                delay = wire.retry_delay(error, attempt=attempt, retries=self._retries, paid=paid)
                if delay is None:
                    raise
                log.info("asking again in %.1f s: %s", delay, error)
            await self._sleep(delay)
            attempt += 1

    async def _sent(self, call: _Call) -> aiohttp.ClientResponse:
        """Send once. The connection is closed, unless a good answer is returned."""
        headers = {
            "authorization": f"Bearer {self._key}",
            "content-type": "application/json",
            "accept": call.accept,
            "accept-encoding": "identity",  # compression would only hold back the pieces of a stream
        }
        started = time.perf_counter()
        try:
            response = await self._session(paid=call.paid).post(
                f"{self._base_url}{call.path}",
                data=io.BytesIO(call.body),  # aiohttp sends it in pieces; a large bytes object would block the loop
                headers=headers,
                timeout=call.limits,
                allow_redirects=False,
            )
        except _NEVER_SENT as error:
            raise ConnectionNotMade(f"{ConnectionNotMade.default_message()} ({_reason(error)})") from error
        except _BROKEN as error:
            raise ResponseLost(f"{ResponseLost.default_message()} ({_reason(error)})") from error
        self._record(response, b"")
        log.debug("%s answered %d after %.2f s", call.path, response.status, time.perf_counter() - started)
        if response.status in _OK_STATUSES:
            return response
        raise await self._error(response, lookup=not call.paid)

    async def _error(self, response: aiohttp.ClientResponse, *, lookup: bool) -> SeeDreamError:
        body = b""
        with suppress(*_BROKEN, AnswerTooLarge):  # the status alone still says what went wrong
            body = b"".join([chunk async for chunk in self._bounded(response, _MAX_ERROR_BYTES)])
        response.close()
        wait = wire.retry_after(response.headers.get("retry-after"), now=time.time())
        body = body.replace(self._key.encode(), b"[key]")
        return parse_error(response.status, body, retry_after=wait, lookup=lookup)

    async def _json(self, response: aiohttp.ClientResponse, **empty: Any) -> Any:
        """The answer's JSON; `empty`: what an empty body stands for, where it may be one."""
        try:
            chunks = [chunk async for chunk in self._bounded(response, self._max_answer_bytes)]
        except _BROKEN as error:
            raise ResponseLost(f"{ResponseLost.default_message()} ({_reason(error)})") from error
        finally:
            response.release()
        body = b"".join(chunks)
        return empty["empty"] if empty and not body.strip() else parse_json(body)

    async def _bounded(self, response: aiohttp.ClientResponse, limit: int) -> AsyncGenerator[bytes, None]:
        size = 0
        async for chunk in response.content.iter_any():
            self._record(response, chunk)
            size += len(chunk)
            if size > limit:
                response.close()
                raise AnswerTooLarge(f"The service's answer is larger than {limit / 2**20:g} MB.")
            yield chunk

    def _session(self, *, paid: bool) -> aiohttp.ClientSession:
        if self._given_session is not None:
            return self._given_session
        if paid not in self._own_sessions:
            # How many run at once is the caller's decision: waiting here would only hide it.
            connector = aiohttp.TCPConnector(limit=0, force_close=paid)
            jar = aiohttp.DummyCookieJar()
            self._own_sessions[paid] = aiohttp.ClientSession(connector=connector, cookie_jar=jar)
        return self._own_sessions[paid]

    def _stream_limits(self) -> aiohttp.ClientTimeout:
        return self._limits(total=self._timeouts.stream, sock_read=self._timeouts.chunk)

    def _limits(self, *, total: float, sock_read: float | None = None) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=total, connect=self._timeouts.connect, sock_read=sock_read)


async def _encoded(body: dict[str, Any]) -> bytes:
    """As JSON; tens of megabytes of references would hold up the loop for as many milliseconds."""
    write = partial(json.dumps, body, ensure_ascii=False)
    if sum(map(len, body.get("image", ()))) < _INLINE_CHARACTERS:
        return write().encode()
    return await asyncio.to_thread(lambda: write().encode())


def _sent_as(request: ImageRequest, *, stream: bool, run_async: bool) -> ImageRequest:
    """The request for this way; checking megabytes of references again is left out when it is so already."""
    if (request.stream, request.run_async) == (stream, run_async):
        return request
    return replace(request, stream=stream, run_async=run_async)


def _not_recorded(_response: aiohttp.ClientResponse, _piece: bytes) -> None:
    """Nobody wants to see the answers."""


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _broken(arrived: int, error: BaseException | None) -> str:
    why = f" ({_reason(error)})" if error else ""
    return f"{StreamBroken.default_message()} Arrived: {arrived}.{why}"
