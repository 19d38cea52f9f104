"""Serves the page, and forwards its calls to the control APIs of the local Discord and the local SeeDream.

The page has one origin and one WebSocket: `/live` sends the local Discord's events, and the local SeeDream's request
log when it has changed.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import aiohttp
from aiohttp import web

from sandbox.serving import own_origin_only

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

STATIC = Path(__file__).with_name("static")
EMOJI = Path(__file__).parents[1] / "emoji"
MOST_BODY = 120 * 2**20  # ten files, as base64
REQUESTS_SHOWN = 50
PREVIEW_BYTES = 2048
POLL_SECONDS = 0.5
LONGEST_CALL_SECONDS = 150.0


class Local(Protocol):
    @property
    def url(self) -> str: ...


class LocalPage:
    """An async context manager, entered after the two servers that it shows; `url` is the page's address."""

    def __init__(self, discord: Local, seedream: Local, host: str = "127.0.0.1", port: int = 0) -> None:
        self._discord, self._seedream = discord, seedream
        self._host, self._port = host, port
        self.url = ""

    def described(self) -> dict[str, str]:
        return {"page": self.url}

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=LONGEST_CALL_SECONDS)
        self._http = aiohttp.ClientSession(timeout=timeout)
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self.url = f"http://{self._host}:{self._runner.addresses[0][1]}/"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._http.close()

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=MOST_BODY, middlewares=[own_origin_only, self._guarded])
        app.router.add_get("/", self._index)
        app.router.add_get("/live", self._live)
        app.router.add_route("*", "/discord/{path:.+}", self._to(self._discord))
        app.router.add_route("*", "/seedream/{path:.+}", self._to(self._seedream))
        app.router.add_get("/preview/{path:.+}", self._preview)
        app.router.add_static("/emoji", EMOJI)
        app.router.add_static("/", STATIC)
        return app

    @web.middleware
    async def _guarded(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Let the page load only its own files and the pictures of the local Discord."""
        response = await handler(request)
        if not response.prepared:
            response.headers["Cache-Control"] = "no-cache"
            response.headers["Content-Security-Policy"] = (
                f"default-src 'self'; img-src 'self' blob: {self._discord.url}; frame-ancestors 'none'"
            )
        return response

    async def _index(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _preview(self, request: web.Request) -> web.Response:
        """Return the beginning of a file of the local Discord as plain text."""
        url = f"{self._discord.url}/{request.match_info['path']}"
        async with self._http.get(url, params=request.query) as answer:
            start = await answer.content.read(PREVIEW_BYTES)
        return web.Response(
            status=answer.status, text=start.decode("utf-8", "replace"), headers={"X-Content-Type-Options": "nosniff"}
        )

    def _to(self, server: Local) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def forward(request: web.Request) -> web.Response:
            url = f"{server.url}/control/{request.match_info['path']}"
            body = await request.read() if request.can_read_body else None
            headers = {"Content-Type": request.content_type} if body else {}
            try:
                async with self._http.request(
                    request.method, url, params=request.query, data=body, headers=headers
                ) as answer:
                    return web.Response(
                        status=answer.status, body=await answer.read(), content_type=answer.content_type
                    )
            except (aiohttp.ClientError, TimeoutError) as error:
                return web.json_response({"error": f"The local world doesn't respond: {error}"}, status=502)

        return forward

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        tasks = [asyncio.create_task(feed) for feed in (self._events(socket), self._requests(socket))]
        try:
            async for _ in socket:  # the page sends nothing; reading detects its end
                pass
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return socket

    async def _events(self, socket: web.WebSocketResponse) -> None:
        async with self._http.ws_connect(f"{self._discord.url}/control/events", max_msg_size=0) as events:
            async for event in events:
                await socket.send_str(event.data)
        await socket.close()  # the page reconnects and reloads

    async def _requests(self, socket: web.WebSocketResponse) -> None:
        shown: Any = None
        while True:
            query = {"last": str(REQUESTS_SHOWN)}
            async with self._http.get(f"{self._seedream.url}/control/requests", params=query) as answer:
                requests = await answer.json()
            if requests != shown:
                shown = requests
                await socket.send_str(json.dumps({"kind": "requests", "data": requests}))
            await asyncio.sleep(POLL_SECONDS)
