"""A small client of the local Discord's control API."""

from __future__ import annotations

from typing import Any, Self

import aiohttp

Json = dict[str, Any]
LONGEST_SECONDS = 600.0


class ControlApi:
    """An async context manager; `url` is the local Discord's address."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=LONGEST_SECONDS)
        self._http = aiohttp.ClientSession(self._url, timeout=timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def get(self, path: str, **query: str) -> Any:
        async with self._http.get(f"/control/{path}", params=query) as answer:
            return await answer.json()

    async def post(self, path: str, body: Json) -> Any:
        async with self._http.post(f"/control/{path}", json=body) as answer:
            return await answer.json()

    async def wait_for(self, event: str, **query: str) -> Any:
        """Wait for an event of /control/wait. Return None if it does not happen in time."""
        return (await self.get("wait", **{"for": event}, **query))["found"]

    async def wait_until_ready(self) -> bool:
        return bool(await self.wait_for("ready", timeout="30"))

    async def download(self, url: str) -> bytes:
        async with self._http.get(url) as answer:
            return await answer.read()
