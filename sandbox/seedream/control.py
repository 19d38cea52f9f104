"""Serves the control API under /control, which the real service does not have. It needs no key."""

from dataclasses import asdict

from aiohttp import web

from sandbox.seedream.faults import fault_of
from sandbox.seedream.settings import changed
from sandbox.seedream.state import ServiceState, body_of


class Control:
    """Routes of the request log, faults, settings, and received reference images."""

    def __init__(self, state: ServiceState) -> None:
        self._state = state

    def add_to(self, router: web.UrlDispatcher) -> None:
        router.add_get("/control/requests", self.requests)
        router.add_get("/control/inputs/{sha256}", self.input)
        router.add_get("/control/faults", self.faults)
        router.add_post("/control/faults", self.add_fault)
        router.add_delete("/control/faults", self.clear_faults)
        router.add_get("/control/settings", self.settings)
        router.add_patch("/control/settings", self.change_settings)
        router.add_post("/control/reset", self.reset)

    async def requests(self, request: web.Request) -> web.Response:
        """Return the request log; with `?last=`, only so many of the newest requests."""
        last = request.query.get("last", "")
        return web.json_response(self._state.request_log.json(int(last) if last.isdecimal() else None))

    async def input(self, request: web.Request) -> web.Response:
        data = self._state.inputs.get(request.match_info["sha256"])
        if data is None:
            raise web.HTTPNotFound
        return web.Response(body=data, content_type="application/octet-stream")

    async def faults(self, _request: web.Request) -> web.Response:
        return web.json_response({"faults": [asdict(fault) for fault in self._state.faults.waiting]})

    async def add_fault(self, request: web.Request) -> web.Response:
        fault = fault_of(await body_of(request, self._state.renderer))
        self._state.faults.add(fault)
        return web.json_response(asdict(fault), status=201)

    async def clear_faults(self, _request: web.Request) -> web.Response:
        self._state.faults.clear()
        return web.Response(status=204)

    async def settings(self, _request: web.Request) -> web.Response:
        return web.json_response(asdict(self._state.settings))

    async def change_settings(self, request: web.Request) -> web.Response:
        body = await body_of(request, self._state.renderer)
        self._state.settings = changed(self._state.settings, body)
        return web.json_response(asdict(self._state.settings))

    async def reset(self, _request: web.Request) -> web.Response:
        await self._state.reset()
        return web.Response(status=204)
