"""Processes under measurement: started, asked for their CPU and memory, ended. Linux only."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

ROOT = Path(__file__).parents[2]
_SCHEDULED = 2  # CPUCLOCK_SCHED: with the pid's complement above it, the clock of clock_getcpuclockid(3)


@asynccontextmanager
async def started(*arguments: str, environ: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Python process of this project; it is ended with SIGTERM."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, env={**os.environ, **environ}, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


@asynccontextmanager
async def local_world() -> AsyncIterator[dict[str, str]]:
    """`python -m sandbox`, and the addresses that it prints."""
    async with started("-m", "sandbox", "--port", "0", environ={}) as process:
        yield json.loads(await process.stdout.readline())


def cpu_seconds(pid: int) -> float:
    """User and system time so far, of all threads, by the process's own clock: /proc tells it in ticks of 10 ms."""
    return time.clock_gettime(~pid << 3 | _SCHEDULED)


def peak_mebibytes(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
