"""The local SeeDream API server: `async with LocalSeeDream() as api:` gives `api.url` and `api.key`."""

import asyncio
from typing import Any, Self

import aiohttp
from aiohttp import web

from sandbox.seedream.byte_cache import ByteCache
from sandbox.seedream.control import Control
from sandbox.seedream.errors import Json, no_api, too_many_requests
from sandbox.seedream.faults import Fault, Faults
from sandbox.seedream.hostile import spoilt
from sandbox.seedream.images import Images
from sandbox.seedream.renderer import CUT, Renderer
from sandbox.seedream.request_log import RequestLog
from sandbox.seedream.response_patching import rewritten
from sandbox.seedream.settings import ServiceSettings, changed
from sandbox.seedream.state import INPUTS_ROOM, LARGEST_BODY, ServiceState, api_errors, body_of
from sandbox.seedream.tasks import Tasks
from sandbox.serving import own_origin_only

KEY = "local-seedream-key"
GRACE = 0.2  # seconds for running requests when the server stops
MEDIA = {"jpeg": "image/jpeg", "png": "image/png"}


class LocalSeeDream:
    """The service; port 0 takes a free port. `settings` are those of `ServiceSettings`."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, key: str = KEY, **settings: Any) -> None:
        self.key = key
        self.url = ""
        self._host = host
        self._port = port
        self._start = changed(ServiceSettings(), settings)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def described(self) -> dict[str, str]:
        """Return its address and key."""
        return {"seedream": self.url, "key": self.key}

    async def start(self) -> None:
        """Start listening. Raises OSError if the port is taken."""
        self._state = self._new_state()
        self._runner = web.AppRunner(application(self._state), access_log=None, shutdown_timeout=GRACE)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError:
            await self.stop()
            raise
        host, port = self._runner.addresses[0][:2]
        self.url = self._state.renderer.url = f"http://{host}:{port}"

    async def stop(self) -> None:
        await self._state.tasks.stop()
        await self._runner.cleanup()
        await self._state.session.close()
        self._state.renderer.close()

    def _new_state(self) -> ServiceState:
        session, renderer, request_log = aiohttp.ClientSession(), Renderer(), RequestLog()
        return ServiceState(
            key=self.key,
            start=self._start,
            settings=self._start,
            session=session,
            renderer=renderer,
            request_log=request_log,
            faults=Faults(),
            tasks=Tasks(renderer, request_log, session),
            inputs=ByteCache(INPUTS_ROOM),
        )


def application(state: ServiceState) -> web.Application:
    """Create the application; unknown paths get an error in the service's form."""
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[own_origin_only, api_errors(state)])
    service, images = Service(state), Images(state)
    for base in ("", "/v1"):
        app.router.add_post(f"{base}/seedream/images", images.handle)
        app.router.add_post(f"{base}/seedream/tasks", service.tasks)
    for base in ("", "/{base:.+}"):
        app.router.add_post(f"{base}/images/generations", images.handle_ark)
    app.router.add_get("/files/{name}", service.file)
    Control(state).add_to(app.router)
    app.router.add_route("*", "/{path:.*}", service.unknown)
    return app


class Service:
    """The service's other routes."""

    def __init__(self, state: ServiceState) -> None:
        self._state = state

    async def tasks(self, request: web.Request) -> web.Response:
        """POST /seedream/tasks."""
        state = self._state
        state.check_dialect("acedata", request.path)
        state.check_key(request)
        body = await body_of(request, state.renderer)
        state.request_log.looked_up(_ids(body))
        faults = state.faults.take("tasks")
        if hang := faults.get("hang"):
            await asyncio.sleep(hang.seconds)
        if error := faults.get("error"):
            return state.failed(error)
        self._check_lookup_rate()
        answer = _rewritten(state.tasks.lookup(body, state.settings), faults)
        return spoilt(faults) or web.json_response(answer)

    def _check_lookup_rate(self) -> None:
        """Raise ApiError if there are too many look-ups."""
        allowed = self._state.settings.lookups_per_second
        if allowed and self._state.request_log.lookups_within(max(1.0, 1 / allowed)) > max(1.0, allowed):
            raise too_many_requests()

    async def file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        data = self._state.renderer.file(name)
        if data is None:
            raise web.HTTPNotFound
        if self._state.settings.links_once:
            self._state.renderer.forget(name)
        media = MEDIA[name.rpartition(".")[2]]
        if not name.startswith(CUT):
            return web.Response(body=data, content_type=media)
        response = web.StreamResponse(headers={"content-type": media, "content-length": str(len(data))})
        await response.prepare(request)
        await response.write(data[: len(data) // 2])
        if request.transport:
            request.transport.close()
        return response

    async def unknown(self, request: web.Request) -> web.Response:
        raise no_api(request.path)


def _ids(body: Json) -> int:
    """Count the tasks that a look-up names."""
    ids = body.get("ids")
    return len(ids) if isinstance(ids, list) else int("id" in body)


def _rewritten(answer: Json, faults: dict[str, Fault]) -> Json:
    """Apply the faults to every task of a look-up."""
    if "items" not in answer:
        return rewritten(answer, faults)
    return answer | {"items": [rewritten(item, faults) for item in answer["items"]]}
