"""Stands between a bot and the local world, and tells of every step of every job as it passes by."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Self

import aiohttp
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

# The steps of a job as they are seen from outside, each before and after the call.
STEPS = (
    "accepted", "posted", "submitting", "submitted", "between images", "showing", "shown",
    "calling back", "called back",
)  # fmt: skip
_UNSENT = {"Host", "Content-Length", "Transfer-Encoding", "Connection", "Content-Encoding", "Date", "Server"}
MOST_BODY = 100 * 2**20


class Proxy:
    """`reached` is called with the name of each step, and may take its time: the call waits meanwhile.

    `/discord` leads to the local Discord, `/api` to the local SeeDream, `/bot` to the web servers of the bots in turn.
    """

    def __init__(
        self, discord: str, seedream: str, bots: Sequence[str], reached: Callable[[str], Awaitable[None]]
    ) -> None:
        self._upstream = {"discord": cycle([discord]), "api": cycle([seedream]), "bot": cycle(bots)}
        self._reached = reached
        self.url = ""

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(auto_decompress=False, connector=aiohttp.TCPConnector(limit=0))
        app = web.Application(client_max_size=MOST_BODY)
        app.router.add_route("*", "/{where}/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        before, after = _steps(request)
        body = await request.read()
        if before:
            await self._reached(before)
        if before and _is_gone(request):
            return web.Response(status=502)  # whoever asked is dead: the call never came through
        where, path = request.match_info["where"], request.raw_path.split("/", 2)[2]
        headers = {name: value for name, value in request.headers.items() if name not in _UNSENT}
        try:
            async with self._session.request(
                request.method, f"{next(self._upstream[where])}/{path}", data=body, headers=headers
            ) as answer:
                return await self._given_back(request, answer, after)
        except aiohttp.ClientError:
            return web.Response(status=502)

    async def _given_back(
        self, request: web.Request, answer: aiohttp.ClientResponse, after: str | None
    ) -> web.StreamResponse:
        kept = {name: value for name, value in answer.headers.items() if name not in _UNSENT}
        response = web.StreamResponse(status=answer.status, headers=kept)
        try:
            is_first = True
            async for chunk in answer.content.iter_any():
                if is_first:
                    await self._told(after)
                    await response.prepare(request)
                    is_first = False
                elif after == "submitted":
                    await self._reached("between images")
                await response.write(chunk)
            if is_first:
                await self._told(after)
                await response.prepare(request)
            await response.write_eof()
        except ConnectionError:
            pass  # whoever asked is dead
        return response

    async def _told(self, step: str | None) -> None:
        if step:
            await self._reached(step)


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _steps(request: web.Request) -> tuple[str | None, str | None]:
    """The step that begins with this call, and the one that it completes."""
    where, path = request.match_info["where"], request.match_info["path"]
    match where, request.method:
        case "discord", "POST" if path.endswith(("/callback", "/messages")):
            return "accepted", "posted"
        case "discord", "PATCH":
            return "showing", "shown"
        case "api", "POST" if path.endswith("/images"):
            return "submitting", "submitted"
        case "bot", "POST":
            return "calling back", "called back"
        case _:
            return None, None
