"""Readiness: named probes, run concurrently, each with a time limit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

log = logging.getLogger(__name__)

Probe = Callable[[], Awaitable[bool]]
PROBE_SECONDS = 2.0


async def examine(probes: Mapping[str, Probe], *, within: float = PROBE_SECONDS) -> dict[str, str]:
    """Returns “ok”, “failed” or “timed out” for each probe. Errors only go to the log: they may contain secrets."""
    states = await asyncio.gather(*(_state(name, probe, within) for name, probe in probes.items()))
    return dict(zip(probes, states, strict=True))


async def _state(name: str, probe: Probe, within: float) -> str:
    try:
        async with asyncio.timeout(within):
            return "ok" if await probe() else "failed"
    except TimeoutError:
        return "timed out"
    except Exception as error:  # noqa: BLE001 - any error means that this part doesn't work
        log.warning("readiness: %s failed: %s", name, error)
        return "failed"


async def database_answers(engine: AsyncEngine) -> bool:
    """A probe of the database. Raises what it raises."""
    async with engine.connect() as connection:
        return bool((await connection.execute(text("SELECT 1"))).scalar_one())
