from __future__ import annotations

import pytest

from seedream import SeeDreamClient

KEY = "sk-secret-4711"


class Clients:
    """Clients that do not wait: `slept` holds the seconds that they would have."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._open: list[SeeDreamClient] = []

    def __call__(self, url: str, **settings) -> SeeDreamClient:
        self._open.append(SeeDreamClient(**{"api_key": KEY, "base_url": url, "sleep": self._sleep} | settings))
        return self._open[-1]

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def close(self) -> None:
        for client in self._open:
            await client.close()


@pytest.fixture
async def clients():
    opened = Clients()
    yield opened
    await opened.close()
