"""Readiness: named probes, run concurrently, each with a time limit."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from infra.db.errors import brief
from infra.db.leases import touch

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

log = logging.getLogger(__name__)

Probe = Callable[[], Awaitable[bool]]
PROBE_SECONDS = 2.0
SAMPLE_SECONDS = 2.0


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
        log.warning("readiness: %s failed: %s", name, brief(error))
        return "failed"


class Sampled:
    """A probe that is carried out at most every `seconds`; in between its last outcome counts."""

    def __init__(self, probe: Probe, *, seconds: float) -> None:
        self._probe = probe
        self._seconds = seconds
        self._sample: asyncio.Task[bool] | None = None
        self._began = 0.0

    async def __call__(self) -> bool:
        now = time.monotonic()
        if self._sample is None or (self._sample.done() and now - self._began >= self._seconds):
            self._began = now
            self._sample = asyncio.create_task(self._run(), name="readiness")
        # The caller may give up, but interrupting a statement can break the driver's connection.
        return await asyncio.shield(self._sample)

    async def _run(self) -> bool:
        try:
            return await self._probe()
        except Exception as error:  # noqa: BLE001 - any error means that this part doesn't work
            log.warning("readiness: %s", brief(error))
            return False


def database_takes_writes(engine: AsyncEngine) -> Probe:
    """A probe that writes to the database."""

    async def probe() -> bool:
        await touch(engine)
        return True

    return Sampled(probe, seconds=SAMPLE_SECONDS)
