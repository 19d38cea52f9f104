"""The client of the SeeDream API: generations, tasks, downloads. `seedream.transport` does the HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

from seedream import client_validation as validation
from seedream.errors import (
    BadRequest,
    InvalidOption,
    InvalidRequest,
    ModelRefused,
    NotFound,
    StreamBroken,
    UnreadableAnswer,
)
from seedream.providers import DEFAULT_PROVIDER
from seedream.proxies import Proxies
from seedream.responses import StreamParser, parse_result, parse_submission, parse_task, parse_tasks
from seedream.transport import CONNECTION_ERRORS, MAX_ANSWER_BYTES, Call, Timeouts, Transport, reason
from seedream.values import GenerationCompleted, TaskNamed, TaskStatus
from seedream.wire_ids import IdSearch, WireIds

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable

    import aiohttp

    from seedream.providers import Provider
    from seedream.requests import ImageRequest
    from seedream.transport import AnswerRecorder
    from seedream.values import ImageEvent, Result, Submission

log = logging.getLogger(__name__)

_T = TypeVar("_T")

_TASKS_PER_CALL = 50
_THREAD_CHARACTERS = 1 << 20  # from this size on, encoding takes longer than handing it to a thread


class SeeDreamClient:
    """A connection to the SeeDream API of a provider, or of a compatible reseller. Errors: see `seedream.errors`.

    base_url: replaces the provider's. wire_ids: what is known of the model ids that the service accepts; the client
    keeps learning. session: is used for every call and stays open on `close()`; give it a connector with
    `force_close=True`, or else a connection that died while it was kept alive counts as a lost answer. Without a
    session the client opens its own. retries: how often a call that certainly started nothing is sent again.
    max_answer_bytes: of a whole answer, and of one object of a stream. record: is called with every answer.
    proxies: of the client's own sessions; by default it connects directly.
    Raises: InvalidRequest for an invalid key or address.
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
        record: AnswerRecorder | None = None,
        proxies: Proxies | None = None,
    ) -> None:
        self._provider = provider
        self._timeouts = timeouts or Timeouts()
        self._wire_ids = wire_ids or WireIds(provider)
        self._transport = Transport(
            key=validation.valid_key(api_key, provider),
            base_url=validation.valid_base_url(provider.address(base_url)),
            session=session,
            retries=retries,
            timeouts=self._timeouts,
            max_answer_bytes=max_answer_bytes,
            sleep=sleep,
            record=record,
            proxies=proxies or Proxies(),
        )

    def __repr__(self) -> str:
        return f"<SeeDreamClient {self._transport.base_url}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections that this client has opened."""
        await self._transport.close()

    @property
    def wire_ids(self) -> WireIds:
        """What is known of the model ids that the service accepts."""
        return self._wire_ids

    # --- generations: they cost money ------------------------------------------------------------------------------

    async def generate(self, request: ImageRequest) -> Result:
        """Make images with one long request, of up to 10 minutes. Images of a group that failed are in `failures`."""
        if request.run_async or request.callback_url is not None:
            problem = "An asynchronous request has no result to wait for."
            raise InvalidRequest(InvalidOption("async", "", problem, "Use submit()."))
        return await self._generate(_delivered(request, stream=False, run_async=False), parse_result)

    async def submit(self, request: ImageRequest) -> Submission:
        """Start a task and return at once. Without a `callback_url` the task has to be looked up.

        Raises besides: InvalidRequest if the provider has no tasks.
        """
        self._tasks_path()
        run_async = request.run_async or request.callback_url is None
        return await self._generate(_delivered(request, stream=False, run_async=run_async), parse_submission)

    async def stream(self, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]:
        """Yield images as they are made; the last event is GenerationCompleted. Use it within `contextlib.aclosing`.

        Raises besides: StreamBroken if it ends early. What arrived before counts; sending the request again isn't safe.
        """
        request = _delivered(request, stream=True, run_async=request.run_async)
        search = IdSearch(self._wire_ids, request.capabilities)
        for wire_id in search:
            try:
                async with aclosing(self._stream_events(request, wire_id)) as events:
                    async for event in events:
                        if not isinstance(event, TaskNamed):
                            search.accept()
                        yield event
            except ModelRefused as error:
                search.refuse(error)
            else:
                return
        raise search.failure

    async def _stream_events(self, request: ImageRequest, wire_id: str) -> AsyncGenerator[ImageEvent, None]:
        response = await self._transport.open(await self._generation_call(request, wire_id))
        parser = StreamParser()
        try:
            async with aclosing(self._transport.objects(response)) as records:
                async for record in records:
                    for event in parser.parse(record):
                        yield event
                        if isinstance(event, GenerationCompleted):
                            return
        except CONNECTION_ERRORS as error:
            raise StreamBroken(f"{_broken_after(parser.arrived)} ({reason(error)})") from error
        finally:
            response.close()
            if parser.left_out:
                log.warning("a stream had %d more images than can be kept; they were left out", parser.left_out)
        parser.close()
        raise StreamBroken(_broken_after(parser.arrived))

    async def _generate(self, request: ImageRequest, parse: Callable[[Any], _T]) -> _T:
        """Send a request with the first model id that the service accepts, and parse the answer."""
        search = IdSearch(self._wire_ids, request.capabilities)
        for wire_id in search:
            try:
                answer = parse(await self._transport.fetch_json(await self._generation_call(request, wire_id)))
            except ModelRefused as error:
                search.refuse(error)
            else:
                search.accept()
                return answer
        raise search.failure

    async def _generation_call(self, request: ImageRequest, wire_id: str) -> Call:
        return Call(
            path=self._provider.images_path,
            body=await _encode(request.to_wire(wire_id)),
            timeout=self._timeouts.stream if request.stream else self._timeouts.answer,
            chunk_timeout=self._timeouts.chunk if request.stream else None,
            paid=True,
            accept=self._provider.stream_type if request.stream else "application/json",
        )

    # --- look-ups: they cost nothing -------------------------------------------------------------------------------

    async def task(self, task_id: str) -> TaskStatus:
        """Look up a task. Raises: NotFound for an id that the service does not know."""
        [valid_id] = validation.valid_task_ids([task_id])
        return parse_task(await self._lookup({"id": valid_id, "action": "retrieve"}), valid_id)

    async def tasks(self, ids: Iterable[str]) -> dict[str, TaskStatus]:
        """Look up many tasks, by id. A task that the service does not know has the state "unknown"."""
        valid_ids = validation.valid_task_ids(ids)
        found: dict[str, TaskStatus] = {}
        for start in range(0, len(valid_ids), _TASKS_PER_CALL):
            batch = valid_ids[start : start + _TASKS_PER_CALL]
            found |= parse_tasks(await self._lookup({"ids": batch, "action": "retrieve_batch"}))
        return {task_id: found.get(task_id) or TaskStatus(id=task_id, state="unknown") for task_id in valid_ids}

    async def check_key(self) -> None:
        """Return if the service accepts the key. Costs nothing: it asks for a task or a model that does not exist."""
        name = f"key-check-{secrets.token_hex(8)}"
        if self._provider.tasks_path is None:
            await self._request_unknown_model(name)
            return
        with suppress(NotFound, BadRequest):  # the service says so only to an accepted key
            await self._lookup({"id": name, "action": "retrieve"}, if_empty=None)

    async def _request_unknown_model(self, name: str) -> None:
        body = json.dumps({"model": name, "prompt": name}).encode()
        call = Call(path=self._provider.images_path, body=body, timeout=self._timeouts.lookup, paid=True)
        with suppress(ModelRefused):
            (await self._transport.send(call)).close()

    async def probe(self, path: str, body: dict[str, Any]) -> Any:
        """Send any body to a path of the provider's, once, and return the JSON answer: to try undocumented calls.

        At `provider.images_path` it may cost money like any generation.
        """
        paid = path != self._provider.tasks_path
        timeout = self._timeouts.answer if paid else self._timeouts.lookup
        call = Call(path=path, body=json.dumps(body).encode(), timeout=timeout, paid=paid)
        return await self._transport.read_json(await self._transport.send(call), if_empty={})

    async def _lookup(self, body: dict[str, Any], *, if_empty: Any = UnreadableAnswer) -> Any:
        call = Call(path=self._tasks_path(), body=json.dumps(body).encode(), timeout=self._timeouts.lookup, paid=False)
        return await self._transport.fetch_json(call, if_empty=if_empty)

    def _tasks_path(self) -> str:
        """Return the path of task look-ups. Raises: InvalidRequest if the provider has none."""
        if (path := self._provider.tasks_path) is None:
            problem = f"{self._provider.label} has no tasks: it answers a request at once."
            raise InvalidRequest(InvalidOption("async", "", problem, "Use generate() or stream()."))
        return path

    async def download(self, url: str) -> AsyncGenerator[bytes, None]:
        """Yield an image that the API has linked, in chunks; the key is not sent. Use it within `contextlib.aclosing`.

        At most `max_answer_bytes`. Raises: InvalidRequest if it isn't an http(s) link, NotFound for a dead one.
        """
        async with aclosing(self._transport.download(validation.valid_url("url", url))) as chunks:
            async for chunk in chunks:
                yield chunk


async def _encode(body: dict[str, Any]) -> bytes:
    """Encode as JSON, large bodies in a thread: megabytes of references would block the loop for milliseconds."""
    if sum(map(len, body.get("image", ()))) < _THREAD_CHARACTERS:
        return _dump(body)
    return await asyncio.to_thread(_dump, body)


def _dump(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _delivered(request: ImageRequest, *, stream: bool, run_async: bool) -> ImageRequest:
    """Return the request for this way of delivery; a request that needs no change isn't validated again."""
    if (request.stream, request.run_async) == (stream, run_async):
        return request
    return replace(request, stream=stream, run_async=run_async)


def _broken_after(arrived: int) -> str:
    return f"{StreamBroken.default_message()} Arrived: {arrived}."
