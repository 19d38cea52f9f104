"""The state that the routes share, and helpers for reading requests and sending errors."""

import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.seedream.byte_cache import ByteCache
from sandbox.seedream.dialects import dialect_of
from sandbox.seedream.errors import (
    Json,
    LocalApiError,
    bad_request,
    invalid_token,
    no_api,
    no_token,
    request_too_large,
)
from sandbox.seedream.faults import Fault, Faults
from sandbox.seedream.renderer import Renderer
from sandbox.seedream.request_log import RequestLog
from sandbox.seedream.response_items import RequestIds
from sandbox.seedream.settings import ServiceSettings
from sandbox.seedream.tasks import Tasks

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LARGEST_BODY = 64 * 2**20  # bytes; the guide gives no number for its 413
INPUTS_ROOM = 256 * 2**20  # bytes of received reference images


@dataclass(slots=True, kw_only=True)
class ServiceState:
    """The local service's state. `start` are the settings that a reset restores."""

    key: str
    start: ServiceSettings
    settings: ServiceSettings
    session: aiohttp.ClientSession
    renderer: Renderer
    request_log: RequestLog
    faults: Faults
    tasks: Tasks
    inputs: ByteCache

    async def reset(self) -> None:
        """Forget everything and end running tasks."""
        await self.tasks.stop()
        self.settings = self.start
        for part in (self.request_log, self.faults, self.inputs, self.renderer):
            part.clear()

    def refused(self, problem: LocalApiError, ids: RequestIds | None = None) -> web.Response:
        """Respond with an error; `ids` are those of a request that became a task."""
        dialect = dialect_of(self.settings)
        problem = dialect.translated(problem)
        body = dialect.refusal(problem, ids or RequestIds(), has_task=ids is not None)
        return web.json_response(body, status=problem.status)

    def failed(self, fault: Fault, ids: RequestIds | None = None) -> web.Response:
        """Respond as a fault of kind "error" says."""
        headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
        if fault.body == "html":
            page = f"<html><body><h1>{fault.status} {fault.message}</h1></body></html>\n"
            return web.Response(text=page, content_type="text/html", status=fault.status, headers=headers)
        dialect = dialect_of(self.settings)
        body = dialect.refusal(dialect.translated(fault.error), ids or RequestIds(), has_task=ids is not None)
        if fault.body == "string":
            body["error"] = fault.message
        return web.json_response(body, status=fault.status, headers=headers)

    def check_dialect(self, dialect: str, path: str) -> None:
        """Raise ApiError if the path belongs to the other dialect."""
        if self.settings.dialect != dialect:
            raise no_api(path)

    def check_key(self, request: web.Request) -> None:
        """Raise ApiError if the bearer token is missing or wrong."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise no_token()
        if not hmac.compare_digest(token.strip().encode(), self.key.encode()):
            raise invalid_token()


def parsed(raw: bytes) -> Json:
    """Parse a body that must be a JSON object. Raises ApiError."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as problem:
        raise bad_request("The body is not JSON.") from problem
    if not isinstance(body, dict):
        raise bad_request("The body is not a JSON object.")
    return body


async def body_of(request: web.Request, renderer: Renderer) -> Json:
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge as problem:
        raise request_too_large(LARGEST_BODY) from problem
    return await renderer.in_thread(lambda: parsed(raw))


def hang_up(request: web.Request) -> web.Response:
    """Close the connection; the returned response is never sent."""
    if request.transport:
        request.transport.close()
    return web.Response(status=500)


def api_errors(state: ServiceState) -> Middleware:
    """Return a middleware that sends ApiErrors in the dialect of the settings."""

    @web.middleware
    async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except LocalApiError as problem:
            return state.refused(problem)

    return answered
