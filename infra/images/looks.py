"""Looks at members' files before a request is accepted: at their first bytes, while a command waits for its answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from infra.images.fetching import Fetcher, FetchError
from seedream.images import GLANCE_BYTES, NotAnImageError, glance, glance_on
from studio.jobs.turns import Turns
from studio.quota.errors import CrowdedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.images.fetching import Route
    from studio.jobs.ports import Look

PATIENCE_SECONDS = 1.5  # of the three that Discord waits for an answer
AT_ONCE = 16  # in the whole process, which bounds memory to 4 MB


class LinkLooks:
    """An async context manager. `allow_local` is for a local world. `patience`: seconds for all links of a call."""

    def __init__(self, *, allow_local: bool, patience: float = PATIENCE_SECONDS, route: Route | None = None) -> None:
        self._fetcher = Fetcher(allow_local=allow_local, route=route)
        self._patience = patience
        self._turns = Turns(AT_ONCE)

    async def __aenter__(self) -> Self:
        await self._fetcher.__aenter__()
        return self

    async def __aexit__(self, *details: object) -> None:
        await self._fetcher.__aexit__(*details)

    async def look(self, urls: Sequence[str]) -> list[Look]:
        """Return what is behind each link; None if its host doesn't say in time."""
        return await asyncio.gather(*map(self._look, urls))

    async def _look(self, url: str) -> Look:
        try:
            async with asyncio.timeout(self._patience), self._turns.turn():
                head = await self._fetcher.head(url, most=GLANCE_BYTES)
                seen = glance(head)
                if seen.missing is None or len(head) < GLANCE_BYTES:
                    return seen
                return glance_on(seen, head, await self._fetcher.head(url, most=GLANCE_BYTES, start=seen.missing))
        except NotAnImageError as error:
            return error
        except (FetchError, TimeoutError, CrowdedError):
            return None
