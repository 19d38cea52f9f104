"""Whether the process can do its work: named probes, asked together, each within a time of its own."""

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
    """Of each probe “ok”, “failed” or “timed out”. What a failed one says goes to the log: it may name secrets."""
    states = await asyncio.gather(*(_state(name, probe, within) for name, probe in probes.items()))
    return dict(zip(probes, states, strict=True))


async def _state(name: str, probe: Probe, within: float) -> str:
    try:
        async with asyncio.timeout(within):
            return "ok" if await probe() else "failed"
    except TimeoutError:
        return "timed out"
    except Exception as error:  # noqa: BLE001 - whatever it is, this part does not work
        log.warning("%s does not answer: %s", name, error)
        return "failed"


async def database_answers(engine: AsyncEngine) -> bool:
    """A probe. Raises what the database raises."""
    async with engine.connect() as connection:
        return bool((await connection.execute(text("SELECT 1"))).scalar_one())
